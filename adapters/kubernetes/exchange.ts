import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import https, { type RequestOptions } from 'node:https'
import { createGunzip } from 'node:zlib'
import { ApiError, type Asked, type Refusal } from './api-error.ts'

/**
 * `answer`: read whole. `stream`: the response as it comes. A function is given the body of a good answer piece by piece,
 * to its end, and the answer has none then; what it throws is the outcome.
 */
export type Wanted = 'answer' | 'stream' | ((chunk: Buffer) => void)

export interface Exchange {
  readonly url: URL
  /** Method, headers, agent, certificates. */
  readonly options: RequestOptions
  readonly body: string | undefined
  readonly wanted: Wanted
  readonly asked: Asked
  readonly maxBytes: number
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly body: Buffer
}

const MAX_ERROR_BYTES = 256 * 1024
const MAX_SENTENCE = 600

/**
 * One request, one outcome. Every way it can end leads through `settle`: nothing can stay pending. Without an answer the
 * `close` of the request, which comes whatever happened, is the last of them; an answer ends, breaks or closes by itself.
 */
export function exchange(given: Exchange): Promise<Answer | IncomingMessage> {
  const { wanted, asked, signal } = given
  const at = given.url.origin
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    let settled = false
    const settle = (act: () => void) => {
      if (settled) return
      settled = true
      act()
    }
    const fail = (error: unknown) => settle(() => reject(error))
    const request = open(given)
    const abort = () => {
      fail(signal.reason)
      request.destroy()
    }
    signal.addEventListener('abort', abort, { once: true })
    const release = () => signal.removeEventListener('abort', abort)

    request.on('error', (error: NodeJS.ErrnoException) => fail(connectionError(error, at, asked)))
    let answered = false
    request.on('close', () => {
      release()
      // How an answer ends is known when it has been read: what came packed is unpacked after this.
      if (!answered) fail(new ApiError('truncated', { at, asked }))
    })
    request.on('response', (response) => {
      answered = true
      const status = response.statusCode ?? 0
      const good = status >= 200 && status < 300
      if (good && wanted === 'stream') {
        follow(response, signal)
        return settle(() => resolve(response))
      }
      const reading =
        good && typeof wanted === 'function'
          ? drain(response, wanted, at, asked)
          : collect(response, good ? given.maxBytes : MAX_ERROR_BYTES, at, asked)
      reading.then((body) => {
        if (good) settle(() => resolve({ status, body }))
        else fail(refused(status, response.headers, body, at, asked))
      }, fail)
    })
    request.end(given.body)
  })
}

function open({ url, options, body }: Exchange): http.ClientRequest {
  const headers: Record<string, unknown> = { ...(options.headers as Record<string, string>) }
  if (body !== undefined) headers['Content-Length'] = Buffer.byteLength(body)
  const whole = { ...options, headers: headers as http.OutgoingHttpHeaders }
  return url.protocol === 'https:' ? https.request(url, whole) : http.request(url, whole)
}

/** The whole body, unless it is too much. */
async function collect(
  response: IncomingMessage,
  limit: number,
  at: string,
  asked: Asked,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  const take = (chunk: Buffer) => {
    size += chunk.length
    if (size > limit) throw new ApiError('too-large', { at, asked, detail: `${limit} bytes` })
    chunks.push(chunk)
  }
  await drain(response, take, at, asked)
  return Buffer.concat(chunks, size)
}

const NOTHING = Buffer.alloc(0)

/** Reads to the end of the body: its end, its error, a cut and what `take` throws are four different outcomes. */
function drain(
  response: IncomingMessage,
  take: (chunk: Buffer) => void,
  at: string,
  asked: Asked,
): Promise<Buffer> {
  const packed = response.headers['content-encoding'] === 'gzip'
  const source = packed ? response.pipe(createGunzip()) : response
  return new Promise((resolve, reject) => {
    let taking = true
    source.on('data', (chunk: Buffer) => {
      // What follows a chunk that was not taken is let go of.
      if (!taking) return
      try {
        take(chunk)
      } catch (error) {
        taking = false
        reject(error)
        response.destroy()
      }
    })
    const cut = () => reject(new ApiError('truncated', { at, asked }))
    source.on('end', () => (response.complete ? resolve(NOTHING) : cut()))
    source.on('error', cut)
    response.on('error', cut)
    response.on('close', () => {
      if (!response.complete) cut()
    })
  })
}

/** An open stream dies with its signal, and never by an `error` nobody listens to. */
function follow(stream: IncomingMessage, signal: AbortSignal): void {
  const abort = () => {
    stream.destroy(signal.reason instanceof Error ? signal.reason : undefined)
  }
  signal.addEventListener('abort', abort, { once: true })
  stream.on('error', () => {})
  stream.on('close', () => signal.removeEventListener('abort', abort))
  if (signal.aborted) abort()
}

const TLS = /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO|HOSTNAME_MISMATCH)/

export function connectionError(error: NodeJS.ErrnoException, at: string, asked: Asked): ApiError {
  // Node puts the addresses it tried into one error without a code of its own.
  const [first] = error instanceof AggregateError ? error.errors : []
  const syscode = error.code ?? (first as NodeJS.ErrnoException | undefined)?.code
  const details = { at, asked, syscode }
  if (syscode !== undefined && TLS.test(syscode)) return new ApiError('untrusted', details)
  if (syscode?.startsWith('HPE_')) return new ApiError('garbled', details)
  // A connection that was there and broke may have carried the request: that is not "unreachable".
  const broke = syscode === 'ECONNRESET' || syscode === 'EPIPE'
  return new ApiError(broke ? 'truncated' : 'unreachable', details)
}

function refused(
  status: number,
  headers: IncomingHttpHeaders,
  body: Buffer,
  at: string,
  asked: Asked,
): ApiError {
  const seconds = Number(headers['retry-after'])
  return new ApiError('http', {
    at,
    asked,
    status,
    refusal: readRefusal(headers, body),
    retryAfter: headers['retry-after'] && seconds >= 0 ? seconds * 1000 : undefined,
  })
}

/** The server's `Status`, as far as it may be repeated. Anything else (a proxy's page, half an answer) is not. */
function readRefusal(headers: IncomingHttpHeaders, body: Buffer): Refusal | undefined {
  if (!String(headers['content-type'] ?? '').startsWith('application/json')) return undefined
  try {
    return refusalOf(JSON.parse(body.toString('utf8')))
  } catch {
    return undefined // Cut off or not JSON: there is no sentence in it to repeat.
  }
}

/** Of a `Status` object, in an answer or in a watch. */
export function refusalOf(status: unknown): Refusal | undefined {
  const { kind, reason, message, details } = status as {
    readonly kind?: unknown
    readonly reason?: string
    readonly message?: string
    readonly details?: {
      readonly kind?: string
      readonly name?: string
      readonly causes?: Refusal['causes']
    }
  }
  if (kind !== 'Status') return undefined
  return {
    reason,
    message: message?.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_SENTENCE),
    causes: details?.causes,
    about: details,
  }
}
