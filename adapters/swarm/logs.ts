import type { IncomingMessage } from 'node:http'
import {
  type AppId,
  abortable,
  type Call,
  type Clock,
  IntermodalError,
  type LogLine,
  type LogsOptions,
} from 'intermodal'
import type { Engine } from './client.ts'
import { demultiplex, type Frame } from './demux.ts'
import { REVISION } from './labels.ts'
import { TransportError } from './transport-error.ts'
import type { Service, Task } from './wire.ts'

/** Without `follow`, a node that says nothing for so long is taken for hung; Swarm itself would wait for ever. */
const IDLE = 10_000
/** A line longer than this is delivered in pieces. */
const MAX_LINE = 2 ** 20

/**
 * Lines of the log of each instance, by instance without `follow`, as they come with it.
 *
 * Without `follow` each instance is asked by itself and those on nodes that are down are left out: Swarm's log of a
 * service never ends, and often never begins, when one of its nodes does not answer.
 */
export async function* readLogs(
  engine: Engine,
  clock: Clock,
  service: Service,
  id: AppId,
  options: LogsOptions,
  { signal }: Call,
): AsyncGenerator<LogLine, void, void> {
  const tty = service.Spec.TaskTemplate.ContainerSpec?.TTY === true
  const query = {
    stdout: true,
    stderr: true,
    timestamps: true,
    details: true,
    follow: options.follow === true,
    tail: options.tail ?? 'all',
    ...(options.since === undefined ? {} : { since: (options.since / 1000).toFixed(3) }),
  }
  const belongs = await wanted(engine, service, id, options, signal)
  if (options.follow) {
    const of = options.instance
      ? ({ kind: 'tasks', id: options.instance } as const)
      : ({ kind: 'services', id: service.ID } as const)
    const stream = await engine.logs(of, query, signal)
    for await (const line of lines(stream, tty, options.instance)) {
      if (await belongs.includes(line.instance)) yield line
    }
    return
  }
  for (const task of belongs.now) {
    const stream = await engine.logs({ kind: 'tasks', id: task.ID }, query, signal)
    yield* lines(impatient(stream, engine.at, clock), tty, task.ID)
  }
}

/** Which instances are meant, now and, for those that come later, by asking for each once. */
async function wanted(
  engine: Engine,
  service: Service,
  id: AppId,
  options: LogsOptions,
  signal: AbortSignal,
): Promise<{
  readonly now: readonly Task[]
  readonly includes: (task: string) => Promise<boolean>
}> {
  const [tasks, nodes] = await Promise.all([
    engine.tasks(signal, { service: [service.ID] }),
    engine.nodes(signal),
  ])
  const revision = service.Spec.Labels?.[REVISION]
  const matches = (task: Task) =>
    options.instance ? task.ID === options.instance : revisionOfTask(task) === revision
  if (options.instance && !tasks.some(matches)) {
    throw new IntermodalError('APP_NOT_FOUND', `${id} has no instance ${options.instance}`, {
      app: id,
      remedy: 'see its instances in its status; old ones are forgotten',
    })
  }
  const up = new Set(nodes.filter(({ Status }) => Status.State === 'ready').map(({ ID }) => ID))
  const known = new Map(tasks.map((task) => [task.ID, matches(task)]))
  const readable = tasks.filter(
    (task) => task.Status.ContainerStatus?.ContainerID && task.NodeID && up.has(task.NodeID),
  )
  const chosen = options.previous ? previousOf(readable) : readable.filter(matches)
  return {
    now: chosen.sort((a, b) => (a.CreatedAt < b.CreatedAt ? -1 : 1)),
    includes: async (task) => {
      const answer = known.get(task)
      if (answer !== undefined) return answer
      const found = await engine.tasks(signal, { id: [task] })
      const result = found.some(matches)
      known.set(task, result)
      return result
    },
  }
}

/** In each slot, the one before the newest. */
function previousOf(tasks: readonly Task[]): Task[] {
  const bySlot = Map.groupBy(tasks, (task) => task.Slot ?? task.NodeID)
  return [...bySlot.values()].flatMap((slot) => {
    const [, before] = slot.sort((a, b) => (a.CreatedAt < b.CreatedAt ? 1 : -1))
    return before ? [before] : []
  })
}

function revisionOfTask({ Spec }: Task): string | undefined {
  return Spec.ContainerSpec?.Labels?.[REVISION]
}

async function* lines(
  source: AsyncIterable<Buffer>,
  tty: boolean,
  instance: string | undefined,
): AsyncGenerator<LogLine, void, void> {
  const begun = new Map<string, LogLine>()
  for await (const frame of tty ? untouched(source) : demultiplex(source)) {
    for (const text of frame.data.toString('utf8').split(/(?<=\n)/)) {
      const piece = parseLine(text, frame.stream, instance)
      const key = `${piece.instance}/${piece.stream}`
      const before = begun.get(key)
      const line = before ? { ...before, text: before.text + piece.text } : piece
      if (!line.text.endsWith('\n') && line.text.length < MAX_LINE) {
        begun.set(key, line)
        continue
      }
      begun.delete(key)
      yield { ...line, text: line.text.replace(/\r?\n$/, '') }
    }
  }
  yield* begun.values()
}

async function* untouched(source: AsyncIterable<Buffer>): AsyncGenerator<Frame, void, void> {
  for await (const data of source) yield { stream: 'stdout', data }
}

const LINE = /^(\d{4}-\d\d-\d\dT\S+Z) (?:(\S*com\.docker\.swarm\.\S*) )?/
const TASK = /com\.docker\.swarm\.task\.id=([^,\s]+)/

function parseLine(
  text: string,
  stream: 'stdout' | 'stderr',
  instance: string | undefined,
): LogLine {
  const [prefix, time, details = ''] = LINE.exec(text) ?? ['', undefined]
  const [, task] = TASK.exec(details) ?? []
  return {
    instance: instance ?? task ?? '',
    stream,
    ...(time === undefined ? {} : { time: Date.parse(time) }),
    text: text.slice(prefix.length),
  }
}

/** Ends with a `timeout` when nothing comes for too long. */
async function* impatient(
  stream: IncomingMessage,
  at: string,
  clock: Clock,
): AsyncGenerator<Buffer, void, void> {
  const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  try {
    for (;;) {
      const idle = new AbortController()
      const cancel = clock.after(IDLE, () => idle.abort(new TransportError('timeout', { at })))
      const next = await abortable(iterator.next(), idle.signal).finally(cancel)
      if (next.done) return
      yield next.value
    }
  } finally {
    stream.destroy()
  }
}
