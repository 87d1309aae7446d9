import type { Duplex } from 'node:stream'
import {
  type AppId,
  type Call,
  type ExecOptions,
  type ExecSession,
  IntermodalError,
} from 'intermodal'
import type { Engine } from './client.ts'
import { demultiplex } from './demux.ts'
import { explainError } from './errors.ts'
import type { Service } from './wire.ts'

const TASK_ID = 'com.docker.swarm.task.id'
const SERVICE_ID = 'com.docker.swarm.service.id'

/**
 * Runs a command in an instance on the node we are connected to: Swarm has no way to another node's containers, each
 * engine only knows its own.
 */
export async function execute(
  engine: Engine,
  service: Service,
  id: AppId,
  command: readonly string[],
  options: ExecOptions,
  { signal }: Call,
): Promise<ExecSession> {
  const label = options.instance ? `${TASK_ID}=${options.instance}` : `${SERVICE_ID}=${service.ID}`
  const [container] = await engine.containers(signal, { label: [label], status: ['running'] })
  if (!container) {
    const which = options.instance ? `instance ${options.instance}` : 'no instance'
    throw new IntermodalError(
      'UNSUPPORTED',
      options.instance
        ? `${which} of ${id} does not run on the node connected to`
        : `${which} of ${id} runs on the node connected to`,
      { app: id, remedy: 'connect to the engine of the node that runs it; status shows which' },
    )
  }
  const tty = options.tty === true
  const { socket, exitCode } = await engine.exec(
    container.Id,
    {
      AttachStdout: true,
      AttachStderr: true,
      AttachStdin: options.stdin !== undefined,
      Tty: tty,
      Cmd: [...command],
    },
    signal,
  )
  const fed = options.stdin ? feed(socket, options.stdin) : Promise.resolve()
  const ended = Promise.withResolvers<void>()
  const exit = finish(fed, ended.promise, exitCode, id, signal)
  // Whoever is told by the output that it broke asks no more how it ended.
  exit.catch(() => {})
  return { output: output(socket, tty, signal, ended), exitCode: exit }
}

async function* output(
  socket: Duplex,
  tty: boolean,
  signal: AbortSignal,
  ended: PromiseWithResolvers<void>,
): AsyncGenerator<{ readonly stream: 'stdout' | 'stderr'; readonly data: Uint8Array }, void, void> {
  try {
    if (tty) for await (const data of socket) yield { stream: 'stdout', data: data as Buffer }
    else yield* demultiplex(socket)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw explainError(error, 'read the output')
  } finally {
    socket.destroy()
    ended.resolve()
  }
}

async function feed(socket: Duplex, stdin: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of stdin) {
    if (socket.destroyed) return
    if (!socket.write(chunk))
      await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve))
  }
  socket.end()
}

/** A killed engine ends the connection as cleanly as a finished command does: only asking tells. */
async function finish(
  fed: Promise<void>,
  ended: Promise<void>,
  exitCode: (signal: AbortSignal) => Promise<number | undefined>,
  id: AppId,
  signal: AbortSignal,
): Promise<number> {
  await Promise.all([fed, ended])
  const code = await exitCode(signal).catch((error: unknown) => {
    if (signal.aborted) throw signal.reason
    throw explainError(error, 'learn the exit code', id)
  })
  if (code !== undefined) return code
  throw new IntermodalError('UNAVAILABLE', `the command in ${id} was left while it runs`, {
    app: id,
    retryable: false,
    remedy: 'read the output to its end to learn the exit code',
  })
}
