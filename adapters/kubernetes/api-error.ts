/**
 * `config`: the kubeconfig is not usable. `credentials`: none could be had. `unreachable`: no connection. `untrusted`: TLS
 * did not agree. `silent`: nothing came for too long. `truncated`: the connection broke inside the answer. `http`: an
 * error status. `too-large`: more than we read. `garbled`: not what the Kubernetes API answers.
 */
export type ApiFailure =
  | 'config'
  | 'credentials'
  | 'unreachable'
  | 'untrusted'
  | 'silent'
  | 'truncated'
  | 'http'
  | 'too-large'
  | 'garbled'

/** What was asked for, in the words of Kubernetes' access rules. */
export interface Asked {
  /** `get`, `list`, `watch`, `patch`, `delete`. */
  readonly verb: string
  /** `deployments.apps`, `pods/log`. */
  readonly resource: string
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

/** As much of the server's `Status` as may be repeated. */
export interface Refusal {
  /** `Conflict`, `Invalid`, `AlreadyExists`. */
  readonly reason?: string | undefined
  readonly message?: string | undefined
  readonly causes?: readonly StatusCause[] | undefined
  /** What the refusal is about, where that is another thing than what was asked for: a missing namespace. */
  readonly about?: { readonly kind?: string; readonly name?: string } | undefined
}

export interface ApiErrorDetails {
  /** The server's address, without credentials. */
  readonly at: string
  readonly asked?: Asked | undefined
  readonly status?: number | undefined
  readonly refusal?: Refusal | undefined
  /** The system's word: `ECONNREFUSED`. */
  readonly syscode?: string | undefined
  readonly detail?: string | undefined
  /** Milliseconds. */
  readonly retryAfter?: number | undefined
}

/** How a call to the API server failed, before it is said in the model's words. Never holds a request or a header. */
export class ApiError extends Error {
  readonly kind: ApiFailure
  readonly at: string
  readonly asked: Asked | undefined
  readonly status: number | undefined
  readonly refusal: Refusal | undefined
  readonly syscode: string | undefined
  readonly detail: string | undefined
  readonly retryAfter: number | undefined

  constructor(kind: ApiFailure, details: ApiErrorDetails) {
    super(
      [kind, details.status, details.refusal?.reason, details.syscode, details.detail]
        .filter((part) => part !== undefined)
        .join(' '),
    )
    this.name = 'ApiError'
    this.kind = kind
    this.at = details.at
    this.asked = details.asked
    this.status = details.status
    this.refusal = details.refusal
    this.syscode = details.syscode
    this.detail = details.detail
    this.retryAfter = details.retryAfter
  }
}

export function isStatus(error: unknown, ...statuses: readonly number[]): error is ApiError {
  return error instanceof ApiError && error.kind === 'http' && statuses.includes(error.status ?? 0)
}

export function isNotFound(error: unknown): error is ApiError {
  return isStatus(error, 404)
}

/** The resource version is too old to go on from: list again. */
export function isExpired(error: unknown): error is ApiError {
  return isStatus(error, 410)
}

/** A write that failed like this may have happened, or may still. */
export function isAmbiguous(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false
  if (error.kind === 'silent' || error.kind === 'truncated' || error.kind === 'garbled') return true
  return isStatus(error, 500, 502, 503, 504)
}
