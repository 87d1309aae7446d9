import type { AppId } from './app/schema.ts'
import type { IntermodalError } from './errors.ts'
import {
  type AppStatus,
  type Instance,
  type RolloutStatus,
  sameInstance,
  sameStatus,
} from './status.ts'

/** Every type of event. */
export const EVENT_TYPES = [
  'app.added',
  'app.changed',
  'app.removed',
  'instance.added',
  'instance.changed',
  'instance.removed',
  'rollout.started',
  'rollout.progressed',
  'rollout.ended',
  'cluster.connected',
  'cluster.lost',
  'stream.synced',
  'stream.gap',
  'stream.heartbeat',
] as const
/** What an event is about: an app, one of its instances, its rollout, the cluster or the stream itself. */
export type EventType = (typeof EVENT_TYPES)[number]

export interface Envelope {
  /**
   * Never falls. Events that are told to one reader alone (its first picture, what a slow one is told in one piece) share
   * the number of the newest that was told to all.
   */
  readonly seq: number
  /** Where to go on from: give it as `events({ since })`. Opaque. */
  readonly cursor: string
  /** When it was noticed, milliseconds since the epoch. */
  readonly time: number
  readonly cluster: string
}

/** What happened to one app. Carries the whole status after it, so that losing an event is harmless. */
export type AppChange =
  | { readonly type: 'app.added'; readonly app: AppId; readonly status: AppStatus }
  | {
      readonly type: 'app.changed'
      readonly app: AppId
      readonly status: AppStatus
      readonly previous: AppStatus
    }
  /** `status` is the last that was known. */
  | { readonly type: 'app.removed'; readonly app: AppId; readonly status: AppStatus }
  | {
      readonly type: 'instance.added' | 'instance.removed'
      readonly app: AppId
      readonly instance: Instance
      readonly status: AppStatus
    }
  | {
      readonly type: 'instance.changed'
      readonly app: AppId
      readonly instance: Instance
      readonly previous: Instance
      readonly status: AppStatus
    }
  | {
      readonly type: 'rollout.started' | 'rollout.progressed' | 'rollout.ended'
      readonly app: AppId
      readonly rollout: RolloutStatus
      readonly status: AppStatus
    }

/** What happened to the stream or its connection. */
export type StreamChange =
  | { readonly type: 'cluster.connected' }
  | { readonly type: 'cluster.lost'; readonly error: IntermodalError }
  /** Everything that holds now has been told. */
  | { readonly type: 'stream.synced' }
  /** Something may have happened that this stream did not see; what still shows of it follows, then `stream.synced`. */
  | { readonly type: 'stream.gap'; readonly cause: string }
  | { readonly type: 'stream.heartbeat' }

/** One event of `Client.events`. */
export type Event = Envelope & (AppChange | StreamChange)

/**
 * What happened between two statuses of one app: first the app as a whole, then its rollout, then its instances.
 * Pure. Nothing for two that are the same; `undefined` stands for "not there".
 */
export function diffStatus(
  before: AppStatus | undefined,
  after: AppStatus | undefined,
): readonly AppChange[] {
  if (!after) {
    return before
      ? [{ type: 'app.removed', app: before.id, status: before }, ...removedInstances(before)]
      : []
  }
  if (!before) return [{ type: 'app.added', app: after.id, status: after }, ...firstRollout(after)]
  if (sameStatus(before, after)) return []
  return [
    { type: 'app.changed', app: after.id, status: after, previous: before },
    ...diffRollout(before, after),
    ...diffInstances(before, after),
  ]
}

function removedInstances(status: AppStatus): AppChange[] {
  return status.instances.map((instance) => ({
    type: 'instance.removed',
    app: status.id,
    instance,
    status,
  }))
}

function firstRollout(status: AppStatus): AppChange[] {
  const { rollout } = status
  if (!rollout || isOver(rollout)) return []
  return [{ type: 'rollout.started', app: status.id, rollout, status }]
}

function diffInstances(before: AppStatus, after: AppStatus): AppChange[] {
  const changes: AppChange[] = []
  const old = new Map(before.instances.map((instance) => [instance.id, instance]))
  for (const instance of after.instances) {
    const previous = old.get(instance.id)
    old.delete(instance.id)
    if (!previous) {
      changes.push({ type: 'instance.added', app: after.id, instance, status: after })
    } else if (!sameInstance(previous, instance)) {
      changes.push({ type: 'instance.changed', app: after.id, instance, previous, status: after })
    }
  }
  for (const instance of old.values()) {
    changes.push({ type: 'instance.removed', app: after.id, instance, status: after })
  }
  return changes
}

function isOver(rollout: RolloutStatus): boolean {
  return (
    rollout.state === 'succeeded' || rollout.state === 'failed' || rollout.state === 'rolledBack'
  )
}

function diffRollout(before: AppStatus, after: AppStatus): AppChange[] {
  const { rollout } = after
  if (!rollout) return []
  const old = before.rollout
  const event = (type: 'rollout.started' | 'rollout.progressed' | 'rollout.ended'): AppChange => ({
    type,
    app: after.id,
    rollout,
    status: after,
  })
  const isNew = !old || old.revision !== rollout.revision || (isOver(old) && !isOver(rollout))
  if (isNew)
    return isOver(rollout)
      ? old
        ? [event('rollout.started'), event('rollout.ended')]
        : []
      : [event('rollout.started')]
  if (isOver(rollout))
    return isOver(old) && old.state === rollout.state ? [] : [event('rollout.ended')]
  const moved =
    old.state !== rollout.state ||
    before.counts.updated !== after.counts.updated ||
    before.counts.ready !== after.counts.ready
  return moved ? [event('rollout.progressed')] : []
}
