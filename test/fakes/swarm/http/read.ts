import type { IncomingMessage } from 'node:http'
import type { Request } from './request.ts'

/** `/v1.41/services` is `/services` in version 1.41. */
export function readRequest(incoming: IncomingMessage, body: Buffer): Request {
  const url = new URL(incoming.url ?? '/', 'http://engine')
  const [, version] = /^\/v([\d.]+)\//.exec(url.pathname) ?? []
  const path = version === undefined ? url.pathname : url.pathname.slice(version.length + 2)
  return {
    method: incoming.method ?? 'GET',
    path: decode(path),
    version,
    query: url.searchParams,
    headers: incoming.headers,
    body,
  }
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
