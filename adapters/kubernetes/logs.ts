import {
  type AppId,
  abortable,
  type Call,
  type Clock,
  IntermodalError,
  type LogLine,
  type LogsOptions,
  Mailbox,
} from 'intermodal'
import type { Api, Query } from './api.ts'
import { ApiError, isStatus } from './api-error.ts'
import { selectorText } from './history.ts'
import { PODS } from './kinds.ts'
import { splitLines } from './lines.ts'
import { mainContainerOf } from './main-container.ts'
import { existing, podsOf } from './picture.ts'
import { Reflector } from './reflector.ts'
import { revisionsOf } from './status-revision.ts'
import type { KubernetesObject } from './wire.ts'
import type { Pod } from './workload.ts'

export interface LogsContext {
  readonly api: Api
  readonly clock: Clock
  readonly random: () => number
  /** Milliseconds. */
  readonly idle: number
}

/** A line longer than this is delivered in pieces. */
const MAX_LINE = 2 ** 20
/** A server, and without `follow` a kubelet, that says nothing for so long is taken for hung, milliseconds. */
const IDLE = 15_000

/**
 * Lines of the main container of each instance: by instance without `follow`, as they come with it, from instances that
 * are made later too. Kubernetes does not tell the standard streams apart; everything is `stdout`.
 */
export async function* readLogs(
  context: LogsContext,
  id: AppId,
  options: LogsOptions,
  { signal }: Call,
): AsyncGenerator<LogLine, void, void> {
  const { api, clock } = context
  const [workload, { pods, history }] = await inTime(clock, signal, async (inner) => {
    const { object } = await existing(api, id, inner)
    return [object, await podsOf(api, object, inner)] as const
  })
  const container = mainContainerOf(workload, id)
  const revisions = revisionsOf(workload, workload.kind === 'CronJob' ? [] : history)
  const finite = workload.kind === 'Job' || workload.kind === 'CronJob'
  const chosen = options.instance
    ? pods.filter(({ metadata }) => metadata.name === options.instance)
    : pods.filter((pod) => finite || revisions.of(pod) === revisions.current)
  if (options.instance && chosen.length === 0) {
    throw new IntermodalError('APP_NOT_FOUND', `${id} has no instance ${options.instance}`, {
      app: id,
      remedy: 'see its instances in its status; old ones are forgotten',
    })
  }
  const reader = new Reader(context, container, options, signal)
  if (options.follow) yield* follow(context, reader, { workload, pods, chosen }, options, signal)
  else for (const pod of byAge(chosen)) yield* reader.lines(pod)
}

class Reader {
  readonly #context: LogsContext
  readonly #query: Query
  readonly #signal: AbortSignal
  readonly #follow: boolean

