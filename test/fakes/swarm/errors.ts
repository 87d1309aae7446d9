import { type Answer, Refused } from '../http/answer.ts'

export { type Answer, Refused }

/** What the engine says: one sentence in a `message`. */
export function refuse(status: number, message: string): Refused {
  return new Refused({ status, json: { message } })
}

const CODES = {
  InvalidArgument: 400,
  FailedPrecondition: 400,
  AlreadyExists: 409,
  NotFound: 404,
  Unimplemented: 501,
  Unknown: 500,
} as const

/** What the swarm says, as the engine passes it on. */
export function rpc(code: keyof typeof CODES, message: string): Refused {
  return refuse(CODES[code], `rpc error: code = ${code} desc = ${message}`)
}

export function notFound(kind: string, id: string): Refused {
  return refuse(404, `${kind} ${id} not found`)
}

export const invalid = (message: string): Refused => rpc('InvalidArgument', message)
