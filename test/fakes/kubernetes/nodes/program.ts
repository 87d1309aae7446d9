/** What a container would do if there were one. */
export interface Program {
  /** When it ends by itself, milliseconds after its start, and how. Absent: never. */
  readonly end?:
    | { readonly after: number; readonly code: number; readonly oom?: boolean }
    | undefined
  /** When it begins to listen, milliseconds after its start. */
  readonly listensAfter: number
  /** Where it listens. Absent: wherever it is asked. */
  readonly port?: number | undefined
  /** Which pages it has. Absent: every one. */
  readonly pages?: readonly string[] | undefined
  /** What it writes when it starts. */
  readonly says: readonly string[]
  /** Whether it ends when it is asked to, or has to be killed. */
  readonly listensToStop: boolean
}

interface Container {
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
}

/**
 * What a command line does, as far as a line of shell says it: `sleep`, `exit`, `true`, `false`, `echo`, and busybox's `httpd`, which
 * serves the files the line wrote before. Anything else runs for ever, and answers whatever checks ask.
 */
export function programOf(container: Container): Program {
  const words = [...(container.command ?? []), ...(container.args ?? [])]
  const line = words.join(' ')
  const stops = {
    listensToStop: !/\bsh\b.*-c/.test(line) || /\bexec\b/.test(line),
    says: saidBy(line),
  }
  const server = /\bhttpd\b.*?-p\s+(\d+)/.exec(line)
  if (server) {
    const files = [...line.matchAll(/>\s*([\w./-]+)/g)].map(([, file]) => `/${file}`)
    return {
      listensAfter: 0,
      port: Number(server[1]),
      pages: [...files, ...(files.includes('/index.html') ? ['/'] : [])],
      ...stops,
    }
  }
  return { listensAfter: 0, end: endOf(line), ...stops }
}

/** How a command ends, and what it prints: for `exec`. */
export function outcomeOf(words: readonly string[]): {
  readonly code: number
  readonly stdout: string
} {
  const line = words.join(' ')
  const code = endOf(line)?.code ?? 0
  const stdout = saidBy(line)
    .map((text) => `${text}\n`)
    .join('')
  return { code, stdout }
}

function saidBy(line: string): readonly string[] {
  return [...line.matchAll(/\becho\s+(?:-e\s+)?(['"]?)([^;&|>'"]*)\1(\s*[;&|>]|$)/g)]
    .filter(([, , , after = '']) => !after.includes('>'))
    .map(([, , text = '']) => text.trim())
}

/** Commands run one after the other; the first one nobody here knows runs for ever. */
function endOf(line: string): Program['end'] {
  const script = /^\S*sh\s+-\w*c\s+(.*)$/s.exec(line)?.[1] ?? line
  let after = 0
  let code: number | undefined
  for (const command of script.split(/;|&&|\|\||\n/)) {
    const [word = '', value] = command.trim().split(/\s+/)
    if (word === '') continue
    if (word === 'exit') return { after, code: Number(value ?? code ?? 0) }
    if (!QUICK.has(word)) return undefined
    if (word === 'sleep') {
      if (!(Number(value) >= 0)) return undefined
      after += Number(value) * 1000
    }
    code = word === 'false' ? 1 : 0
  }
  return code === undefined ? undefined : { after, code }
}

const QUICK: ReadonlySet<string> = new Set([
  'sleep',
  'true',
  'false',
  'echo',
  'cd',
  'mkdir',
  'touch',
  'date',
])