  constructor(
    context: LogsContext,
    container: string | undefined,
    { follow, previous, tail, since }: LogsOptions,
    signal: AbortSignal,
  ) {
    this.#context = context
    this.#signal = signal
    this.#follow = follow === true
    this.#query = {
      container,
      timestamps: true,
      follow: follow === true ? true : undefined,
      previous: previous === true ? true : undefined,
      tailLines: tail,
      sinceTime: since === undefined ? undefined : new Date(since).toISOString(),
    }
  }

  /** Nothing, where its container has not been started, or was not before. */
  async *lines({ metadata: { name = '' } }: Pod): AsyncGenerator<LogLine, void, void> {
    const { api, clock } = this.#context
    const signal = this.#signal
    try {
      const open = (inner: AbortSignal) => api.log(name, this.#query, inner)
      // A log that is followed may begin with its first line, whenever that comes.
      const stream = await (this.#follow ? open(signal) : inTime(clock, signal, open))
      // What a login page says was not said by the app.
      if (stream.headers?.['content-type']?.includes('html')) {
        stream.destroy()
        throw new ApiError('garbled', { at: '', detail: 'a page came in place of a log' })
      }
      const source = this.#follow ? stream : impatient(stream, clock)
      for await (const line of splitLines(source as AsyncIterable<Buffer>, MAX_LINE))
        yield parseLine(line, name)
    } catch (error) {
      signal.throwIfAborted()
      // 400: waiting to start, or no container before this one; 404: gone meanwhile.
      if (!isStatus(error, 400, 404)) throw error
    }
  }
}

interface Found {
  readonly workload: KubernetesObject
  readonly pods: readonly Pod[]
  readonly chosen: readonly Pod[]
}

async function* follow(
  { api, clock, random, idle }: LogsContext,
  reader: Reader,
  { workload, pods, chosen }: Found,
  options: LogsOptions,
  signal: AbortSignal,
): AsyncGenerator<LogLine, void, void> {
  const left = new AbortController()
  const mailbox = new Mailbox<LogLine>()
  const passedOver = new Set(pods.filter((pod) => !chosen.includes(pod)).map(nameOf))
  const reading = new Set<string>()
  const read = async (pod: Pod) => {
    const name = nameOf(pod)
    if (passedOver.has(name) || reading.has(name) || !hasStarted(pod)) return
    if (options.instance !== undefined && options.instance !== name) return
    reading.add(name)
    try {
      for await (const line of reader.lines(pod)) mailbox.put(line)
    } catch (error) {
      mailbox.fail(error)
    }
  }
  const select = { labelSelector: selectorText(workload) }
  const reflector = new Reflector(
    { api, resource: PODS, select, clock, random, idle, optional: false },
    {
      replace: (objects) => {
        for (const object of objects) void read(object as Pod)
      },
      set: (object) => void read(object as Pod),
      delete: () => {},
      // The lines go on to come on connections of their own; new instances are seen when it is well again.
      ill: () => {},
      well: () => {},
    },
  )
  const running = reflector.run(AbortSignal.any([signal, left.signal]))
  running.catch((error: unknown) => mailbox.fail(error))
  try {
    for (;;) {
      const next = await abortable(mailbox.next(), signal)
      if (next.done) return
      yield next.value
    }
  } finally {
    left.abort(new DOMException('nobody reads the log any more', 'AbortError'))
  }
}

function hasStarted({ status }: Pod): boolean {
  return (status?.containerStatuses ?? []).some(
    ({ state, lastState }) => state?.running ?? state?.terminated ?? lastState?.terminated,
  )
}

function nameOf({ metadata }: Pod): string {
  return metadata.name ?? ''
}

function byAge(pods: readonly Pod[]): readonly Pod[] {
  const age = ({ metadata }: Pod) => Date.parse(metadata.creationTimestamp ?? '') || 0
  return [...pods].sort((a, b) => age(a) - age(b) || (nameOf(a) < nameOf(b) ? -1 : 1))
}

const STAMPED = /^(\d{4}-\d\d-\d\dT\S+) /

function parseLine(line: Buffer, instance: string): LogLine {
  const text = line.toString('utf8').replace(/\r$/, '')
  const [prefix = '', time] = STAMPED.exec(text) ?? []
  return {
    instance,
    stream: 'stdout',
    ...(time === undefined ? {} : { time: Date.parse(time) }),
    text: text.slice(prefix.length),
  }
}

/** A log has no deadline, and what has to be asked before its first line has one. */
async function inTime<T>(
  clock: Clock,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  const cancel = clock.after(IDLE, () => late.abort(new ApiError('silent', { at: '' })))
  try {
    return await ask(AbortSignal.any([signal, late.signal]))
  } finally {
    cancel()
  }
}

/** Ends with an error when nothing comes for too long. */
async function* impatient(
  stream: AsyncIterable<Buffer> & { destroy(): unknown },
  clock: Clock,
): AsyncGenerator<Buffer, void, void> {
  const iterator = stream[Symbol.asyncIterator]()
  try {
    for (;;) {
      const late = new AbortController()
      const cancel = clock.after(IDLE, () => late.abort(new ApiError('silent', { at: 'the node' })))
      const next = await abortable(iterator.next(), late.signal).finally(cancel)
      if (next.done) return
      yield next.value
    }
  } finally {
    stream.destroy()
  }
}
