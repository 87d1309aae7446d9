/** A `Status` that is sent instead of what was asked for. */
export class Refused extends Error {
  readonly status: Status

  constructor(status: Status) {
    super(status.message)
    this.status = status
  }
}

export interface Cause {
  readonly reason?: string | undefined
  readonly message: string
  readonly field?: string | undefined
}

export interface StatusDetails {
  readonly name?: string | undefined
  readonly group?: string | undefined
  readonly kind?: string | undefined
  readonly uid?: string | undefined
  readonly causes?: readonly Cause[] | undefined
  readonly retryAfterSeconds?: number | undefined
}

export interface Status {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: object
  readonly status: 'Success' | 'Failure'
  readonly message?: string | undefined
  readonly reason?: string | undefined
  readonly details?: StatusDetails | undefined
  readonly code?: number | undefined
}

/** What a kind is called in messages. */
export interface Named {
  readonly group: string
  readonly kind: string
  readonly plural: string
}

export function failure(
  code: number,
  reason: string | undefined,
  message: string,
  details?: StatusDetails,
): Refused {
  return new Refused({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    details,
    code,
  })
}

const inGroup = (word: string, group: string) => (group ? `${word}.${group}` : word)

const about = ({ group }: Named, kind: string, name: string): StatusDetails => ({
  name,
  ...(group ? { group } : {}),
  kind,
})

export function notFound(named: Named, name: string): Refused {
  const { group, plural } = named
  const details = about(named, plural, name)
  return failure(404, 'NotFound', `${inGroup(plural, group)} "${name}" not found`, details)
}

export function noSuchResource(): Refused {
  const message = 'the server could not find the requested resource'
  return failure(404, 'NotFound', message, {})
}

export function alreadyExists(named: Named, name: string): Refused {
  const { group, plural } = named
  const message = `${inGroup(plural, group)} "${name}" already exists`
  return failure(409, 'AlreadyExists', message, about(named, plural, name))
}

export function conflict(named: Named, name: string, why: string): Refused {
  const { group, plural } = named
  const message = `Operation cannot be fulfilled on ${inGroup(plural, group)} "${name}": ${why}`
  return failure(409, 'Conflict', message, about(named, plural, name))
}

export const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again'

/** A condition of a delete, which names the kind and not the resource. */
export function preconditionFailed(named: Named, name: string, why: string): Refused {
  const { group, kind } = named
  const message = `Operation cannot be fulfilled on ${inGroup(kind, group)} "${name}": ${why}`
  return failure(409, 'Conflict', message, about(named, kind, name))
}

export function badRequest(message: string): Refused {
  return failure(400, 'BadRequest', message)
}

export function forbidden(named: Named, name: string, why: string): Refused {
  const { group, plural } = named
  const message = `${inGroup(plural, group)} "${name}" is forbidden: ${why}`
  return failure(403, 'Forbidden', message, about(named, plural, name))
}

export function methodNotAllowed(): Refused {
  const message = 'the server does not allow this method on the requested resource'
  return failure(405, 'MethodNotAllowed', message, {})
}

export function expired(message: string): Refused {
  return failure(410, 'Expired', message)
}

/** What is wrong with one field. */
export interface Fault {
  readonly field: string
  readonly reason:
    | 'Invalid'
    | 'Required'
    | 'NotSupported'
    | 'NotFound'
    | 'Duplicate'
    | 'Forbidden'
    | 'TooLong'
  readonly detail: string
}

export function invalidValue(field: string, value: unknown, why: string): Fault {
  return { field, reason: 'Invalid', detail: `Invalid value: ${shown(value)}: ${why}` }
}

export function required(field: string, why = ''): Fault {
  return { field, reason: 'Required', detail: why ? `Required value: ${why}` : 'Required value' }
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): Fault {
  const list = supported.map((one) => `"${one}"`).join(', ')
  return {
    field,
    reason: 'NotSupported',
    detail: `Unsupported value: ${shown(value)}: supported values: ${list}`,
  }
}

export function duplicate(field: string, value: unknown): Fault {
  return { field, reason: 'Duplicate', detail: `Duplicate value: ${shown(value)}` }
}

export function forbiddenField(field: string, why: string): Fault {
  return { field, reason: 'Forbidden', detail: `Forbidden: ${why}` }
}

function shown(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value)
}

const REASONS = {
  Invalid: 'FieldValueInvalid',
  Required: 'FieldValueRequired',
  NotSupported: 'FieldValueNotSupported',
  NotFound: 'FieldValueNotFound',
  Duplicate: 'FieldValueDuplicate',
  Forbidden: 'FieldValueForbidden',
  TooLong: 'FieldValueTooLong',
} as const satisfies Readonly<Record<Fault['reason'], string>>

export function invalid({ group, kind }: Named, name: string, faults: readonly Fault[]): Refused {
  const told = faults.map(({ field, detail }) => `${field}: ${detail}`)
  const list = told.length === 1 ? told[0] : `[${told.join(', ')}]`
  // What is no object has no kind and no name.
  const what = kind ? `${inGroup(kind, group)} "${name}"` : ' ""'
  return failure(422, 'Invalid', `${what} is invalid: ${list}`, {
    ...(name ? { name } : {}),
    ...(group ? { group } : {}),
    ...(kind ? { kind } : {}),
    causes: faults.map(({ field, reason, detail }) => ({
      reason: REASONS[reason],
      message: detail,
      field,
    })),
  })
}
