import {
  type AppId,
  type Call,
  type ExecSession,
  IntermodalError,
  type LogLine,
  type LogsOptions,
  Mailbox,
} from 'intermodal'
import type { AppRecord, InstanceRecord } from './world/model.ts'
import type { World } from './world.ts'

/** What instances wrote, oldest first; with `follow`, what they write from then on too. */
export async function* readLogs(
  world: World,
  id: AppId,
  options: LogsOptions,
  call: Call,
): AsyncGenerator<LogLine, void, void> {
  const { signal } = call
  signal.throwIfAborted()
  const mailbox = new Mailbox<'changed'>()
  const abort = () => mailbox.fail(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  const stop = world.engine.onChange((changed) => {
    if (changed === id) mailbox.put('changed', 'changed')
  })
  const uncut = world.faults.onCut('logs', (error) => mailbox.fail(error))
  try {
    const told = new Map<string, number>()
    yield* newLines(world.engine.state.apps.get(id), options, told, true)
    if (!options.follow) return
    for await (const _ of mailbox) {
      await world.faults.hold('logs', signal)
      const record = world.engine.state.apps.get(id)
      if (!record) return
      yield* newLines(record, options, told, false)
    }
  } finally {
    stop()
    uncut()
    signal.removeEventListener('abort', abort)
  }
}

function newLines(
  record: AppRecord | undefined,
  options: LogsOptions,
  told: Map<string, number>,
  first: boolean,
): readonly LogLine[] {
  if (!record) return []
  const lines: LogLine[] = []
  for (const instance of chosen(record, options)) {
    const log = (instance.log ?? []).filter(({ time }) => time >= (options.since ?? 0))
    const seen = told.get(instance.id) ?? 0
    const from = first && options.tail !== undefined ? Math.max(0, log.length - options.tail) : seen
    told.set(instance.id, log.length)
    for (const { time, stream, text } of log.slice(from)) {
      lines.push({ instance: instance.id, stream, time, text })
    }
  }
  return lines.sort((a, b) => (a.time ?? 0) - (b.time ?? 0))
}

function chosen(record: AppRecord, { instance, previous }: LogsOptions): readonly InstanceRecord[] {
  if (instance !== undefined && !previous)
    return record.instances.filter(({ id }) => id === instance)
  const slot = record.instances.find(({ id }) => id === instance)?.slot
  const ended = (one: InstanceRecord) => one.finishedAt !== undefined
  if (previous)
    return record.instances.filter((one) => ended(one) && (slot === undefined || one.slot === slot))
  return record.instances.filter(({ revision }) => revision === record.spec.revision)
}

/** Runs a command in an instance: the answer was scripted. */
export function runCommand(
  world: World,
  record: AppRecord,
  command: readonly string[],
  wanted: string | undefined,
): ExecSession {
  const instance = record.instances.find(({ id, ready, state }) =>
    wanted === undefined ? ready : id === wanted && state === 'running',
  )
  if (!instance) {
    const what = wanted === undefined ? 'no ready instance' : `no running instance ${wanted}`
    throw new IntermodalError('CONFLICT', `${record.id} has ${what} to run a command in`, {
      app: record.id,
      remedy: 'wait until it is running, or name another instance',
    })
  }
  const { stdout, stderr, exitCode = 0 } = world.script.answer(record.id, command, instance.id)
  return { output: outputOf(stdout, stderr), exitCode: Promise.resolve(exitCode) }
}

async function* outputOf(
  stdout: string | undefined,
  stderr: string | undefined,
): AsyncGenerator<{ readonly stream: 'stdout' | 'stderr'; readonly data: Uint8Array }> {
  const encoder = new TextEncoder()
  if (stdout) yield { stream: 'stdout', data: encoder.encode(stdout) }
  if (stderr) yield { stream: 'stderr', data: encoder.encode(stderr) }
}
