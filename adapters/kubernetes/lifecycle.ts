import { type AppId, type Call, type Clock, IntermodalError, type Revision } from 'intermodal'
import type { Api } from './api.ts'
import { isStatus } from './api-error.ts'
import { changedMeanwhile } from './apply.ts'
import { templateOf } from './canonical.ts'
import { RESTARTED_AT, SUSPENDED } from './marks.ts'
import { PREVIOUS } from './ownership.ts'
import type { Json } from './patch.ts'
import { existing } from './picture.ts'
import { revisionFrom } from './revision.ts'
import { revisionOfWorkload } from './template-revision.ts'
import type { KubernetesObject, Labels } from './wire.ts'

const ATTEMPTS = 10

/** What to change, as a merge patch; undefined when it is so already. */
type Decide = (workload: KubernetesObject) => Patch | undefined

interface Patch {
  /** `null` removes. */
  readonly annotations?: Readonly<Record<string, string | null>>
  readonly spec?: Json
}

/** Zero remembers how many there were, as `suspend` does. */
export function scale(api: Api, id: AppId, replicas: number, call: Call): Promise<Revision> {
  return change(api, id, call, (workload) => {
    const before = replicasOf(id, workload, 'scale')
    if (before === replicas) return undefined
    return {
      annotations: { [SUSPENDED]: replicas === 0 ? String(before) : null },
      spec: { replicas },
    }
  })
}

/** Jobs and CronJobs are held; what runs on nodes has no number that could be zero. */
export function suspend(api: Api, id: AppId, call: Call): Promise<Revision> {
  return change(api, id, call, (workload) => {
    if (!isHeld(workload)) {
      const before = replicasOf(id, workload, 'suspend')
      if (before === 0) return undefined
      return { annotations: { [SUSPENDED]: String(before) }, spec: { replicas: 0 } }
    }
    if (specOf(workload).suspend === true) return undefined
    return { annotations: { [SUSPENDED]: 'true' }, spec: { suspend: true } }
  })
}

/** The remembered count after `suspend`; a rollout that is paused goes on. */
export function resume(api: Api, id: AppId, call: Call): Promise<Revision> {
  return change(api, id, call, (workload) => {
    const spec = specOf(workload)
    if (isHeld(workload)) {
      if (spec.suspend !== true) return undefined
      return { annotations: { [SUSPENDED]: null }, spec: { suspend: false } }
    }
    const asleep = spec.replicas === 0
    if (!asleep && spec.paused !== true) return undefined
    const remembered = Number(workload.metadata.annotations?.[SUSPENDED] ?? 1)
    return {
      annotations: { [SUSPENDED]: null },
      spec: {
        ...(asleep ? { replicas: remembered } : {}),
        ...(spec.paused === true ? { paused: false } : {}),
      },
    }
  })
}

export function pause(api: Api, id: AppId, call: Call): Promise<Revision> {
  return change(api, id, call, (workload) => {
    if (workload.kind !== 'Deployment') {
      throw unsupported(
        id,
        `pause ${id}: Kubernetes cannot hold the rollout of a ${workload.kind}`,
        'suspend it, or let the rollout go on',
      )
    }
    return specOf(workload).paused === true ? undefined : { spec: { paused: true } }
  })
}

/** As `kubectl rollout restart` does it. */
export function restart(api: Api, clock: Clock, id: AppId, call: Call): Promise<Revision> {
  return change(api, id, call, (workload) => {
    if (isHeld(workload)) {
      throw unsupported(
        id,
        `restart ${id}: a ${workload.kind} runs to its end`,
        'remove it and apply it again',
      )
    }
    if (specOf(workload).paused === true) {
      throw new IntermodalError('CONFLICT', `cannot restart ${id}: its rollout is paused`, {
        app: id,
        remedy: 'resume it first',
      })
    }
    const annotations = { [RESTARTED_AT]: later(workload, clock) }
    return {
      annotations: { [PREVIOUS]: revisionOfWorkload(workload) },
      spec: { template: { metadata: { annotations } } },
    }
  })
}

/** Never the moment of the restart before, however close they are. */
function later(workload: KubernetesObject, clock: Clock): string {
  const before = (templateOf(workload)?.metadata?.annotations as Labels | undefined)?.[RESTARTED_AT]
  const at = Math.max(clock.now(), (Date.parse(before ?? '') || 0) + 1)
  return new Date(at).toISOString()
}

/**
 * Decides on what is live and writes it on exactly that. Status updates make a version too old as well, so it is decided
 * anew then: nothing of anybody's change in between is lost.
 */
async function change(api: Api, id: AppId, call: Call, decide: Decide): Promise<Revision> {
  const { signal } = call
  for (let attempt = 1; ; attempt++) {
    const { object, resource } = await existing(api, id, signal)
    if (object.metadata.deletionTimestamp != null) throw leaving(id)
    const patch = decide(object)
    if (!patch) return revisionFrom(id, object, false)
    const { name = '', resourceVersion } = object.metadata
    const { annotations } = patch
    const body = {
      metadata: { resourceVersion, ...(annotations ? { annotations } : {}) },
      ...(patch.spec ? { spec: patch.spec } : {}),
    }
    try {
      const after = await api.merge(resource, name, body, signal)
      return revisionFrom(id, { ...after, kind: resource.kind }, true)
    } catch (error) {
      if (!isStatus(error, 409)) throw error
      if (attempt === ATTEMPTS) throw changedMeanwhile(id)
    }
  }
}

function leaving(id: AppId): IntermodalError {
  return new IntermodalError('CONFLICT', `${id} is being removed`, {
    app: id,
    remedy: 'wait until it is gone, then apply it again',
  })
}

function isHeld({ kind }: KubernetesObject): boolean {
  return kind === 'Job' || kind === 'CronJob'
}

function specOf({ spec }: KubernetesObject): Json {
  return (spec ?? {}) as Json
}

function replicasOf(id: AppId, workload: KubernetesObject, what: string): number {
  if (workload.kind === 'Deployment' || workload.kind === 'StatefulSet')
    return (specOf(workload).replicas as number | undefined) ?? 1
  throw unsupported(
    id,
    `${what} ${id}: a ${workload.kind} has no number of instances`,
    'daemons run on every node that fits, jobs to their completions; remove it instead',
  )
}

export function unsupported(app: AppId, what: string, remedy: string): IntermodalError {
  return new IntermodalError('UNSUPPORTED', `cannot ${what}`, { app, remedy })
}
