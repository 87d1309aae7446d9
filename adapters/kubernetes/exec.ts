import { Readable, Writable } from 'node:stream'
import {
  type AppId,
  abortable,
  type Call,
  type ExecOptions,
  type ExecSession,
  IntermodalError,
  Mailbox,
} from 'intermodal'
import type { Api } from './api.ts'
import { ApiError } from './api-error.ts'
import { openExec } from './client.ts'
import { explainError } from './errors.ts'
import { connectionError } from './exchange.ts'
import { mainContainerOf } from './main-container.ts'
import { existing, podsOf } from './picture.ts'
import type { Pod } from './workload.ts'

type Piece = { readonly stream: 'stdout' | 'stderr'; readonly data: Uint8Array }

/** Runs a command in the main container of an instance. */
export async function execute(
  api: Api,
  id: AppId,
  command: readonly string[],
  options: ExecOptions,
  { signal }: Call,
): Promise<ExecSession> {
  const { object: workload } = await existing(api, id, signal)
  const { pods } = await podsOf(api, workload, signal)
  const pod = choose(pods, id, options.instance)
  const namespace = await api.namespace(signal)
  const config = await api.transport.config(signal)
  const output = new Mailbox<Piece>()
  const exit = Promise.withResolvers<number>()
  // It may be known before anybody asks.
  exit.promise.catch(() => {})
  const end = (how: () => void) => {
    output.end()
    how()
  }
  const into = (stream: Piece['stream']) =>
    new Writable({
      write(data: Buffer, _, done) {
        output.put({ stream, data })
        done()
      },
    })
  const target = {
    namespace,
    pod: pod.metadata.name ?? '',
    container: mainContainerOf(workload, id) ?? '',
    command,
    tty: options.tty === true,
  }
  const opening = openExec(
    config,
    target,
    {
      stdout: into('stdout'),
      stderr: into('stderr'),
      stdin: options.stdin && Readable.from(options.stdin, { objectMode: false }),
      ended: (status) => end(() => settle(status, id, exit)),
      closed: () =>
        end(() => exit.reject(signal.aborted ? signal.reason : broken(id, 'the connection broke'))),
    },
    signal,
  )
  const close = await abortable(opening, signal).catch(async (error: unknown) => {
    opening.then((late) => late()).catch(() => {}) // Opened after all: nobody wants it any more.
    if (signal.aborted) throw signal.reason
    throw await openingError(api, error, target, signal)
  })
  const abort = () => {
    close()
    exit.reject(signal.reason)
    output.fail(signal.reason)
  }
  signal.addEventListener('abort', abort, { once: true })
  const release = () => signal.removeEventListener('abort', abort)
  exit.promise.then(release, release)
  return { output: read(output, close), exitCode: exit.promise }
}

async function* read(output: Mailbox<Piece>, close: () => void): AsyncGenerator<Piece, void, void> {
  try {
    yield* output
  } finally {
    close()
  }
}

function choose(pods: readonly Pod[], id: AppId, instance: string | undefined): Pod {
  const running = pods.filter(
    ({ status, metadata }) => status?.phase === 'Running' && metadata.deletionTimestamp == null,
  )
  const ready = running.filter(({ status }) =>
    status?.conditions?.some(({ type, status: on }) => type === 'Ready' && on === 'True'),
  )
  const found =
    instance === undefined
      ? (ready[0] ?? running[0])
      : pods.find(({ metadata }) => metadata.name === instance)
  if (found) return found
  throw new IntermodalError(
    instance === undefined ? 'CONFLICT' : 'APP_NOT_FOUND',
    instance === undefined ? `${id} has no running instance` : `${id} has no instance ${instance}`,
    { app: id, remedy: 'see its instances in its status' },
  )
}

interface ExecStatus {
  readonly status?: string
  readonly reason?: string
  readonly message?: string
  readonly details?: {
    readonly causes?: readonly { readonly reason?: string; readonly message?: string }[]
  }
}

function settle(given: unknown, id: AppId, exit: PromiseWithResolvers<number>): void {
  const { status, reason, message, details } = given as ExecStatus
  const code = details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message
  if (status === 'Success') exit.resolve(0)
  else if (reason === 'NonZeroExitCode' && code !== undefined) exit.resolve(Number(code))
  else exit.reject(broken(id, message ?? 'the node did not say why'))
}

function broken(id: AppId, why: string): IntermodalError {
  return new IntermodalError('UNAVAILABLE', `the command in ${id} did not end by itself: ${why}`, {
    app: id,
    retryable: false,
    remedy: 'see whether the instance and its node are well; the command may still run',
  })
}

/** The library tells the status of a refusal only, in a sentence of the WebSocket package. */
async function openingError(
  api: Api,
  error: unknown,
  { namespace, pod }: { readonly namespace: string; readonly pod: string },
  signal: AbortSignal,
): Promise<unknown> {
  const asked = { verb: 'create', resource: 'pods/exec', namespace, name: pod }
  const cluster = (await api.transport.config(signal)).getCurrentCluster()
  const at = cluster ? new URL(cluster.server).origin : ''
  const { message = '', error: cause } = error as {
    readonly message?: string
    readonly error?: NodeJS.ErrnoException
  }
  const status = /Unexpected server response: (\d{3})/.exec(message)?.[1]
  if (status !== undefined) return new ApiError('http', { at, asked, status: Number(status) })
  return cause?.code
    ? connectionError(cause, at, asked)
    : explainError(error, `run a command in ${pod}`)
}
