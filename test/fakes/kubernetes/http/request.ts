import { parse as parseYaml } from 'yaml'
import { badRequest, failure } from '../errors.ts'
import { isObject, type JsonObject } from '../json.ts'
import { readProtobuf } from '../schema/protobuf.ts'
import type { Schemas } from '../schema/schema.ts'

/** A request that has been read whole. */
export interface Request {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export function header(request: Request, name: string): string {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : (value ?? '')
}

export function flag({ query }: Request, name: string): boolean {
  const value = query.get(name)
  return value === 'true' || value === '1' || value === ''
}

export function mediaType(request: Request): string {
  return header(request, 'content-type').split(';')[0]?.trim() ?? ''
}

const ACCEPTED = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']

/** The body as an object of a type of the schema. Throws the 400 or 415 the server has for what is none. */
export function bodyOf(schemas: Schemas, request: Request, type: string): JsonObject {
  switch (mediaType(request)) {
    case '':
    case 'application/json':
    case 'application/yaml':
      return parsed(request.body.toString('utf8'), type.split('.').at(-1) as string)
    case 'application/vnd.kubernetes.protobuf':
      return readProtobuf(schemas, type, request.body)
    default:
      throw failure(
        415,
        'UnsupportedMediaType',
        `the body of the request was in an unknown format - accepted media types include: ${ACCEPTED.join(', ')}`,
      )
  }
}

export function parsed(text: string, kind: string): JsonObject {
  try {
    const value: unknown = /^\s*[{[]/.test(text) ? JSON.parse(text) : parseYaml(text)
    if (isObject(value)) return value
  } catch (error) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${(error as Error).message} (${text.slice(0, 200)})`,
    )
  }
  throw badRequest(`the object provided is unrecognized (must be of type ${kind})`)
}

/** The name fields are booked under: what is asked for, or who asks. */
export function managerOf(request: Request): string {
  const given = request.query.get('fieldManager')
  if (given) return given
  return header(request, 'user-agent').split('/')[0]?.slice(0, 128) || 'unknown'
}
