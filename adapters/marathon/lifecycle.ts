import {
  type AppId,
  type Call,
  type ChangeCall,
  IntermodalError,
  type Reason,
  type Revision,
} from 'intermodal'
import {
  type ApplyContext,
  applyNative,
  countOf,
  definitionOf,
  revisionOfLive,
  scaleTo,
  withCount,
} from './apply.ts'
import { causeOf, reason } from './failure.ts'
import { HttpError } from './http-error.ts'
import { legacy, modern, withoutReadOnly } from './modern.ts'
import { isPod, type MarathonNative } from './native.ts'
import type { Live } from './observer.ts'
import { isAtLeast } from './options.ts'
import { placeOfPod } from './pod-status.ts'
import { placementReasons, waitingOf } from './queue.ts'
import { generationOf, revisionOf } from './revision.ts'
import { isCurrent } from './status-instance.ts'
import { lockReasons } from './status-rollout.ts'
import { unlocked, writeOnce } from './write.ts'

export async function existing(
  { observer, marathon }: ApplyContext,
  id: AppId,
  { signal }: Call,
): Promise<Live> {
  const live = await observer.live(id, signal)
  if (live) return live
  throw new IntermodalError('APP_NOT_FOUND', `there is no app ${id} on ${marathon.at}`, {
    app: id,
    remedy: 'check the id, or apply the app first',
  })
}

export async function scale(
  context: ApplyContext,
  id: AppId,
  replicas: number,
  call: ChangeCall,
): Promise<Revision> {
  for (;;) {
    const live = await existing(context, id, call)
    const revision = await scaleTo(context, id, live, replicas, call)
    if (revision) return revision
  }
}

/** Marathon keeps how many there were: the versions of an app hold their counts. No label has to. */
export function suspend(context: ApplyContext, id: AppId, call: ChangeCall): Promise<Revision> {
  return scale(context, id, 0, call)
}

export async function resume(
  context: ApplyContext,
  id: AppId,
  call: ChangeCall,
): Promise<Revision> {
  const live = await existing(context, id, call)
  if ((live.instances ?? 1) > 0) return revisionOfLive(id, live, false)
  for await (const { native } of historyOf(context, id, live, call)) {
    const count = countOf(native) ?? 1
    if (count > 0) return scale(context, id, count, call)
  }
  return scale(context, id, 1, call)
}

export async function restart(
  context: ApplyContext,
  id: AppId,
  call: ChangeCall,
): Promise<Revision> {
  const { signal, force } = call
  for (;;) {
    const live = await existing(context, id, call)
    if (live.spec) {
      throw new IntermodalError('UNSUPPORTED', `${id} is a pod, which Marathon cannot restart`, {
        app: id,
        remedy: 'kill its instances one by one, or apply a change',
      })
    }
    const accepted = await writeOnce(
      context,
      () => context.marathon.restartApp(id, force, signal),
      async () => (await context.observer.live(id, signal))?.version !== live.version,
      signal,
    )
    if (!accepted) continue
    const after = await existing(context, id, call)
    const version = accepted.version ?? after.version
    return { ...revisionOfLive(id, after, true), generation: generationOf(version) }
  }
}

/** Older definitions than the live one, the newest first. */
async function* historyOf(
  { marathon }: ApplyContext,
  id: AppId,
  live: Live,
  { signal }: Call,
): AsyncGenerator<{ readonly version: string; readonly native: MarathonNative }> {
  const pod = live.spec !== undefined
  for (const version of await marathon.versions(id, pod, signal)) {
    if (generationOf(version) >= generationOf(live.version)) continue
    const native = await marathon.definition(id, version, pod, signal)
    if (native) yield { version, native }
  }
}

/** Writes an older definition again, as a deployment of its own; Marathon goes over its own when it rolls one back. */
export async function rollback(
  context: ApplyContext,
  id: AppId,
  revision: string | undefined,
  call: ChangeCall,
): Promise<Revision> {
  for (;;) {
    const live = await existing(context, id, call)
    const current = revisionOf(definitionOf(live))
    if (revision === current) return revisionOfLive(id, live, false)
    const target = await findRevision(context, id, live, { revision, current }, call)
    const { version } = await context.marathon.info(call.signal)
    const native = withCount(writable(target, version), live.instances ?? 1)
    const accepted = await overOwn(context, id, call, (refusing, asked) =>
      applyNative(refusing, { id, native, live }, asked),
    )
    if (accepted) return accepted
  }
}

/**
 * A change that puts an end to what came before it: a deployment that still works on this app, and on no other, is gone over
 * without being asked. `undefined`: others held it and are through, look again.
 */
