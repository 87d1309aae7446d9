import type { ServerResponse } from 'node:http'
import { badRequest } from '../errors.ts'
import { PODS } from '../kinds.ts'
import type { ContainerLife } from '../nodes/life.ts'
import type { Call } from '../routes/resources.ts'
import type { Answer } from './answer.ts'
import { flag } from './request.ts'

/** How often a log that is followed is looked at, milliseconds of the world's time. */
export const LOOK = 200

interface Line {
  readonly time: number
  readonly text: string
}

/** What a container has written. `undefined`: it is followed, and ends when the container does. */
export function serveLog(
  { cluster, request, target }: Call,
  response: ServerResponse,
): Answer | undefined {
  const { query } = request
  const { namespace, name = '' } = target
  const pod = cluster.writer.mustGet(PODS, namespace, name)
  const container = containerOf(pod.spec as never, query.get('container'), name)
  const life = () => cluster.nodes.kubelet.containerOf(pod.metadata.uid, container)
  const one = life()
  const previous = flag(request, 'previous') && query.has('previous')
  if (previous && !one?.previousLog)
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`)
  if (!one || (one.restarts === 0 && !hasRun(one))) throw waiting(name, container, one)
  const timestamps = query.has('timestamps') && flag(request, 'timestamps')
  const show = ({ time, text }: Line) =>
    `${timestamps ? `${new Date(time).toISOString().replace('Z', '000000Z')} ` : ''}${text}\n`
  const lines = chosen((previous ? one.previousLog : one.log) ?? [], query, cluster.now)
  if (!query.has('follow') || !flag(request, 'follow') || previous)
    return { status: 200, bytes: cut(lines.map(show).join(''), query), contentType: 'text/plain' }
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.flushHeaders()
  for (const line of lines) response.write(show(line))
  follow(one, life, {
    write: (line) => response.write(show(line)),
    end: () => response.end(),
    later: (run) => cluster.after(LOOK, run),
    onClose: (stop) => response.once('close', stop),
  })
  return undefined
}

function cut(text: string, query: URLSearchParams): Buffer {
  const limit = query.get('limitBytes')
  const bytes = Buffer.from(text)
  return limit === null ? bytes : bytes.subarray(0, Number(limit))
}

/** Where the lines of a log go as they are written. */
export interface Reader {
  readonly write: (line: Line) => void
  readonly end: () => void
  readonly later: (run: () => void) => () => void
  readonly onClose: (stop: () => void) => void
}

/** From now on, until the container ends. */
export function follow(
  { log }: ContainerLife,
  life: () => ContainerLife | undefined,
  { write, end, later, onClose }: Reader,
): void {
  let told = log.length
  let stop = () => {}
  const look = () => {
    for (const line of log.slice(told)) write(line)
    told = log.length
    const now = life()
    // The next run writes a log of its own.
    if (now?.log !== log || now.phase !== 'running') end()
    else stop = later(look)
  }
  onClose(() => stop())
  look()
}

function hasRun({ phase }: ContainerLife): boolean {
  return phase === 'running' || phase === 'ended' || phase === 'backOff'
}

/** The container that is meant. Throws the 400 when that is not clear. */
export function containerOf(
  spec: {
    readonly containers: readonly { readonly name: string }[]
    readonly initContainers?: readonly { readonly name: string }[]
  },
  wanted: string | null,
  pod: string,
): string {
  const names = spec.containers.map(({ name }) => name)
  const all = [...names, ...(spec.initContainers ?? []).map(({ name }) => name)]
  if (wanted !== null) {
    if (all.includes(wanted)) return wanted
    throw badRequest(`container ${wanted} is not valid for pod ${pod}`)
  }
  if (names.length > 1)
    throw badRequest(
      `a container name must be specified for pod ${pod}, choose one of: [${names.join(' ')}]`,
    )
  return names[0] ?? ''
}

function waiting(pod: string, container: string, life: ContainerLife | undefined) {
  if (life?.phase === 'pullFailed' || life?.phase === 'pullBackOff')
    return badRequest(
      `container "${container}" in pod "${pod}" is waiting to start: ${life.phase === 'pullFailed' ? "image can't be pulled" : 'trying and failing to pull image'}`,
    )
  return badRequest(
    `container "${container}" in pod "${pod}" is waiting to start: ContainerCreating`,
  )
}

function chosen(lines: readonly Line[], query: URLSearchParams, now: number): readonly Line[] {
  const seconds = query.get('sinceSeconds')
  const time = query.get('sinceTime')
  const from =
    seconds === null ? (time === null ? 0 : Date.parse(time)) : now - Number(seconds) * 1000
  const recent = lines.filter((line) => line.time >= from)
  const tail = query.get('tailLines')
  const last = tail === null ? recent : recent.slice(Math.max(0, recent.length - Number(tail)))
  return last
}
