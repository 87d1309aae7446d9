import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { Answer } from '../errors.ts'
import { header, type Request } from './request.ts'

/** Sends an answer as Jetty does: never stored by anyone, zipped where the client takes it, its length told. */
export function respond(
  response: ServerResponse,
  request: Request,
  answer: Answer,
  {
    compression,
    headers,
  }: { readonly compression: boolean; readonly headers: Readonly<Record<string, string>> },
): void {
  if (response.destroyed) return
  const text = answer.json === undefined ? answer.text : JSON.stringify(answer.json)
  const plain = Buffer.from(text ?? '')
  const zip =
    compression && plain.length > 0 && /\bgzip\b/.test(header(request, 'accept-encoding') ?? '')
  const body = zip ? gzipSync(plain) : plain
  const type = answer.json === undefined ? (answer.type ?? 'text/plain') : 'application/json'
  response.writeHead(answer.status, {
    'cache-control': 'no-cache, no-store, must-revalidate',
    pragma: 'no-cache',
    expires: '0',
    ...(plain.length > 0 ? { 'content-type': type } : {}),
    ...(zip ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : {}),
    ...(answer.status === 204 ? {} : { 'content-length': String(body.length) }),
    ...headers,
    ...answer.headers,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
