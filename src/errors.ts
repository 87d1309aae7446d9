/** What went wrong, as a closed list: programs branch on these, people read the message. */
export const ERROR_CODES = [
  'APP_INVALID',
  'APP_NOT_FOUND',
  'UNSUPPORTED',
  'CONFLICT',
  'LOCKED',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'UNAVAILABLE',
  'TIMEOUT',
  'THROTTLED',
  'ROLLOUT_FAILED',
  'PROTOCOL',
  'ADAPTER_INCOMPATIBLE',
] as const

/** What went wrong. The README says of each what to do about it. */
export type ErrorCode = (typeof ERROR_CODES)[number]

/** What an error tells beside its code and message. */
export interface ErrorDetails {
  /** The cluster's name as given to `connect()`. */
  readonly cluster?: string | undefined
  /** The app's id, `/shop/web`. */
  readonly app?: string | undefined
  /** What to do next, one sentence. Printed after the message. */
  readonly remedy?: string | undefined
  /** Whether the same call can succeed later without anyone changing it. Defaults by code. */
  readonly retryable?: boolean | undefined
  /** Shortest time to wait before a retry, in milliseconds, when the engine gave one. */
  readonly retryAfter?: number | undefined
  readonly cause?: unknown
}

const RETRYABLE: ReadonlySet<ErrorCode> = new Set(['UNAVAILABLE', 'TIMEOUT', 'THROTTLED', 'LOCKED'])

// A registered symbol, so that two copies of the package in one process still recognise each other's errors.
const MARKER = Symbol.for('intermodal.error')

/**
 * The one error class. The message says what happened, to which app, where; `remedy` says what to do next.
 * Neither ever holds a header, a token, a body or a secret value: adapters build messages from known parts.
 */
export class IntermodalError extends Error {
  readonly code: ErrorCode
  readonly cluster: string | undefined
  readonly app: string | undefined
  readonly remedy: string | undefined
  readonly retryable: boolean
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.cluster = details.cluster
    this.app = details.app
    this.remedy = details.remedy
    this.retryable = details.retryable ?? RETRYABLE.has(code)
    this.retryAfter = details.retryAfter
  }

  static is(value: unknown): value is IntermodalError {
    return typeof value === 'object' && value !== null && MARKER in value
  }

  /** Plain data for logs and `-o json`: no stack, no cause. */
  toJSON(): Record<string, unknown> {
    const { code, message, cluster, app, remedy, retryable } = this
    return { code, message, cluster, app, remedy, retryable }
  }
}

// Not in a static block: a class that names itself inside is printed as `_IntermodalError` once it is bundled.
Object.defineProperty(IntermodalError.prototype, 'name', { value: 'IntermodalError' })
Object.defineProperty(IntermodalError.prototype, MARKER, { value: true })

/**
 * Adds what the catcher knows and the thrower did not: an adapter does not know the name its cluster goes by.
 * What the error already says stays.
 */
export function withContext<E>(
  error: E,
  context: { readonly cluster?: string; readonly app?: string },
): E {
  if (IntermodalError.is(error)) {
    const target = error as { cluster: string | undefined; app: string | undefined }
    target.cluster ??= context.cluster
    target.app ??= context.app
  }
  return error
}
