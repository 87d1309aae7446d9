import http, { type IncomingHttpHeaders } from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import type { Tls } from './connection.ts'
import { TransportError } from './transport-error.ts'

export interface Answer {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** `answer`: read whole. `stream`: the response as it comes. `socket`: the connection itself, upgraded. */
export type Wanted = 'answer' | 'stream' | 'socket'

export interface Exchange {
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string | undefined
    readonly agent: http.Agent
    readonly tls: Tls | undefined
    readonly socketPath: string | undefined
    readonly hostname: string | undefined
    readonly port: number | undefined
  }
  readonly wanted: Wanted
  readonly at: string
  readonly maxBytes: number
  readonly signal: AbortSignal
}

type Outcome = Answer | http.IncomingMessage | Duplex

const MAX_ERROR_BYTES = 64 * 1024
const MAX_SENTENCE = 400

/**
 * One request, one outcome. Every way it can end leads through `settle`, and the `close` of the request, which comes
 * whatever happened, is the last of them: nothing can stay pending.
 *
 * A kept connection may be closed by the engine, or by what stands between, in the moment in which it is used again. A
 * read to which not a byte was answered is then repeated once on a new connection; a write may have been done, and never is.
 */
export function exchange(given: Exchange): Promise<Outcome> {
  return attempt(given, given.request.method === 'GET')
}

function attempt(given: Exchange, repeatable: boolean): Promise<Outcome> {
  const { wanted, at, signal } = given
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

    let heardBefore = 0
    request.on('socket', (socket) => {
      heardBefore = socket.bytesRead
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      const unheard = request.reusedSocket && request.socket?.bytesRead === heardBefore
      if (settled || !repeatable || !unheard || !isBroken(error))
        return fail(connectionError(error, at))
      closeKept(given.request.agent)
      settle(() => resolve(attempt(given, false)))
    })
    request.on('close', () => {
      release()
      // The body that came whole is handed over a moment after this.
      setImmediate(() => fail(new TransportError('truncated', { at })))
    })
    request.on('upgrade', (_, socket, head) => {
      if (head.length > 0) socket.unshift(head)
      follow(socket, signal)
      settle(() => resolve(socket))
    })
    request.on('response', (response) => {
      const status = response.statusCode ?? 0
      const good = (status >= 200 && status < 300) || status === 304
      if (good && wanted === 'stream') {
        follow(response, signal)
        return settle(() => resolve(response))
      }
      const limit = good ? given.maxBytes : MAX_ERROR_BYTES
      collect(response, limit, at).then((body) => {
        const { headers } = response
        if (!good) return fail(httpError(status, headers, body, at))
        if (wanted === 'socket') return fail(new TransportError('garbled', { at, status }))
        settle(() => resolve({ headers, body }))
      }, fail)
    })
    request.end(given.request.body)
  })
}

function open({ request, wanted }: Exchange): http.ClientRequest {
  const { method, path, agent, tls, socketPath, hostname, port, body } = request
  const headers: Record<string, string | number> = { ...request.headers }
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json'
    headers['Content-Length'] = Buffer.byteLength(body)
  } else if (method === 'POST') {
    headers['Content-Length'] = 0
  }
  if (wanted === 'socket') {
    headers.Connection = 'Upgrade'
    headers.Upgrade = 'tcp'
  }
  const options: http.RequestOptions = {
    method,
    path,
    headers,
    agent,
    ...(socketPath === undefined ? { hostname, port } : { socketPath }),
  }
  if (!tls) return http.request(options)
  return https.request({
    ...options,
    ca: tls.ca,
    cert: tls.cert,
    key: tls.key,
    rejectUnauthorized: tls.verify,
  })
}

/** Reads the whole body: its end, its error, a cut and too much of it are four different outcomes. */
function collect(response: http.IncomingMessage, limit: number, at: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) {
        reject(new TransportError('too-large', { at, detail: `${limit} bytes` }))
        response.destroy()
        return
      }
      chunks.push(chunk)
    })
    const cut = () => reject(new TransportError('truncated', { at }))
    response.on('end', () => (response.complete ? resolve(Buffer.concat(chunks)) : cut()))
    response.on('error', cut)
    response.on('close', cut)
  })
}

/** An open stream dies with its signal, and never by an `error` nobody listens to. */
function follow(stream: http.IncomingMessage | Duplex, signal: AbortSignal): void {
  const abort = () => {
    stream.destroy(signal.reason instanceof Error ? signal.reason : undefined)
  }
  if (signal.aborted) {
    abort()
    return
  }
  signal.addEventListener('abort', abort, { once: true })
  stream.on('error', () => {})
  stream.on('close', () => signal.removeEventListener('abort', abort))
}

function connectionError(error: NodeJS.ErrnoException, at: string): TransportError {
  const syscode = error.code
  const garbled = syscode?.startsWith('HPE_')
  return new TransportError(garbled ? 'garbled' : isBroken(error) ? 'truncated' : 'unreachable', {
    at,
    syscode,
  })
}

/** A connection that was there and broke may have carried the request: that is not "unreachable". */
function isBroken({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE'
}

/** Who closes one kept connection has mostly closed them all. */
function closeKept({ freeSockets }: http.Agent): void {
  for (const sockets of Object.values(freeSockets))
    for (const socket of sockets ?? []) socket.destroy()
}

function httpError(
  status: number,
  headers: IncomingHttpHeaders,
  body: Buffer,
  at: string,
): TransportError {
  return new TransportError('http', { at, status, text: sentence(headers, body) })
}

/** The engine's `message`, one line. Anything else (a proxy's page, half an answer) is not repeated. */
function sentence(headers: IncomingHttpHeaders, body: Buffer): string | undefined {
  if (!String(headers['content-type'] ?? '').startsWith('application/json')) return undefined
  try {
    const { message } = JSON.parse(body.toString('utf8')) as { message?: unknown }
    if (typeof message !== 'string') return undefined
    return message.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_SENTENCE)
  } catch {
    return undefined
  }
}
