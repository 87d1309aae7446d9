import { badRequest, notJson, Refused } from '../errors.ts'

/** A request that has been read whole. */
export interface Request {
  readonly method: string
  /** Decoded, without a slash at the end. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  readonly clientIp: string
}

export function header(request: Request, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

export function flag({ query }: Request, name: string, fallback = false): boolean {
  const value = query.get(name)
  return value === null ? fallback : value === 'true' || value === ''
}

/** The body as JSON. Throws Marathon's answer to one that is none. */
export function jsonBody(request: Request): unknown {
  const type = header(request, 'content-type')
  if (type !== undefined && !/^application\/(?:[\w.+-]*\+)?json\b/i.test(type))
    throw new Refused({ status: 415, json: { message: 'Unsupported Media Type' } })
  if (request.body.length === 0)
    throw notJson(
      'No content to map due to end-of-input\n at [Source: (String)""; line: 1, column: 0]',
    )
  try {
    return JSON.parse(request.body.toString('utf8'))
  } catch (error) {
    throw notJson(`${(error as SyntaxError).message}\n at [Source: (String); line: 1]`)
  }
}

export function decodePath(path: string): string {
  try {
    const decoded = decodeURIComponent(path)
    return decoded.length > 1 ? decoded.replace(/\/+$/, '') : decoded
  } catch {
    throw badRequest('Bad Request')
  }
}
