import type { NodeRecord } from '../../../../adapters/simulated/world/model.ts'
import type { JsonObject } from '../json.ts'
import { type KubeObject, time } from '../objects.ts'

export interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: string
  readonly timeAdded?: string
}

/** Milliseconds a pod still puts up with a taint. */
export function tolerated({ spec }: KubeObject, taint: Taint, now: number): number {
  const tolerations = (spec?.tolerations ?? []) as readonly JsonObject[]
  const fitting = tolerations.filter(
    ({ key, operator, value, effect }) =>
      (effect === undefined || effect === taint.effect) &&
      (key === undefined ||
        (key === taint.key && (operator === 'Exists' || (value ?? '') === (taint.value ?? '')))),
  )
  if (fitting.length === 0) return 0
  const limits = fitting.flatMap(({ tolerationSeconds }) =>
    tolerationSeconds === undefined ? [] : [Number(tolerationSeconds)],
  )
  if (limits.length === 0) return Number.POSITIVE_INFINITY
  const since = taint.timeAdded === undefined ? now : Date.parse(taint.timeAdded)
  return since + Math.min(...limits) * 1000 - now
}

export function taintOf({ key, value, effect, since }: NodeRecord['taints'][number]): Taint {
  return {
    key,
    ...(value === undefined ? {} : { value }),
    effect,
    ...(since === undefined ? {} : { timeAdded: time(since) }),
  }
}
