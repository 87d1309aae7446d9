import { type ErrorCode, IntermodalError } from 'intermodal'
import { ApiError, type Asked, type StatusCause } from './api-error.ts'

interface Rule {
  /** Which HTTP statuses; any when absent. */
  readonly status?: readonly number[]
  /** What the server's sentence contains. */
  readonly text?: RegExp
  /** The server's word for it. */
  readonly reason?: string
  readonly code: ErrorCode
  /** Ours instead of the server's sentence, where that explains nothing. */
  readonly says?: string | ((error: ApiError) => string)
  readonly remedy: string | ((error: ApiError) => string)
  readonly retryable?: boolean
}

/** What the server answers, first match wins. */
const ANSWERS: readonly Rule[] = [
  {
    status: [401],
    code: 'UNAUTHENTICATED',
    says: 'the server does not take the credentials: they are missing, wrong or expired',
    remedy: 'log in again, or choose a context with valid credentials',
  },
  {
    text: /exceeded quota/i,
    code: 'FORBIDDEN',
    remedy: 'ask for less, remove something, or have the ResourceQuota raised',
  },
  {
    text: /admission webhook .* denied|violates PodSecurity|denied (?:by|the) |ValidatingAdmissionPolicy/i,
    code: 'FORBIDDEN',
    remedy: 'change what the policy of the cluster refuses, or have the policy changed',
  },
  {
    text: /being terminated/i,
    code: 'CONFLICT',
    remedy: 'wait until it is gone, then try again',
  },
  {
    status: [403],
    code: 'FORBIDDEN',
    says: ({ asked }) => `no right to ${described(asked)}`,
    remedy: ({ asked }) =>
      `ask for a Role with the verb "${asked?.verb ?? '?'}" on "${asked?.resource ?? '?'}"`,
  },
  {
    text: /failed calling webhook/i,
    code: 'UNAVAILABLE',
    says: 'an admission webhook of the cluster does not answer',
    remedy: 'see the webhook named in the API server’s log, then try again',
  },
  {
    text: /^namespaces ".*" not found/,
    code: 'APP_INVALID',
    remedy: 'create it with `kubectl create namespace`, or choose another one',
  },
  {
    status: [404],
    code: 'APP_NOT_FOUND',
    says: ({ asked }) =>
      asked?.name === undefined
        ? `the server has no ${asked?.resource ?? 'such kind'}`
        : `there is no ${asked.resource} "${asked.name}"`,
    remedy: 'check the name and the namespace',
  },
  {
    reason: 'AlreadyExists',
    code: 'CONFLICT',
    remedy: 'look at what has that name, then try again',
  },
  {
    status: [409],
    code: 'CONFLICT',
    says: 'it was changed by someone else meanwhile',
    remedy: 'look at what changed, then try again',
  },
  {
    status: [410],
    code: 'UNAVAILABLE',
    says: 'the server has forgotten the state that was asked from',
    remedy: 'try again',
  },
  {
    status: [400, 422],
    code: 'APP_INVALID',
    remedy: 'change the app, or its native.kubernetes patch',
  },
  {
    status: [413],
    code: 'APP_INVALID',
    says: 'it is larger than the server takes',
    remedy: 'put large files into the image or a volume',
  },
  {
    status: [415],
    code: 'ADAPTER_INCOMPATIBLE',
    says: 'the server knows no server-side apply',
    remedy: 'update it to Kubernetes 1.20 or newer',
  },
  {
    status: [429],
    code: 'THROTTLED',
    says: 'the server has too much to do',
    remedy: 'wait and try again',
  },
  {
    text: /error dialing backend|^Get "https:\/\/[^"]*\/(?:containerLogs|exec)\/|dial tcp/i,
    code: 'UNAVAILABLE',
    says: 'the node of the instance does not answer the API server',
    remedy: 'see whether the node and its kubelet are well',
  },
  {
    text: /etcdserver|etcd cluster is unavailable/i,
    code: 'UNAVAILABLE',
    says: 'the server cannot reach its storage (etcd)',
    remedy: 'see the health of etcd; a write may still have happened',
  },
  {
    status: [504],
    code: 'UNAVAILABLE',
    says: 'the server was too slow for its own time limit',
    remedy: 'try again; a write may still have happened',
  },
  {
    status: [500, 502, 503],
    code: 'UNAVAILABLE',
    says: ({ status }) => `the server answered ${status}`,
    remedy: 'wait and try again; a write may still have happened',
  },
]

const CANNOT_CONNECT: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ECONNREFUSED: ['nothing listens there', 'start the API server, or correct the address'],
  ENOTFOUND: ['the name cannot be resolved', 'correct the address in the kubeconfig'],
  EAI_AGAIN: ['the name cannot be resolved now', 'check the name server, or correct the address'],
  ETIMEDOUT: ['no answer to the attempt to connect', 'check the network, a VPN or a firewall'],
  EHOSTUNREACH: ['there is no way to that host', 'check the network, a VPN or a firewall'],
  ENETUNREACH: ['there is no way to that network', 'check the network, a VPN or a firewall'],
}

/**
 * Any failure of a call, in the model's words. `doing` completes "cannot ‹doing› on https://…". Only the server's own
 * `message` and known system codes get into it, never a request, a header or an answer's body.
 */
