import {
  type App,
  type AppId,
  type ChangeCall,
  IntermodalError,
  isAppId,
  type Revision,
} from 'intermodal'
import type { Accepted } from './api.ts'
import { canonical } from './canonical.ts'
import { HttpError } from './http-error.ts'
import { isManaged, KIND } from './labels.ts'
import { omit } from './modern.ts'
import { isPod, type MarathonNative } from './native.ts'
import type { Live, Observer } from './observer.ts'
import { isObject, same } from './patch.ts'
import { generationOf, revisionOf } from './revision.ts'
import type { SecretStore } from './secret-store.ts'
import type { Translations } from './translations.ts'
import { restrain, type WriteContext, writeOnce } from './write.ts'

export interface ApplyContext extends WriteContext {
  readonly observer: Observer
  readonly secrets: SecretStore | undefined
  readonly translations: Translations
}

export async function applyApp(
  context: ApplyContext,
  app: App,
  call: ChangeCall,
): Promise<Revision> {
  const { signal } = call
  for (;;) {
    const [live, info] = await Promise.all([
      context.observer.live(app.id, signal),
      context.marathon.info(signal),
    ])
    if (live && !call.force) refuseForeign(app.id, live)
    const { native, losses } = context.translations.of(app, {
      version: info.version,
      replicas: live?.instances,
    })
    const refused = losses.find(({ kind }) => kind === 'refused')
    if (refused) {
      throw new IntermodalError(
        'UNSUPPORTED',
        `${app.id} cannot run on Marathon: ${refused.detail}`,
        {
          app: app.id,
          remedy: refused.remedy,
        },
      )
    }
    await context.secrets?.refuseMissing(app.id, native, signal)
    const revision = await applyNative(context, { id: app.id, native, live }, call)
    if (revision) return revision
  }
}

export interface NativeApply {
  readonly id: AppId
  readonly native: MarathonNative
  readonly live: Live | undefined
}

/** Writes as little as will do: nothing, the count, or the whole definition. `undefined`: it was locked, look again. */
export async function applyNative(
  context: ApplyContext,
  { id, native, live }: NativeApply,
  call: ChangeCall,
): Promise<Revision | undefined> {
  const { signal, force } = call
  const before = live && definitionOf(live)
  if (before && isPod(before) !== isPod(native)) {
    throw new IntermodalError(
      'UNSUPPORTED',
      `${id} is live as ${isPod(before) ? 'a pod' : 'an app'}, and Marathon cannot make it ${isPod(native) ? 'a pod' : 'an app'}`,
      { app: id, remedy: 'remove it and make it anew (replace)' },
    )
  }
  const count = countOf(native) ?? live?.instances ?? 1
  const wanted = withCount(native, count)
  if (before && live && sameMeaning(before, wanted)) {
    return live.instances === count
      ? revisionOfLive(id, live, false)
      : scaleTo(context, id, live, count, call)
  }
  await restrain(context, id, signal)
  const accepted = await writeOnce(
    context,
    () =>
      isPod(wanted)
        ? context.marathon.putPod(wanted, before !== undefined, force, signal)
        : context.marathon.putApp(wanted, force, signal),
    async () => {
      const now = await context.observer.live(id, signal)
      return (
        now !== undefined && now.version !== live?.version && sameMeaning(definitionOf(now), wanted)
      )
    },
    signal,
  )
  return accepted && revisionOfWrite(context, id, { live, pod: isPod(wanted) }, accepted, signal)
}

export async function scaleTo(
  context: ApplyContext,
  id: AppId,
  live: Live,
  replicas: number,
  { force, signal }: ChangeCall,
): Promise<Revision | undefined> {
  if (live.instances === replicas) return revisionOfLive(id, live, false)
  const definition = definitionOf(live)
  // A partial update takes these two away when they are not in it (AppConversion.scala).
  const fragile = isPod(definition)
    ? {}
    : {
        ...(definition.executorResources
          ? { executorResources: definition.executorResources }
          : {}),
        ...(definition.resourceLimits ? { resourceLimits: definition.resourceLimits } : {}),
      }
  const accepted = await writeOnce(
    context,
    () =>
      isPod(definition)
        ? context.marathon.putPod(
            withCount(definition, replicas) as typeof definition,
            true,
            force,
            signal,
          )
        : context.marathon.patchApp(id, { instances: replicas, ...fragile }, force, signal),
    async () => (await context.observer.live(id, signal))?.instances === replicas,
    signal,
  ).catch(async (error: unknown) => {
    // A partial update of an app that was removed meanwhile is taken for a new app with too little in it.
    const gone =
      error instanceof HttpError &&
      error.status === 422 &&
      !(await context.observer.live(id, signal))
    if (gone) return undefined
    throw error
  })
  const pod = isPod(definition)
  return accepted && revisionOfWrite(context, id, { live, pod }, accepted, signal)
}

