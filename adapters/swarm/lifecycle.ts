import { type AppId, type Call, IntermodalError, type Revision } from 'intermodal'
import { type ApplyContext, applyNative, revisionFrom } from './apply.ts'
import { collectRemains } from './collect.ts'
import { isNotFound } from './errors.ts'
import { historyOf, recall } from './history.ts'
import { PREVIOUS, SUSPENDED } from './marks.ts'
import { serviceName } from './names.ts'
import { replicasOf, sameSpec, withForceUpdate, withLabels, withReplicas } from './spec.ts'
import { TransportError } from './transport-error.ts'
import type { Service, ServiceSpec } from './wire.ts'
import { writeService } from './write.ts'

/** Zero remembers how many there were, as `suspend` does. */
export function scale(
  context: ApplyContext,
  id: AppId,
  replicas: number,
  call: Call,
): Promise<Revision> {
  return change(context, id, call, (spec) => {
    const before = countOf(id, spec, 'scale')
    const remembered = before > 0 ? String(before) : spec.Labels?.[SUSPENDED]
    return withReplicas(
      withLabels(spec, { [SUSPENDED]: replicas === 0 ? remembered : undefined }),
      replicas,
    )
  })
}

export function suspend(context: ApplyContext, id: AppId, call: Call): Promise<Revision> {
  return scale(context, id, 0, call)
}

/** The remembered count after `suspend`; an update that stopped after failures is started again. */
export async function resume(context: ApplyContext, id: AppId, call: Call): Promise<Revision> {
  const live = await existing(context, id, call)
  if (replicasOf(live.Spec) === 0) {
    return scale(context, id, Number(live.Spec.Labels?.[SUSPENDED] ?? 1), call)
  }
  const stopped = /^(?:rollback_)?paused$/.test(live.UpdateStatus?.State ?? '')
  if (!stopped) return revisionFrom(id, { service: live, changed: false })
  // Any accepted update, this one changes but a label of ours, makes Swarm take up what is out of date.
  const write = { app: id, live, wanted: live.Spec }
  return revisionFrom(id, await writeService(context.engine, write, call.signal))
}

export function restart(context: ApplyContext, id: AppId, call: Call): Promise<Revision> {
  return change(context, id, call, (spec) =>
    withForceUpdate(spec, (spec.TaskTemplate.ForceUpdate ?? 0) + 1),
  )
}

/** An ordinary update to what is kept of that revision, with the live replica count. */
export async function rollback(
  context: ApplyContext,
  id: AppId,
  revision: string | undefined,
  call: Call,
): Promise<Revision> {
  const { signal } = call
  const live = await existing(context, id, call)
  const target = revision ?? live.Spec.Labels?.[PREVIOUS]
  if (target === undefined) {
    throw new IntermodalError('CONFLICT', `${id} has no revision before this one`, {
      app: id,
      remedy: 'apply the app as it should be',
    })
  }
  const kept = recall(id, target, await historyOf(context.engine, id, signal))
  const replicas = replicasOf(live.Spec)
  const service =
    replicas === undefined ? kept.native.service : withReplicas(kept.native.service, replicas)
  const native = { ...kept.native, service }
  return applyNative(context, { app: id, native, live, template: kept.template }, signal)
}

/** What was removed here and not yet seen to be gone. */
export type Leftovers = Set<AppId>

export async function remove(
  { engine }: ApplyContext,
  leftovers: Leftovers,
  id: AppId,
  { signal }: Call,
): Promise<boolean> {
  const live = await engine.service(serviceName(id), signal)
  leftovers.add(id)
  if (!live) return false
  try {
    await engine.removeService(live.ID, signal)
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

/**
 * Collects what was made for removed apps that are gone by now: networks are held by instances until they have
 * ended. What cannot be collected now is tried again with the next look.
 */
export async function collectLeftovers(
  { engine }: ApplyContext,
  leftovers: Leftovers,
  isGone: (id: AppId) => boolean,
  signal: AbortSignal,
): Promise<void> {
  for (const id of leftovers) {
    if (!isGone(id)) continue
    try {
      await collectRemains(engine, id, signal)
      leftovers.delete(id)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof TransportError)) throw error
    }
  }
}

export async function existing(
  { engine }: ApplyContext,
  id: AppId,
  { signal }: Call,
): Promise<Service> {
  const live = await engine.service(serviceName(id), signal)
  if (live) return live
  throw new IntermodalError('APP_NOT_FOUND', `there is no app ${id}`, {
    app: id,
    remedy: 'check the id; list() shows what there is',
  })
}

async function change(
  context: ApplyContext,
  id: AppId,
  call: Call,
  decide: (spec: ServiceSpec) => ServiceSpec,
): Promise<Revision> {
  const live = await existing(context, id, call)
  const wanted = decide(live.Spec)
  if (sameSpec(wanted, live.Spec)) return revisionFrom(id, { service: live, changed: false })
  return revisionFrom(
    id,
    await writeService(context.engine, { app: id, live, wanted }, call.signal),
  )
}

function countOf(id: AppId, spec: ServiceSpec, what: string): number {
  const count = replicasOf(spec)
  if (count !== undefined) return count
  throw new IntermodalError('UNSUPPORTED', `cannot ${what} ${id}: it has no number of instances`, {
    app: id,
    remedy: 'daemons run on every node that fits, jobs to their completions; remove it instead',
  })
}
