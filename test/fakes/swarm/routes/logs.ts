import type { Container, LogEntry } from '../agent/container.ts'
import { refuse } from '../errors.ts'
import { flag, type Request } from '../http/request.ts'
import type { ServiceRecord, TaskRecord } from '../store/objects.ts'
import { parseStamp, printStamp } from '../store/stamps.ts'
import type { Daemon, Reply, Sink } from './parts.ts'

export function serviceLogs(daemon: Daemon, request: Request, service: ServiceRecord): Reply {
  const tty = service.Spec.TaskTemplate.ContainerSpec?.TTY === true
  return logs(daemon, request, { tty, of: (task) => task.ServiceID === service.ID })
}

export function taskLogs(daemon: Daemon, request: Request, task: TaskRecord): Reply {
  const tty = task.Spec.ContainerSpec?.TTY === true
  return logs(daemon, request, { tty, of: (other) => other === task })
}

/** Unlike those of a service they end when nothing more will come. */
export function containerLogs(daemon: Daemon, request: Request, container: Container): Reply {
  const { task } = container
  const tty = task.Spec.ContainerSpec?.TTY === true
  return logs(daemon, request, { tty, of: (other) => other === task, only: container })
}

interface Which {
  /** Of this container alone, on its own node. */
  readonly only?: Container
  readonly tty: boolean
  readonly of: (task: TaskRecord) => boolean
}

function logs({ swarm }: Daemon, request: Request, which: Which): Reply {
  const streams = { stdout: flag(request, 'stdout'), stderr: flag(request, 'stderr') }
  if (!streams.stdout && !streams.stderr)
    throw refuse(which.only ? 400 : 500, 'Bad parameters: you must choose at least one stream')
  const since = sinceOf(request, which)
  const tail = tailOf(request, which)
  const print = printer(request, which)
  const wanted = ({ stream, at }: LogEntry) => streams[stream] && at >= since
  const mine = () => swarm.agents.containers().filter(({ task }) => which.of(task))
  return {
    stream: {
      run(sink) {
        const past = mine().flatMap((container) =>
          container.log
            // The engine counts the lines of both streams, whichever was asked for.
            .slice(-tail || Number.POSITIVE_INFINITY)
            .filter(wanted)
            .map((entry) => ({ container, entry })),
        )
        past.sort((a, b) => (a.entry.at < b.entry.at ? -1 : 1))
        if (tail > 0) for (const { container, entry } of past) sink.write(print(container, entry))
        const goesOn = which.only === undefined || which.only.state !== 'exited'
        if (flag(request, 'follow') && goesOn) follow(sink, { swarm, which, wanted, print, mine })
        else sink.end()
      },
    },
  }
}

function sinceOf({ query }: Request, { only }: Which): bigint {
  const text = query.get('since') ?? ''
  const [seconds = ''] = text.split('.')
  if (text !== '' && !/^\d+$/.test(seconds))
    throw refuse(
      500,
      `${only ? '' : 'could not parse since timestamp: '}strconv.ParseInt: parsing "${seconds}": invalid syntax`,
    )
  return moment(text)
}

/** Of a container, what is no number means all. */
function tailOf({ query }: Request, { only }: Which): number {
  const text = query.get('tail') ?? ''
  if (text === '' || text === 'all' || (only && !/^\d+$/.test(text)))
    return Number.POSITIVE_INFINITY
  if (/^-\d+$/.test(text)) throw refuse(500, 'negative tail values not supported')
  if (!/^\d+$/.test(text)) throw refuse(500, 'tail value must be a positive integer or "all"')
  return Number(text)
}

/** As long as somebody listens, even when the service is gone; containers that come later are followed too. */
function follow(
  sink: Sink,
  {
    swarm,
    which,
    wanted,
    print,
    mine,
  }: {
    readonly swarm: Daemon['swarm']
    readonly which: Which
    readonly wanted: (entry: LogEntry) => boolean
    readonly print: (container: Container, entry: LogEntry) => Buffer
    readonly mine: () => readonly Container[]
  },
): void {
  const stops = new Map<Container, () => void>()
  const look = () => {
    for (const container of mine()) {
      if (stops.has(container)) continue
      const stop = container.follow((entry) => {
        if (entry && wanted(entry)) sink.write(print(container, entry))
        if (!entry && which.only) sink.end()
      })
      stops.set(container, stop)
    }
  }
  look()
  const unlisten = swarm.store.bus.listen(({ Type, Action, Actor }) => {
    if (Type !== 'container' || Action !== 'create') return
    const task = swarm.store.tasks.get(Actor.Attributes['com.docker.swarm.task.id'] ?? '')
    if (task && which.of(task)) swarm.time.after(0, look)
  })
  sink.onClose(() => {
    unlisten()
    for (const stop of stops.values()) stop()
  })
}

function printer(
  request: Request,
  { tty, only }: Which,
): (container: Container, entry: LogEntry) => Buffer {
  const [details, timestamps] = [flag(request, 'details'), flag(request, 'timestamps')]
  return ({ task }, { at, stream, text }) => {
    // Of a container: what its log driver was told to add, which is nothing here.
    const attributes = only
      ? ''
      : `com.docker.swarm.node.id=${task.NodeID},com.docker.swarm.service.id=${task.ServiceID},com.docker.swarm.task.id=${task.ID}`
    const line = [
      ...(timestamps ? [fullStamp(at)] : []),
      ...(details ? [attributes] : []),
      `${text}${tty ? '\r' : ''}\n`,
    ].join(' ')
    return tty ? Buffer.from(line) : frame(stream, line)
  }
}

/** Always nine digits here. */
function fullStamp(at: bigint): string {
  const [whole = '', digits = ''] = printStamp(at).slice(0, -1).split('.')
  return `${whole}.${digits.padEnd(9, '0')}Z`
}

export function frame(stream: 'stdout' | 'stderr', text: string | Buffer): Buffer {
  const data = Buffer.from(text)
  const head = Buffer.alloc(8)
  head[0] = stream === 'stdout' ? 1 : 2
  head.writeUInt32BE(data.length, 4)
  return Buffer.concat([head, data])
}

/** Seconds since the epoch with a fraction, or RFC 3339; nothing is the beginning of time. */
export function moment(text: string | null): bigint {
  if (!text) return 0n
  const [, seconds, fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (seconds !== undefined)
    return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9))
  return parseStamp(text) ?? 0n
}
