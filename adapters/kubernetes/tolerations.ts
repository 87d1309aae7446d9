import type { App } from 'intermodal'
import { type Report, seconds, step } from './loss.ts'
import { compact } from './patch.ts'
import type { PodToleration } from './wire.ts'

/** The taints Kubernetes puts on nodes it does not hear of. */
const UNREACHABLE = ['node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready'] as const

type Toleration = NonNullable<App['placement']['tolerations']>[number]

export function writeTolerations(app: App, report: Report): PodToleration[] {
  const given = (app.placement.tolerations ?? []).map((toleration, index) =>
    writeToleration(toleration, `/placement/tolerations${step(index)}`, report),
  )
  return [...given, ...writeUnreachable(app, report)]
}

function writeToleration(
  { key, value, effect, duration }: Toleration,
  path: string,
  report: Report,
): PodToleration {
  const timed = duration !== undefined && effect === 'NoExecute'
  if (duration !== undefined && !timed) {
    report(
      'dropped',
      `${path}/duration`,
      'only the effect NoExecute is borne for a time',
      'set effect: NoExecute',
    )
  }
  if (key === undefined && value !== undefined) {
    report(
      'dropped',
      `${path}/value`,
      'a value without a key means nothing to Kubernetes',
      'give the key',
    )
  }
  const equal = key !== undefined && value !== undefined
  return compact({
    key,
    operator: equal ? 'Equal' : 'Exists',
    value: equal ? value : undefined,
    effect,
    tolerationSeconds: timed ? seconds(duration, `${path}/duration`, report) : undefined,
  }) as PodToleration
}

function writeUnreachable({ onUnreachable, kind }: App, report: Report): PodToleration[] {
  if (!onUnreachable) return []
  if (kind === 'daemon') {
    report('approximated', '/onUnreachable', 'a daemon stays on its node until the node is removed')
    return []
  }
  if (onUnreachable.expungeAfter !== undefined) {
    report(
      'approximated',
      '/onUnreachable/expungeAfter',
      'an instance is forgotten when its node comes back or is removed',
    )
  }
  const tolerationSeconds = seconds(
    onUnreachable.replaceAfter,
    '/onUnreachable/replaceAfter',
    report,
  )
  return UNREACHABLE.map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds,
  }))
}

export function readTolerations(found: readonly PodToleration[] = []): {
  readonly tolerations?: readonly object[]
  readonly onUnreachable?: object
} {
  const tail = found.slice(-UNREACHABLE.length)
  const after = tail[0]?.tolerationSeconds
  const unreachable =
    after !== undefined &&
    UNREACHABLE.every(
      (key, index) =>
        tail[index]?.key === key &&
        tail[index]?.effect === 'NoExecute' &&
        tail[index]?.tolerationSeconds === after,
    )
  const given = unreachable ? found.slice(0, -UNREACHABLE.length) : found
  return {
    ...(given.length > 0 ? { tolerations: given.map(readToleration) } : {}),
    ...(unreachable ? { onUnreachable: { replaceAfter: `${after}s` } } : {}),
  }
}

function readToleration({
  key,
  operator,
  value,
  effect,
  tolerationSeconds,
}: PodToleration): object {
  return compact({
    key,
    value: operator === 'Exists' || key === undefined ? undefined : (value ?? ''),
    effect,
    duration: tolerationSeconds === undefined ? undefined : `${tolerationSeconds}s`,
  })
}