async function overOwn<T>(
  context: ApplyContext,
  id: AppId,
  call: ChangeCall,
  change: (context: ApplyContext, call: ChangeCall) => Promise<T>,
): Promise<T | undefined> {
  const refusing: ApplyContext = { ...context, whenLocked: 'refuse' }
  try {
    return await change(refusing, call)
  } catch (error) {
    const holders = error instanceof HttpError ? error.deployments : undefined
    if (!holders || call.force) throw error
    if (await holdsOnly(context, id, holders, call)) {
      return change(refusing, { ...call, force: true })
    }
    if (context.whenLocked === 'refuse') throw error
    await unlocked(context, holders, call.signal)
    return undefined
  }
}

async function holdsOnly(
  { marathon }: ApplyContext,
  id: AppId,
  holders: readonly string[],
  { signal }: Call,
): Promise<boolean> {
  const running = await marathon.deployments(signal)
  return running
    .filter((deployment) => holders.includes(deployment.id))
    .every(({ affectedApps = [], affectedPods = [] }) =>
      [...affectedApps, ...affectedPods].every((affected) => affected === id),
    )
}

async function findRevision(
  context: ApplyContext,
  id: AppId,
  live: Live,
  wanted: { readonly revision: string | undefined; readonly current: string },
  call: Call,
): Promise<MarathonNative> {
  const seen: string[] = []
  for await (const { native } of historyOf(context, id, live, call)) {
    const found = revisionOf(native)
    if (found === wanted.current) continue
    if (wanted.revision === undefined || found === wanted.revision) return native
    if (!seen.includes(found)) seen.push(found)
  }
  throw new IntermodalError(
    'CONFLICT',
    wanted.revision === undefined
      ? `${id} has no earlier revision`
      : `revision ${wanted.revision} of ${id} is not kept`,
    {
      app: id,
      remedy:
        seen.length > 0 ? `go back to one of: ${seen.join(', ')}` : 'apply the app as it should be',
    },
  )
}

/** A stored definition as it can be sent: `version` in a request means something else. */
function writable(native: MarathonNative, version: string | undefined): MarathonNative {
  if (isPod(native)) return withoutReadOnly(native)
  const app = modern(native)
  return version === undefined || isAtLeast(version, '1.5') ? app : legacy(app)
}

export async function remove(context: ApplyContext, id: AppId, call: ChangeCall): Promise<boolean> {
  for (;;) {
    const live = await context.observer.live(id, call.signal)
    if (!live) return false
    const removed = await overOwn(context, id, call, ({ marathon }, { force, signal }) =>
      marathon.remove(id, live.spec !== undefined, force, signal),
    )
    if (removed !== undefined) return removed
  }
}

export async function kill(
  context: ApplyContext,
  id: AppId,
  instance: string,
  call: Call,
): Promise<boolean> {
  const live = await existing(context, id, call)
  // An unknown id is ignored without a word, and one of another app would be killed.
  if (!(live.tasks ?? []).some((task) => task.id === instance)) return false
  if (live.spec) return context.marathon.killPodInstance(id, placeOfPod(instance), call.signal)
  return (await context.marathon.killTask(instance, call.signal)).length > 0
}

/** What the queue, the last failure and the readiness checks add to the status. */
export async function explain(
  context: ApplyContext,
  id: AppId,
  { signal }: Call,
): Promise<readonly Reason[]> {
  const snapshot = await context.observer.snapshot(id, signal)
  if (!snapshot) return []
  const { app, queue, deployments, observed } = snapshot
  const waiting = waitingOf(app.id, queue)
  const reasons: Reason[] = waiting ? [...placementReasons(waiting)] : []
  const failure = app.lastTaskFailure
  if (failure && isCurrent(failure, app)) {
    const { code, message } = causeOf(failure.state, failure.message)
    const on = failure.host ? ` on ${failure.host}` : ''
    reasons.push(
      reason(code, `${message}${on}`, Date.parse(failure.timestamp ?? '') || observed.at),
    )
  }
  if (waiting && !waiting.overdue) {
    reasons.push(
      reason(
        'CrashLoop',
        `Marathon waits ${waiting.secondsLeft} s before the next attempt`,
        waiting.since || observed.at,
        Math.max(1, waiting.count),
      ),
    )
  }
  const unready = (app.readinessCheckResults ?? []).filter(({ ready }) => ready === false)
  if (unready.length > 0) {
    const status = unready[0]?.lastResponse?.status
    const said = status === undefined ? 'has not answered yet' : `answered ${status}`
    reasons.push(
      reason('ReadinessFailed', `the readiness check ${said}`, observed.at, unready.length),
    )
  }
  return [...reasons, ...lockReasons({ app, deployments, now: observed.at })]
}
