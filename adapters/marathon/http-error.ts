/**
 * `unreachable`: nothing was sent. `broken`: the connection ended before the whole answer. `timeout`: no answer in time. `http`: an
 * error status. `too-large`: more than we read. `garbled`: not what Marathon answers.
 */
export type HttpFailure = 'unreachable' | 'broken' | 'timeout' | 'http' | 'too-large' | 'garbled'

export interface HttpErrorDetails {
  /** Where: an address without credentials. */
  readonly at: string
  readonly status?: number | undefined
  /** Marathon's own sentences, from the `message` and `details` of its answer. */
  readonly text?: string | undefined
  /** Of the answer 409: who holds the app. */
  readonly deployments?: readonly string[] | undefined
  /** The system's word: `ECONNREFUSED`. */
  readonly syscode?: string | undefined
}

/** How a call failed, before it is said in the model's words. Never holds a request, a header or a whole body. */
export class HttpError extends Error {
  readonly kind: HttpFailure
  readonly at: string
  readonly status: number | undefined
  readonly text: string | undefined
  readonly deployments: readonly string[] | undefined
  readonly syscode: string | undefined

  constructor(kind: HttpFailure, details: HttpErrorDetails) {
    super([kind, details.status, details.syscode, details.text].filter(Boolean).join(' '))
    this.name = 'HttpError'
    this.kind = kind
    this.at = details.at
    this.status = details.status
    this.text = details.text
    this.deployments = details.deployments
    this.syscode = details.syscode
  }
}

export function isStatus(error: unknown, status: number): boolean {
  return error instanceof HttpError && error.status === status
}

/** A write that failed like this may have happened, or may still. */
export function isAmbiguous(error: unknown): boolean {
  if (!(error instanceof HttpError)) return false
  if (error.kind === 'broken' || error.kind === 'timeout' || error.kind === 'garbled') return true
  return error.kind === 'http' && [500, 502, 503, 504].includes(error.status ?? 0)
}
