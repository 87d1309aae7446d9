import type { Container, Probe } from './objects.ts'

/** What a container would do if there were one. */
export interface Program {
  /** Whether anybody has the image. */
  readonly pullable: boolean
  /** When it ends by itself, milliseconds after its start, and how. Absent: never. */
  readonly end: { readonly after: number; readonly code: number } | undefined
  /** When it begins to listen, milliseconds after its start. */
  readonly listensAfter: number
  readonly port: number
  /** What it ends with when it is told to stop: a shell that is the first process does not listen, and is killed. */
  readonly stopCode: number
}

/**
 * The programs of the test images, as far as tests ask for them: a web server, or what a line of shell says of `sleep`, `exit`,
 * `true` and `false`. So the same apps behave alike with and without containers.
 */
export function programOf(container: Container): Program {
  const env = new Map(container.env?.map(({ name, value }) => [name, value ?? '']))
  const line = [...(container.command ?? []), ...(container.args ?? [])].join(' ')
  const own = line === '' || /(^|\/)app$/.test(line)
  const crash = env.get('CRASH_AFTER')
  return {
    pullable: !/:(absent|missing)$/.test(container.image),
    end: own ? (crash ? { after: seconds(crash), code: 3 } : undefined) : endOf(line),
    listensAfter: seconds(env.get('START_DELAY') ?? '0'),
    port: Number(env.get('PORT') ?? 8080),
    stopCode: own ? 0 : 137,
  }
}

function endOf(line: string): Program['end'] {
  if (/\b(while|until|httpd|infinity)\b/.test(line)) return undefined
  let after = 0
  let code = 0
  for (const [, word, value] of line.matchAll(/\b(sleep|exit|true|false)\b(?:\s+([\d.]+))?/g)) {
    if (word === 'sleep') after += seconds(value ?? '0')
    else if (word === 'exit') return { after, code: Number(value ?? 0) }
    else code = word === 'true' ? 0 : 1
  }
  return { after, code }
}

const PAGES: ReadonlySet<string> = new Set(['/', '/health', '/index.html'])

/** Why the program would fail the probe at that time after its start, in the kubelet's words; absent when it passes. */
export function probeFailure(
  probe: Probe,
  container: Container,
  program: Program,
  age: number,
): string | undefined {
  if (probe.exec) {
    const command = probe.exec.command?.join(' ') ?? ''
    return endOf(command)?.code ? `command "${command}" failed` : undefined
  }
  const given = probe.httpGet?.port ?? probe.tcpSocket?.port ?? probe.grpc?.port
  const port = container.ports?.find(({ name }) => name === given)?.containerPort ?? given
  if (port !== program.port || age < program.listensAfter)
    return `dial tcp 10.0.0.1:${port}: connect: connection refused`
  const path = probe.httpGet?.path ?? '/'
  return PAGES.has(path) ? undefined : 'HTTP probe failed with statuscode: 404'
}

function seconds(text: string): number {
  return Number(text) * 1000
}
