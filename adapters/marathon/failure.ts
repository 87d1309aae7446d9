import type { Reason, ReasonCode } from 'intermodal'

/** What a task's last words mean, first match wins. Agents and containerizers word them, not Marathon. */
const WORDS: readonly (readonly [pattern: RegExp, code: ReasonCode])[] = [
  [
    /unauthori[sz]ed|authentication required|access (?:to the resource )?(?:is )?denied|denied: /i,
    'RegistryAuth',
  ],
  [
    /manifest .*unknown|manifest for .* not found|no such image|(?:image|repository|manifest).*(?:not found|does not exist)|404 Not Found/i,
    'ImageNotFound',
  ],
  [
    /docker pull|pull(?:ing)? (?:the )?image|failed to pull|image.*pull|provisioner|fetch.*manifest/i,
    'ImagePullFailed',
  ],
  [/memory limit exceeded|oom|out of memory/i, 'OomKilled'],
  [/secret/i, 'SecretMissing'],
  [/health ?check|unhealthy/i, 'LivenessFailed'],
  [/volume|mount/i, 'VolumeUnavailable'],
  [/drain|maintenance/i, 'NodeDrained'],
  [/preempt/i, 'Preempted'],
  [/agent .*(?:removed|lost|unreachable)|slave .*(?:removed|lost)|reconcil/i, 'NodeLost'],
  [/exited with status|command exited|terminated with signal|exit (?:code|status)/i, 'ExitNonZero'],
]

const BY_STATE: Readonly<Record<string, ReasonCode>> = {
  TASK_LOST: 'NodeLost',
  TASK_DROPPED: 'StartFailed',
  TASK_GONE: 'NodeLost',
  TASK_GONE_BY_OPERATOR: 'NodeLost',
  TASK_UNREACHABLE: 'NodeLost',
  TASK_ERROR: 'AdmissionDenied',
}

export interface Cause {
  readonly code: ReasonCode
  readonly message: string
  readonly exitCode?: number | undefined
}

export function causeOf(state: string | undefined, message: string | undefined): Cause {
  const text = (message ?? '').replace(/\s+/g, ' ').trim().slice(0, 300)
  const [, status] = /(?:exited with status|exit (?:code|status)[:=]?)\s*(\d+)/i.exec(text) ?? []
  const exitCode = status === undefined ? undefined : Number(status)
  const found = WORDS.find(([pattern]) => pattern.test(text))?.[1]
  const code = BY_STATE[state ?? ''] ?? found ?? (exitCode ? 'ExitNonZero' : 'StartFailed')
  return {
    code,
    message: text || `it ended as ${state ?? 'failed'}`,
    ...(exitCode === undefined ? {} : { exitCode }),
  }
}

/** Codes that a crash loop is not the better word for. */
export function isCrash(code: ReasonCode): boolean {
  return (
    code === 'ExitNonZero' ||
    code === 'OomKilled' ||
    code === 'LivenessFailed' ||
    code === 'StartFailed'
  )
}

export function reason(code: ReasonCode, message: string, since: number, count = 1): Reason {
  return { code, message, count, since }
}
