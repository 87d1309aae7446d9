import { type ErrorCode, IntermodalError } from 'intermodal'
import { TransportError } from './transport-error.ts'

interface Rule {
  /** Which HTTP statuses; any when absent. */
  readonly status?: readonly number[]
  /** What the engine's sentence contains. */
  readonly text?: RegExp
  readonly code: ErrorCode
  /** Ours instead of the engine's sentence, where that explains nothing. */
  readonly says?: string
  readonly remedy: string
  readonly retryable?: boolean
}

/** What the engine answers, first match wins: its sentence tells more than its status, which is 500 for most. */
const ANSWERS: readonly Rule[] = [
  {
    text: /not a swarm manager|not part of a swarm/i,
    code: 'UNSUPPORTED',
    says: 'this engine is not a swarm manager',
    remedy: 'connect to a manager, or make the engine one with `docker swarm init`',
  },
  {
    text: /swarm is encrypted|needs to be unlocked/i,
    code: 'UNAVAILABLE',
    says: 'the swarm is locked',
    remedy: 'unlock it with `docker swarm unlock`',
    retryable: false,
  },
  {
    text: /does not have a leader|no elected cluster leader/i,
    code: 'UNAVAILABLE',
    says: 'the swarm has no leader: too few of its managers are up',
    remedy: 'bring managers back until more than half are up',
  },
  {
    text: /lost leader status|DeadlineExceeded|context deadline exceeded/i,
    code: 'UNAVAILABLE',
    says: 'the swarm leader did not answer its manager in time',
    remedy: 'look at the other managers with `docker node ls`; a write may still happen',
  },
  {
    text: /update out of sequence/i,
    code: 'CONFLICT',
    says: 'the service was changed by someone else meanwhile',
    remedy: 'look at what changed, then try again',
  },
  {
    text: /client version .* too (?:new|old)/i,
    code: 'ADAPTER_INCOMPATIBLE',
    says: 'the engine speaks another version of its API',
    remedy: 'try again; if it stays, the engine is too old or too new',
  },
  {
    text: /port .* already in use|is already in use by service/i,
    code: 'CONFLICT',
    remedy: 'choose another published port, or remove the service that has it',
  },
  {
    text: /already exists|name conflicts/i,
    code: 'CONFLICT',
    remedy: 'choose another name, or remove what has it',
  },
  {
    text: /is in use by/i,
    code: 'CONFLICT',
    remedy: 'remove or update the services that use it first',
  },
  {
    text: /name must only contain|invalid|must be|cannot be|not supported|not allowed|mismatched|too large|incompatible/i,
    status: [400, 500],
    code: 'APP_INVALID',
    remedy: 'change the app, or its native.swarm patch',
  },
  {
    text: /network .* not found|cannot be used with services/i,
    code: 'APP_INVALID',
    remedy: 'create the network, or name one of scope swarm',
  },
  { status: [401], code: 'UNAUTHENTICATED', remedy: 'give valid client certificates' },
  { status: [403], code: 'FORBIDDEN', remedy: 'ask for the rights on this engine' },
  { status: [404], code: 'APP_NOT_FOUND', remedy: 'check the name' },
  { status: [409], code: 'CONFLICT', remedy: 'look at the live state, then try again' },
  { status: [429], code: 'THROTTLED', remedy: 'wait and try again' },
  {
    status: [501],
    code: 'UNSUPPORTED',
    remedy: 'this cannot be changed on a live service: remove it and make it anew',
  },
  { status: [400], code: 'APP_INVALID', remedy: 'change the app, or its native.swarm patch' },
  { status: [502, 503, 504], code: 'UNAVAILABLE', remedy: 'wait and try again' },
  {
    status: [500],
    code: 'UNAVAILABLE',
    remedy: 'see the log of the engine',
    retryable: false,
  },
]

const CANNOT_CONNECT: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOENT: ['there is no Docker socket', 'start the engine, or correct the address'],
  ECONNREFUSED: ['nothing listens there', 'start the engine, or correct the address'],
  ENOTFOUND: ['the name cannot be resolved', 'correct the address'],
  EAI_AGAIN: ['the name cannot be resolved now', 'check the name server, or correct the address'],
  EAGAIN: ['the engine takes no more connections: it hangs', 'restart the engine'],
  ENOTSOCK: ['the path is not a socket', 'correct the address'],
}

/**
 * Any failure of a call, in the model's words. `doing` completes "Docker Swarm at … : cannot ‹doing›". Only the
 * engine's own `message` and known system codes get into it, never a request, a header or an answer's body.
 */
