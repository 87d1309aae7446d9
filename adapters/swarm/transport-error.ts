import { IntermodalError } from 'intermodal'

/**
 * `unreachable`: no connection. `timeout`: our deadline. `truncated`: the connection broke inside the answer. `http`:
 * an error status. `too-large`: more than we read. `garbled`: not what the Docker API answers. `too-old`: its version.
 */
export type TransportFailure =
  | 'unreachable'
  | 'timeout'
  | 'truncated'
  | 'http'
  | 'too-large'
  | 'garbled'
  | 'too-old'

export interface TransportDetails {
  /** Where: an address without credentials. */
  readonly at: string
  readonly status?: number | undefined
  /** The engine's own sentence, from the `message` of its answer. */
  readonly text?: string | undefined
  /** The system's word: `ECONNREFUSED`. */
  readonly syscode?: string | undefined
  readonly detail?: string | undefined
}

/** How a call to the engine failed, before it is said in the model's words. Never holds a request. */
export class TransportError extends Error {
  readonly kind: TransportFailure
  readonly at: string
  readonly status: number | undefined
  readonly text: string | undefined
  readonly syscode: string | undefined
  readonly detail: string | undefined

  constructor(kind: TransportFailure, details: TransportDetails) {
    super(
      [kind, details.status, details.syscode, details.detail, details.text]
        .filter((part) => part !== undefined)
        .join(' '),
    )
    this.name = 'TransportError'
    this.kind = kind
    this.at = details.at
    this.status = details.status
    this.text = details.text
    this.syscode = details.syscode
    this.detail = details.detail
  }
}

/** What docker-modem throws, when the client is someone else's. */
export function foreignError(error: unknown, at: string): unknown {
  if (error instanceof TransportError || IntermodalError.is(error)) return error
  if (!(error instanceof Error)) return error
  const { statusCode, json, code } = error as Error & {
    readonly statusCode?: number
    readonly json?: { readonly message?: unknown } | null
    readonly code?: string
  }
  if (statusCode !== undefined) {
    const text = typeof json?.message === 'string' ? json.message : undefined
    return new TransportError('http', { at, status: statusCode, text })
  }
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return new TransportError('truncated', { at, syscode: code })
  return code === undefined ? error : new TransportError('unreachable', { at, syscode: code })
}
