import type { Reason, ReasonCode } from 'intermodal'
import type { ContainerState } from './workload.ts'

export interface Cause {
  readonly code: ReasonCode
  readonly message: string
}

export function withTime(cause: Cause, since: number, count = 1): Reason {
  return { ...cause, count, since }
}

const IMAGE: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'RegistryUnavailable',
  'ImageInspectError',
  'SignatureValidationFailed',
])

/** Why a container waits; `undefined` for what every start goes through. */
export function waitingCause(
  { reason = '', message = '' }: NonNullable<ContainerState['waiting']>,
  image: string,
  told: string | undefined,
): Cause | undefined {
  if (IMAGE.has(reason)) return imageCause(reason, message, image, told)
  if (reason === 'CreateContainerConfigError') return configCause(message)
  if (
    /^(?:CreateContainerError|RunContainerError|StartError|PostStartHookError|CreatePodSandboxError)$/.test(
      reason,
    )
  ) {
    return { code: 'StartFailed', message: message || `cannot be started (${reason})` }
  }
  if (reason === 'CrashLoopBackOff') return { code: 'CrashLoop', message }
  return undefined
}

function imageCause(
  reason: string,
  message: string,
  image: string,
  told: string | undefined,
): Cause {
  // The back-off's own message has the cause only from 1.29 on; the event has it always.
  const cause = [message, told ?? ''].find(
    (text) =>
      /pull image|failed to|unauthorized|not found/i.test(text) &&
      !/^Back-off pulling image "[^"]*"$/.test(text),
  )
  const sentence = shortly(cause ?? message) || `cannot fetch ${image} (${reason})`
  if (reason === 'InvalidImageName') return { code: 'ImageNotFound', message: sentence }
  if (reason === 'ErrImageNeverPull') {
    return { code: 'ImageNotFound', message: `${image} is not on the node, and may not be fetched` }
  }
  if (
    /not found|manifest unknown|does not exist|no such image|no match for platform/i.test(sentence)
  ) {
    return { code: 'ImageNotFound', message: sentence }
  }
  if (
    /unauthorized|authentication required|no basic auth|access denied|forbidden|denied:/i.test(
      sentence,
    )
  ) {
    return { code: 'RegistryAuth', message: sentence }
  }
  return { code: 'ImagePullFailed', message: sentence }
}

/** The runtime says the same three times over. */
function shortly(text: string): string {
  const [, last = text] = /^.*?(?:ErrImagePull: )(.*)$/s.exec(text) ?? []
  return last.replace(/^rpc error: code = \w+ desc = /, '').slice(0, 400)
}

export function configCause(message: string): Cause {
  if (/secret/i.test(message)) return { code: 'SecretMissing', message }
  if (/config\s?map/i.test(message)) return { code: 'ConfigMissing', message }
  return { code: 'StartFailed', message: message || 'its configuration cannot be used' }
}

/** Why a container ended. */
export function terminatedCause({
  exitCode,
  signal,
  reason,
  message,
}: NonNullable<ContainerState['terminated']>): Cause | undefined {
  if (reason === 'OOMKilled') {
    return { code: 'OomKilled', message: 'was killed: it needed more memory than its limit' }
  }
  if (reason === 'ContainerCannotRun' || reason === 'StartError') {
    return { code: 'StartFailed', message: message || `cannot be started (${reason})` }
  }
  if (exitCode === 0 || exitCode === undefined) return undefined
  const how = signal ? `signal ${signal}` : `exit code ${exitCode}`
  return { code: 'ExitNonZero', message: `ended with ${how}` }
}

/** Why the kubelet, the scheduler or a node took a pod away; `reason` is the pod's, or that of its DisruptionTarget. */
export function podCause(reason: string, message: string): Cause | undefined {
  const found = POD_REASONS.find(([pattern]) => pattern.test(reason))
  return found && { code: found[1], message: message || found[2] }
}

const POD_REASONS: readonly (readonly [RegExp, ReasonCode, string])[] = [
  [/^Evict|^TerminationByKubelet$/, 'Evicted', 'was evicted: its node ran short of something'],
  [/^Preempt/, 'Preempted', 'made way for something of higher priority'],
  [/^EvictionByEvictionAPI$/, 'NodeDrained', 'was moved off its node'],
  [
    /^NodeLost$|^DeletionByTaintManager$|^DeletionByPodGC$|^NodeShutdown$|^Terminated$/,
    'NodeLost',
    'its node is not heard of',
  ],
  [/^DeadlineExceeded$/, 'DeadlineExceeded', 'ran longer than it may'],
  [/^OutOfcpu$/, 'InsufficientCpu', 'its node has too little cpu left'],
  [/^OutOfmemory$/, 'InsufficientMemory', 'its node has too little memory left'],
  [/^OutOf/, 'NoNodes', 'its node has no room left'],
  [/^NodePorts$/, 'PortConflict', 'a port of its node is taken'],
  [/^NodeAffinity$/, 'ConstraintUnsatisfied', 'its node no longer fits its rules'],
  [/^UnexpectedAdmissionError$|^AppArmor$/, 'StartFailed', 'its node does not take it'],
]

/** Why a controller could not create pods. */
export function creationCause(message: string): Cause {
  if (/exceeded quota|maximum .* usage|must specify limits|must specify requests/i.test(message)) {
    return { code: 'QuotaExceeded', message: message.replace(/^.*?is forbidden: /s, '') }
  }
  return { code: 'AdmissionDenied', message }
}

/** Why a volume is not there yet. */
export function mountCause(message: string): Cause {
  const missing = /not found|references non-existent|couldn't find key/i.test(message)
  if (missing && /secret/i.test(message)) return { code: 'SecretMissing', message }
  if (missing && /config\s?map/i.test(message)) return { code: 'ConfigMissing', message }
  return { code: 'VolumeUnavailable', message }
}