/**
 * What the write came to, as Marathon has kept it: another write may already have come after. A version that is not among
 * those it keeps was no change at all.
 */
async function revisionOfWrite(
  { marathon, observer }: ApplyContext,
  id: AppId,
  { live, pod }: { readonly live: Live | undefined; readonly pod: boolean },
  { version }: Accepted,
  signal: AbortSignal,
): Promise<Revision> {
  const [now, versions] = await Promise.all([
    observer.live(id, signal),
    marathon.versions(id, pod, signal),
  ])
  const mine = version !== undefined && versions.includes(version) ? version : now?.version
  const kept =
    now && mine === now.version
      ? definitionOf(now)
      : mine === undefined
        ? undefined
        : await marathon.definition(id, mine, pod, signal)
  if (!kept) {
    throw new IntermodalError('CONFLICT', `${id} was removed while it was changed`, {
      app: id,
      remedy: 'see who removed it, then apply it again',
    })
  }
  const revision = revisionOf(kept)
  const earlier = versions.filter((one) => generationOf(one) < generationOf(mine))
  const [last] = earlier
  const prior =
    last === undefined
      ? undefined
      : last === live?.version
        ? definitionOf(live)
        : await marathon.definition(id, last, pod, signal)
  const previous = prior && revisionOf(prior)
  return {
    app: id,
    id: revision,
    generation: generationOf(mine),
    changed: mine !== live?.version,
    replicas: countOf(kept) ?? 1,
    ...(previous === undefined || previous === revision ? {} : { previous }),
  }
}

export function revisionOfLive(id: AppId, live: Live, changed: boolean): Revision {
  return {
    app: id,
    id: revisionOf(definitionOf(live)),
    generation: generationOf(live.version),
    changed,
    replicas: live.instances ?? 1,
  }
}

/** The definition alone, as it could be written again. */
export function definitionOf(live: Live): MarathonNative {
  return live.spec ?? omit(live, ['spec'])
}

export function countOf(native: MarathonNative): number | undefined {
  return isPod(native) ? native.scaling?.instances : native.instances
}

export function withCount(native: MarathonNative, instances: number): MarathonNative {
  return isPod(native)
    ? { ...native, scaling: { ...native.scaling, kind: 'fixed', instances } }
    : { ...native, instances }
}

/**
 * Whether writing `wanted` would replace instances for nothing. Left out is what matters only when instances are replaced
 * anyway, and is written then: the upgrade strategy, and our own notes. A port that is 0 is whatever Marathon has chosen.
 */
function sameMeaning(live: MarathonNative, wanted: MarathonNative): boolean {
  const sameOwner =
    isManaged(live) === isManaged(wanted) && live.labels?.[KIND] === wanted.labels?.[KIND]
  const [a, b] = [live, wanted].map((native) => {
    const {
      instances: _,
      upgradeStrategy: __,
      scaling: ___,
      scheduling,
      ...rest
    } = canonical(native, true)
    return {
      ...rest,
      ...(isObject(scheduling) ? { scheduling: { ...scheduling, upgrade: undefined } } : {}),
    }
  })
  const sameRole = wanted.role === undefined || wanted.role === live.role
  return sameOwner && sameRole && same(a, b) && explicitPortsHold(live, wanted)
}

/** Comparing leaves ports out that may have been chosen; those that are asked for have to be there all the same. */
function explicitPortsHold(live: MarathonNative, wanted: MarathonNative): boolean {
  if (isPod(live) || isPod(wanted)) return true
  const ports = (app: typeof live) => [
    ...(app.container?.portMappings ?? app.container?.docker?.portMappings ?? []).map(
      ({ servicePort }) => servicePort ?? 0,
    ),
    ...(app.portDefinitions ?? []).map(({ port }) => port ?? 0),
  ]
  const have = ports(live)
  return ports(wanted).every((port, index) => port === 0 || port === have[index])
}

export function refuseForeign(id: AppId, live: Live): void {
  const definition = definitionOf(live)
  if (isManaged(definition) && isAppId(id)) return
  throw new IntermodalError('CONFLICT', `${id} exists and was not made by intermodal`, {
    app: id,
    remedy: 'give the app another id, remove that one, or take it over with force',
  })
}
