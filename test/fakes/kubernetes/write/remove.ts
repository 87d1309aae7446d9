import { conflict, preconditionFailed } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import type { Kind } from '../kinds.ts'
import { isGoing, type KubeObject, time } from '../objects.ts'
import type { Store } from '../store/store.ts'

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number | undefined
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan' | undefined
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined
  readonly dryRun?: boolean | undefined
}

export interface Removed {
  readonly object: KubeObject
  /** It is not there any more; otherwise it will go when what holds it lets go. */
  readonly gone: boolean
}

const FOREGROUND = 'foregroundDeletion'
const ORPHAN = 'orphan'

/** Deletes an object as the API server does: at once, or by marking it until its finalizers and its grace are over. */
export function remove(
  store: Store,
  now: number,
  kind: Kind,
  object: KubeObject,
  options: DeleteOptions,
): Removed {
  const { uid, name, resourceVersion } = object.metadata
  const { preconditions = {} } = options
  if (preconditions.uid !== undefined && preconditions.uid !== uid)
    throw preconditionFailed(
      kind,
      name,
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    )
  if (
    preconditions.resourceVersion !== undefined &&
    preconditions.resourceVersion !== resourceVersion
  )
    throw preconditionFailed(
      kind,
      name,
      `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    )
  const grace = graceOf(kind, object, options)
  const finalizers = finalizersOf(kind, object, options)
  if (grace === 0 && finalizers.length === 0 && kind.kind !== 'Namespace') {
    const last = kind.kind === 'Pod' ? mark(kind, object, grace, finalizers, now) : object
    return { object: options.dryRun ? last : store.delete(kind, last), gone: true }
  }
  if (kind.kind === 'Namespace' && isGoing(object))
    throw conflict(
      kind,
      name,
      'The system is ensuring all content is removed from this namespace.  Upon completion, this namespace will automatically be purged by the system.',
    )
  const marked = mark(kind, object, grace, finalizers, now)
  return {
    object: options.dryRun || marked === object ? marked : store.put(kind, marked),
    gone: false,
  }
}

/** Seconds a pod has to end; nothing else is given any. */
function graceOf(kind: Kind, object: KubeObject, { gracePeriodSeconds }: DeleteOptions): number {
  if (kind.kind !== 'Pod') return 0
  const { spec = {}, status = {} } = object
  if (!spec.nodeName || status.phase === 'Succeeded' || status.phase === 'Failed') return 0
  const wanted = gracePeriodSeconds ?? Number(spec.terminationGracePeriodSeconds ?? 30)
  const given = object.metadata.deletionGracePeriodSeconds
  return given === undefined ? wanted : Math.min(wanted, given)
}

function finalizersOf(
  { kind, group }: Kind,
  { metadata }: KubeObject,
  { propagationPolicy }: DeleteOptions,
): readonly string[] {
  const policy = propagationPolicy ?? (kind === 'Job' && group === 'batch' ? 'Orphan' : undefined)
  const given = metadata.finalizers ?? []
  const others =
    policy === undefined ? given : given.filter((one) => one !== FOREGROUND && one !== ORPHAN)
  if (policy === 'Foreground') return [...others, FOREGROUND]
  return policy === 'Orphan' ? [...others, ORPHAN] : others
}

function mark(
  { kind }: Kind,
  object: KubeObject,
  grace: number,
  finalizers: readonly string[],
  now: number,
): KubeObject {
  const { metadata } = object
  const shorter = grace < (metadata.deletionGracePeriodSeconds ?? Number.POSITIVE_INFINITY)
  if (isGoing(object) && !shorter && sameList(metadata.finalizers ?? [], finalizers)) return object
  const { generation } = metadata
  const again = isGoing(object)
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(generation && !again ? { generation: generation + 1 } : {}),
      deletionTimestamp: time(now + grace * 1000),
      ...(kind === 'Namespace' ? {} : { deletionGracePeriodSeconds: grace }),
      ...(finalizers.length > 0 ? { finalizers } : {}),
    },
    ...(kind === 'Namespace'
      ? { status: { ...(object.status as JsonObject), phase: 'Terminating' } }
      : {}),
  }
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index])
}
