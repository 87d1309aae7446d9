import { Socket } from 'node:net'
import { createGunzip } from 'node:zlib'
import { IntermodalError } from 'intermodal'
import type { TlsOptions } from './connection.ts'
import { HttpError } from './http-error.ts'

type Undici = typeof import('undici')

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly origin: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal: AbortSignal
  /** Without any answer for this long another Marathon is asked, milliseconds; 0 waits as long as the signal lets it. */
  readonly headersTimeout?: number | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: AsyncIterable<Uint8Array>
  /** Lets the rest of the body go. */
  discard(): void
}

/** Nothing was sent when a connection fails like this. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EACCES',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** HTTP by undici, which is loaded with the first call: nobody else imports it. */
export class Http {
  readonly #tls: TlsOptions | undefined
  /** Connections on their way: the agent forgets those, and an unanswered handshake waits for its own time to run out. */
  readonly #opening = new Set<Socket>()
  #agent: Promise<InstanceType<Undici['Agent']>> | undefined
  #undici: Promise<Undici> | undefined

  constructor(tls: TlsOptions | undefined) {
    this.#tls = tls
  }

  async send(exchange: Exchange): Promise<Answer> {
    const { origin, path, method, headers, body, signal, headersTimeout = 0 } = exchange
    const { request } = await this.#load()
    const dispatcher = await this.#dispatcher()
    signal.throwIfAborted()
    try {
      const answering = request(`${origin}${path}`, {
        method,
        dispatcher,
        signal,
        headersTimeout,
        bodyTimeout: 0,
        headers: { ...headers },
        // A standby passes a request without Content-Length on with an empty body; given text, undici sends it.
        ...(method === 'GET' ? {} : { body: body ?? '' }),
      })
      const answer = await orAborted(answering, signal)
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: bytes(answer, origin, signal),
        discard: () => answer.body.on('error', () => {}).destroy(),
      }
    } catch (error) {
      throw failure(error, origin, signal)
    }
  }

  async close(): Promise<void> {
    const agent = await this.#agent
    await agent?.destroy()
    for (const socket of this.#opening) socket.destroy()
  }

  #load(): Promise<Undici> {
    this.#undici ??= import('undici').catch((error: unknown) => {
      throw new IntermodalError('UNSUPPORTED', 'the package "undici" is not installed', {
        remedy: 'npm install undici',
        cause: error,
      })
    })
    return this.#undici
  }

  #dispatcher(): Promise<InstanceType<Undici['Agent']>> {
    this.#agent ??= this.#load().then(({ Agent, buildConnector }) => {
      const { ca, cert, key, verify = true } = this.#tls ?? {}
      const connect = buildConnector({
        rejectUnauthorized: verify,
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      })
      return new Agent({
        connect: (options, callback) => {
          // Typed as nothing, it gives the socket that is being connected.
          const socket: unknown = connect(options, callback)
          if (socket instanceof Socket) this.#follow(socket)
        },
      })
    })
    return this.#agent
  }

  #follow(socket: Socket): void {
    this.#opening.add(socket)
    const over = () => this.#opening.delete(socket)
    socket.once('connect', () => {
      if (!('encrypted' in socket)) over()
    })
    socket.once('secureConnect', over)
    socket.once('close', over)
  }
}

/** undici hears of an abort when it is connected, and not before. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

type Body = AsyncIterable<Uint8Array> & NodeJS.ReadableStream

async function* bytes(
  answer: { readonly body: unknown; readonly headers: Answer['headers'] },
  at: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const body = answer.body as Body
  try {
    if (answer.headers['content-encoding'] !== 'gzip') {
      yield* body
      return
    }
    const gunzip = createGunzip()
    // Piping does not pass failures on.
    body.once('error', (error: Error) => gunzip.destroy(error))
    yield* body.pipe(gunzip) as AsyncIterable<Uint8Array>
  } catch (error) {
    throw failure(error, at, signal)
  }
}

function failure(error: unknown, at: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  if (error instanceof HttpError || IntermodalError.is(error)) return error
  const syscode = codeOf(error)
  if (syscode === undefined) return error
  if (syscode === 'UND_ERR_HEADERS_TIMEOUT') return new HttpError('timeout', { at, syscode })
  if (NEVER_SENT.has(syscode) || /TLS|CERT|SSL|DEPTH_ZERO|UNABLE_TO/.test(syscode))
    return new HttpError('unreachable', { at, syscode })
  if (syscode.startsWith('HPE_')) return new HttpError('garbled', { at, syscode })
  return new HttpError(syscode.startsWith('Z_') ? 'garbled' : 'broken', { at, syscode })
}

/** Several addresses of one name fail together, each with its own code. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { code, errors, cause } = error as { code?: unknown; errors?: unknown; cause?: unknown }
  if (typeof code === 'string') return code
  if (Array.isArray(errors)) return codeOf(errors[0])
  return codeOf(cause)
}