export function explainError(error: unknown, doing: string, app?: string): IntermodalError {
  if (IntermodalError.is(error)) return error
  if (!(error instanceof ApiError)) {
    return new IntermodalError('PROTOCOL', `cannot ${doing}: unexpected failure`, {
      app,
      cause: error,
      remedy: 'this is a defect of the adapter or of the client library; see the cause',
    })
  }
  const { retryAfter } = error
  const { code, what, remedy, retryable } = judge(error)
  // Where a stream broke off in the middle, only the cluster's name tells which.
  const where = error.at === '' ? '' : ` on ${error.at}`
  return new IntermodalError(code, `cannot ${doing}${where}: ${what}`, {
    app,
    remedy,
    retryable,
    retryAfter,
    cause: error,
  })
}

interface Judged {
  readonly code: ErrorCode
  readonly what: string
  readonly remedy: string
  readonly retryable?: boolean | undefined
}

function judge(error: ApiError): Judged {
  switch (error.kind) {
    case 'config':
      return {
        code: 'UNSUPPORTED',
        what: `the kubeconfig cannot be used: ${error.detail}`,
        remedy: 'mend the kubeconfig',
      }
    case 'credentials':
      return {
        code: 'UNAUTHENTICATED',
        what: `no credentials could be had: ${error.detail}`,
        remedy: 'run the plugin by hand to see what it says, or log in again',
      }
    case 'unreachable': {
      const { syscode } = error
      const known = syscode === undefined ? undefined : CANNOT_CONNECT[syscode]
      const [what, remedy] = known ?? [
        `no connection${syscode ? ` (${syscode})` : ''}`,
        'check the address and the network',
      ]
      return { code: 'UNAVAILABLE', what, remedy }
    }
    case 'untrusted':
      return {
        code: 'UNAUTHENTICATED',
        what: `its certificate was not accepted, or ours was not (${error.syscode})`,
        remedy: 'correct certificate-authority, tls-server-name or the client certificate',
      }
    case 'silent':
      return {
        code: 'TIMEOUT',
        what: 'the server took the call and said nothing',
        remedy: 'see whether the API server hangs',
      }
    case 'truncated':
      return {
        code: 'UNAVAILABLE',
        what: 'the connection broke before the answer was complete',
        remedy: 'see whether the API server or a proxy was restarted, then try again',
      }
    case 'too-large':
      return {
        code: 'PROTOCOL',
        what: `the answer is larger than ${error.detail}`,
        remedy: 'choose a smaller namespace',
      }
    case 'garbled':
      return {
        code: 'PROTOCOL',
        what: 'the answer is not what the Kubernetes API says',
        remedy: 'check that the address is an API server, and not a page to log in at',
      }
    case 'http':
      return judgeAnswer(error)
  }
}

function judgeAnswer(error: ApiError): Judged {
  const rule = ANSWERS.find((candidate) => fits(candidate, error))
  if (!rule) {
    return {
      code: 'PROTOCOL',
      what: `it answered ${error.status}`,
      remedy: 'check that the address is an API server',
    }
  }
  const says = typeof rule.says === 'function' ? rule.says(error) : rule.says
  return {
    code: rule.code,
    what: says ?? sentence(error),
    remedy: typeof rule.remedy === 'function' ? rule.remedy(error) : rule.remedy,
    retryable: rule.retryable,
  }
}

function fits(rule: Rule, { status, refusal }: ApiError): boolean {
  return (
    (!rule.status || (status !== undefined && rule.status.includes(status))) &&
    (!rule.reason || rule.reason === refusal?.reason) &&
    (!rule.text || rule.text.test(refusal?.message ?? ''))
  )
}

/** `list deployments.apps in the namespace "shop"`. */
function described(asked: Asked | undefined): string {
  if (!asked) return 'do that'
  const name = asked.name === undefined ? '' : ` "${asked.name}"`
  const where =
    asked.namespace === undefined ? ' in the cluster' : ` in the namespace "${asked.namespace}"`
  return `${asked.verb} ${asked.resource}${name}${where}`
}

/** The server's sentence, or what it says of each field. */
function sentence({ refusal, status }: ApiError): string {
  if (refusal?.reason === 'Invalid' && refusal.causes?.length)
    return refusal.causes.map((cause) => `${cause.field}: ${withoutValue(cause)}`).join('; ')
  return refusal?.message ?? `it answered ${status}`
}

/**
 * What is wrong, without the value it is wrong with: that may be a secret, and is often a dump of the whole object.
 * `Invalid value: "Web": a lowercase RFC 1123 label must …` is `a lowercase RFC 1123 label must …`.
 */
export function withoutValue({ message = '', reason }: StatusCause): string {
  const found = /^(Invalid value|Unsupported value|Duplicate value): (.*)$/s.exec(message)
  if (!found) return message || (reason ?? 'refused')
  const [, kind = '', rest = ''] = found
  const quoted = /^"(?:[^"\\]|\\.)*"(?:: (.*))?$/s.exec(rest)
  const dumped = /^.*[}\])]: (.*)$/s.exec(rest)
  const plain = /^[^\s:]*: (.*)$/s.exec(rest)
  return (quoted ?? dumped ?? plain)?.[1] ?? kind.toLowerCase()
}
