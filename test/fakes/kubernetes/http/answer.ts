import type { ServerResponse } from 'node:http'
import type { Status } from '../errors.ts'

export interface Answer {
  readonly status: number
  readonly json?: unknown
  readonly text?: string | undefined
  readonly bytes?: Buffer | undefined
  readonly contentType?: string | undefined
  readonly warnings?: readonly string[] | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export function ok(json: unknown, warnings: readonly string[] = []): Answer {
  return { status: 200, json, warnings }
}

export function answerOf(status: Status): Answer {
  const { details, code = 200 } = status
  const seconds = details?.retryAfterSeconds
  const headers = seconds === undefined ? {} : { 'retry-after': String(seconds) }
  return { status: code, json: status, headers }
}

export function send(response: ServerResponse, answer: Answer): void {
  const { status, json, text, bytes, contentType, warnings = [], headers = {} } = answer
  const body = json === undefined ? (bytes ?? text ?? '') : `${JSON.stringify(json)}\n`
  const type =
    contentType ?? (json === undefined ? 'text/plain; charset=utf-8' : 'application/json')
  const sent: Record<string, string | string[] | number> = {
    'cache-control': 'no-cache, private',
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    ...(warnings.length > 0
      ? { warning: warnings.map((one) => `299 - ${JSON.stringify(one)}`) }
      : {}),
    ...headers,
  }
  response.writeHead(status, sent)
  response.end(body)
}
