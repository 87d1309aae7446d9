import { type ErrorCode, IntermodalError } from 'intermodal'
import { HttpError } from './http-error.ts'

interface Rule {
  readonly status?: readonly number[]
  /** What Marathon's sentence contains. */
  readonly text?: RegExp
  readonly code: ErrorCode
  /** Ours instead of Marathon's sentence, where that explains nothing. */
  readonly says?: string
  readonly remedy: string
  readonly retryable?: boolean
}

/** What Marathon answers, first match wins. */
const ANSWERS: readonly Rule[] = [
  {
    status: [500],
    text: /URI not found/,
    code: 'UNSUPPORTED',
    says: 'this Marathon does not know the call',
    remedy: 'check the address and its path; a call may also be newer than the server',
  },
  {
    status: [500],
    text: /portMappings|network APIs|docker network type/i,
    code: 'APP_INVALID',
    remedy: 'use one form of networks and ports throughout native.marathon',
  },
  {
    status: [403],
    text: /running deployments/i,
    code: 'THROTTLED',
    remedy: 'wait until deployments have ended, or end those that never will',
    retryable: true,
  },
  {
    status: [401],
    code: 'UNAUTHENTICATED',
    says: 'it does not know us',
    remedy: 'give valid credentials: basic or token',
  },
  { status: [403], code: 'FORBIDDEN', remedy: 'ask for the rights on this app' },
  {
    status: [404],
    text: /no leader/i,
    code: 'UNAVAILABLE',
    says: 'it has no leader',
    remedy: 'wait until one is elected',
  },
  { status: [404], code: 'APP_NOT_FOUND', remedy: 'check the id' },
  {
    status: [405, 406, 415],
    code: 'PROTOCOL',
    remedy: 'check that the address is a Marathon, and that no proxy in between changes requests',
  },
  { status: [409], code: 'CONFLICT', remedy: 'look at the live state, then try again' },
  {
    status: [400, 422],
    code: 'APP_INVALID',
    remedy: 'change the app, or its native.marathon patch',
  },
  { status: [429], code: 'THROTTLED', remedy: 'wait and try again' },
  {
    status: [502],
    code: 'UNAVAILABLE',
    says: 'it could not reach its leader',
    remedy: 'wait until a leader is elected; a write may have happened',
  },
  {
    status: [503, 504],
    code: 'UNAVAILABLE',
    says: 'it is overloaded, or has no leader',
    remedy: 'wait and try again; a write may have happened',
  },
  { status: [500], code: 'UNAVAILABLE', remedy: "see Marathon's log", retryable: false },
]

const CANNOT_CONNECT: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ECONNREFUSED: ['nothing listens there', 'start Marathon, or correct the address'],
  ENOTFOUND: ['the name cannot be resolved', 'correct the address'],
  EAI_AGAIN: ['the name cannot be resolved now', 'check the name server, or correct the address'],
  UND_ERR_CONNECT_TIMEOUT: ['no connection in time', 'check the address and the network'],
}

/**
 * A failed call in the model's words: `cannot ‹doing› on ‹where›: ‹why›`. Only Marathon's own sentence and known system codes
 * get into it, never a request, a header or an answer's body.
 */
export function explainError(error: unknown, doing: string, app?: string): IntermodalError {
  if (IntermodalError.is(error)) return error
  if (!(error instanceof HttpError)) {
    return new IntermodalError('PROTOCOL', `cannot ${doing}: unexpected failure`, {
      app,
      cause: error,
      remedy: 'this is a defect of the adapter or of what it was given; see the cause',
    })
  }
  const make = (code: ErrorCode, what: string, remedy: string, retryable?: boolean) =>
    new IntermodalError(code, `cannot ${doing} on ${error.at}: ${what}`, {
      app,
      remedy,
      retryable,
      cause: error,
    })
  switch (error.kind) {
    case 'unreachable':
      return unreachable(error, make)
    case 'timeout':
      return make(
        'TIMEOUT',
        'it took the call and did not answer in time',
        'see whether Marathon hangs',
      )
    case 'broken':
      return make(
        'UNAVAILABLE',
        'the connection broke before the answer was complete',
        'see whether Marathon was restarted or its leader changed, then try again',
      )
    case 'too-large':
      return make(
        'PROTOCOL',
        'the answer is too large',
        'narrow what is asked for, or raise maxAnswer',
      )
    case 'garbled':
      return make(
        'PROTOCOL',
        error.text ?? 'the answer is not what Marathon says',
        'check that the address is a Marathon, with https where it expects it',
      )
    case 'http':
      return answered(error, make)
  }
}

function answered(
  error: HttpError,
  make: (code: ErrorCode, what: string, remedy: string, retryable?: boolean) => IntermodalError,
): IntermodalError {
  if (error.status === 409 && error.deployments !== undefined) {
    return make(
      'LOCKED',
      `a deployment holds the app: ${error.deployments.join(', ')}`,
      'wait until it has ended, or go over it with { force: true } (--force)',
    )
  }
  if (error.status === 404 && error.text === undefined) {
    return make(
      'PROTOCOL',
      'no Marathon answers there',
      'check the path of the address, such as /service/marathon',
    )
  }
  const rule = ANSWERS.find(
    ({ status, text }) =>
      (!status || status.includes(error.status ?? 0)) && (!text || text.test(error.text ?? '')),
  )
  return make(
    rule?.code ?? 'PROTOCOL',
    rule?.says ?? error.text ?? `it answered ${error.status}`,
    rule?.remedy ?? "see Marathon's log",
    rule?.retryable,
  )
}

function unreachable(
  { syscode = '' }: HttpError,
  make: (code: ErrorCode, what: string, remedy: string) => IntermodalError,
): IntermodalError {
  if (/TLS|CERT|SSL|DEPTH_ZERO|UNABLE_TO/.test(syscode)) {
    return make(
      'UNAUTHENTICATED',
      `its certificate was not accepted, or ours was not (${syscode})`,
      'give the right ca, cert and key',
    )
  }
  const [what, remedy] = CANNOT_CONNECT[syscode] ?? [
    `no connection${syscode ? ` (${syscode})` : ''}`,
    'check the address and the network',
  ]
  return make('UNAVAILABLE', what, remedy)
}