export function explainError(error: unknown, doing: string, app?: string): IntermodalError {
  if (IntermodalError.is(error)) return error
  if (!(error instanceof TransportError)) {
    return new IntermodalError('PROTOCOL', `cannot ${doing}: unexpected failure`, {
      app,
      cause: error,
      remedy: 'this is a defect of the adapter or of the client library; see the cause',
    })
  }
  const prefix = `cannot ${doing} on ${error.at}`
  const make = (code: ErrorCode, what: string, remedy: string, retryable?: boolean) =>
    new IntermodalError(code, `${prefix}: ${what}`, { app, remedy, retryable, cause: error })
  switch (error.kind) {
    case 'unreachable':
      return unreachable(error, make)
    case 'timeout':
      return make(
        'TIMEOUT',
        'the engine took the call and did not answer in time',
        'see whether the engine hangs: `docker ps` on its machine',
      )
    case 'truncated':
      return make(
        'UNAVAILABLE',
        'the connection broke before the answer was complete',
        'see whether the engine was restarted, then try again',
      )
    case 'too-large':
      return make('PROTOCOL', 'the answer is too large', 'narrow what is asked for')
    case 'garbled':
      return make(
        'PROTOCOL',
        'the answer is not what the Docker API says',
        'check that the address is a Docker engine, with TLS where it expects TLS',
      )
    case 'too-old':
      return make(
        'ADAPTER_INCOMPATIBLE',
        `the engine speaks API ${error.detail}, at least 1.41 is needed`,
        'update it to Docker 20.10 or newer',
      )
    case 'http': {
      const rule = ruleFor(error)
      const what = rule?.says ?? error.text ?? `it answered ${error.status}`
      return make(
        rule?.code ?? 'PROTOCOL',
        what,
        rule?.remedy ?? 'see the log of the engine',
        rule?.retryable,
      )
    }
  }
}

function unreachable(
  { syscode }: TransportError,
  make: (code: ErrorCode, what: string, remedy: string) => IntermodalError,
): IntermodalError {
  if (syscode === 'EACCES' || syscode === 'EPERM') {
    return make(
      'FORBIDDEN',
      'permission denied on the Docker socket',
      'run as a member of the group that owns the socket (usually "docker")',
    )
  }
  if (syscode && /^(?:ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_SSL)/.test(syscode)) {
    return make(
      'UNAUTHENTICATED',
      `its certificate was not accepted, or ours was not (${syscode})`,
      'give the right ca, cert and key',
    )
  }
  const known = syscode === undefined ? undefined : CANNOT_CONNECT[syscode]
  const [what, remedy] = known ?? [
    `no connection${syscode ? ` (${syscode})` : ''}`,
    'check the address and the network',
  ]
  return make('UNAVAILABLE', what, remedy)
}

function ruleFor({ status, text }: TransportError): Rule | undefined {
  return ANSWERS.find(
    (rule) =>
      (!rule.status || (status !== undefined && rule.status.includes(status))) &&
      (!rule.text || (text !== undefined && rule.text.test(text))),
  )
}

/** The service was updated between our read and our write. */
export function isOutOfSequence(error: unknown): boolean {
  return error instanceof TransportError && /update out of sequence/i.test(error.text ?? '')
}

export function isNotFound(error: unknown): boolean {
  return error instanceof TransportError && error.status === 404
}

/**
 * The name is taken. Of two creations at the very same moment the second gets another status, and a sentence that
 * does not say by what.
 */
export function isConflict(error: unknown): boolean {
  return (
    error instanceof TransportError &&
    (error.status === 409 || /name conflicts with an existing/i.test(error.text ?? ''))
  )
}

/** It is in use, or already gone: what is collected later is no failure now. */
export function isInUse(error: unknown): boolean {
  return error instanceof TransportError && /in use|has active endpoints/i.test(error.text ?? '')
}

/**
 * A write that failed like this may have happened, or may still: a stopped engine carries out what it was sent once it
 * goes on, and a manager that answered "no leader" was seen to apply the write minutes later.
 */
export function isAmbiguous(error: unknown): boolean {
  if (!(error instanceof TransportError)) return false
  if (error.kind === 'timeout' || error.kind === 'truncated' || error.kind === 'garbled')
    return true
  return (
    error.kind === 'http' &&
    (error.status ?? 0) >= 500 &&
    /DeadlineExceeded|deadline exceeded|lost leader|does not have a leader/i.test(error.text ?? '')
  )
}
