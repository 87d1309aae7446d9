import {
  type App,
  type AppId,
  type ChangeCall,
  contentHash,
  IntermodalError,
  type Revision,
  revisionOf,
} from 'intermodal'
import { CAPABILITIES } from './capabilities.ts'
import type { Engine } from './client.ts'
import { collectFiles, collectMaterial, collectRemains } from './collect.ts'
import { isAmbiguous } from './errors.ts'
import { historyOf, outdated, remember } from './history.ts'
import { APP, REVISION } from './labels.ts'
import { PREVIOUS, SUSPENDED, WHOLE } from './marks.ts'
import { configShelf, secretShelf } from './material.ts'
import { serviceName, splitLogicalName } from './names.ts'
import type { SwarmNative } from './native.ts'
import { ensureObjects, missingMaterial, refuseMissing, resolveSpec, survey } from './resolve.ts'
import { replicasOf, sameSpec, withForceUpdate, withLabels, withReplicas } from './spec.ts'
import { revisionOfSpec } from './task-revision.ts'
import { translate } from './translate.ts'
import { TransportError } from './transport-error.ts'
import { wholeLabel } from './unresolve.ts'
import type { Service, ServiceSpec } from './wire.ts'
import { type Written, writeService } from './write.ts'

/** Credentials of a registry, as the Docker API takes them. */
export interface RegistryAuth {
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** Instead of a password. */
  readonly identitytoken?: string | undefined
  readonly serveraddress?: string | undefined
}

export interface ApplyContext {
  readonly engine: Engine
  /** By the name that `registryAuth: { secret }` of an app uses. */
  readonly registries: Readonly<Record<string, RegistryAuth>>
  readonly endpointMode?: 'vip' | 'dnsrr' | undefined
}

export async function applyApp(
  context: ApplyContext,
  app: App,
  call: ChangeCall,
): Promise<Revision> {
  const { engine } = context
  const { signal } = call
  refuseKind(app)
  const [live, apiVersion] = await Promise.all([
    engine.service(serviceName(app.id), signal),
    engine.apiVersion(signal),
  ])
  if (live && !call.force) refuseForeign(app.id, live)
  const { native } = translate(app, {
    replicas: live && replicasOf(live.Spec),
    endpointMode: context.endpointMode,
    apiVersion,
    registryAuth: true,
  })
  const auth = credentials(context, app)
  return applyNative(
    context,
    { app: app.id, native, live, template: revisionOf(app), auth },
    signal,
  )
}

function refuseKind({ id, kind }: App): void {
  if (CAPABILITIES.kinds.includes(kind)) return
  throw new IntermodalError('UNSUPPORTED', `${id} is a "${kind}", which Swarm does not have`, {
    app: id,
    remedy: `make it one of: ${CAPABILITIES.kinds.join(', ')}`,
  })
}

export interface NativeApply {
  readonly app: AppId
  readonly native: SwarmNative
  readonly live: Service | undefined
  /** What the revision is called as long as it refers to no secret or config of the cluster. */
  readonly template: string
  readonly auth?: unknown
}

/** Nothing is written when anything is missing, nor when the engine has exactly this. */
export async function applyNative(
  { engine }: ApplyContext,
  given: NativeApply,
  signal: AbortSignal,
): Promise<Revision> {
  const { app, live, auth } = given
  const native = owned(given.native, app)
  if (live) refuseOtherKind(app, live.Spec, native.service)
  const around = await survey(engine, native, signal)
  refuseMissing(app, missingMaterial(native, around))
  const complete = await ensureObjects(engine, native, around, signal)
  const resolved = resolveSpec(native, complete)
  const revision = revisionName(given.template, given.native, resolved)
  const wanted = finish(resolved, given, revision)
  if (live && sameSpec(live.Spec, wanted))
    return revisionFrom(app, { service: live, changed: false })
  const history = await historyOf(engine, app, signal)
  await remember(engine, { app, revision, template: given.template, native }, history, signal)
  const written = await writeService(engine, { app, live, wanted, auth }, signal).catch(
    async (error: unknown) => {
      if (!live && !isAmbiguous(error)) await undo(engine, app, signal)
      throw error
    },
  )
  await tidy(engine, given, written.service, signal)
  return revisionFrom(app, written)
}

/** What a service says about itself as a revision. */
export function revisionFrom(app: AppId, { service, changed }: Written): Revision {
  const labels = service.Spec.Labels ?? {}
  const { ReplicatedJob } = service.Spec.Mode ?? {}
  return {
    app,
    id: revisionOfSpec(service.Spec),
    generation: service.Version.Index,
    changed,
    replicas: replicasOf(service.Spec) ?? ReplicatedJob?.TotalCompletions,
    previous: labels[PREVIOUS],
  }
}

export function refuseForeign(app: AppId, live: Service): void {
  const owner = live.Spec.Labels?.[APP]
  if (owner === app) return
  throw new IntermodalError(
    'CONFLICT',
    owner === undefined
      ? `the service ${live.Spec.Name} exists and was not made by intermodal`
      : `the service ${live.Spec.Name} belongs to ${owner}`,
    { app, remedy: 'give the app another id, remove that service, or take it over with force' },
  )
}

function refuseOtherKind(app: AppId, live: ServiceSpec, wanted: ServiceSpec): void {
  const [before] = Object.keys(live.Mode ?? { Replicated: {} })
  const [after] = Object.keys(wanted.Mode ?? { Replicated: {} })
  if (before === after) return
  throw new IntermodalError(
    'UNSUPPORTED',
    `${app} is live as ${before}, and Swarm cannot make it ${after}`,
    { app, remedy: 'remove it and make it anew (replace)' },
  )
}

function credentials({ registries }: ApplyContext, app: App): RegistryAuth | undefined {
  const name = app.registryAuth?.secret
  if (name === undefined) return undefined
  const auth = registries[name]
  if (auth) return auth
  throw new IntermodalError(
    'APP_INVALID',
    `${app.id} names registry credentials "${name}", which swarm() was not given`,
    {
      app: app.id,
      remedy: `pass swarm({ registries: { '${name}': { username, password } } }): the engine does not read them from secrets`,
    },
  )
}

/** The files of an app are found again by its label, for collecting them. */
function owned(native: SwarmNative, app: AppId): SwarmNative {
  const configs = native.configs.map((config) => ({
    ...config,
    Labels: { ...config.Labels, [APP]: app },
  }))
  return { ...native, configs }
}

/** A rotated secret makes another revision of the same app: its instances are not those from before. */
function revisionName(template: string, native: SwarmNative, resolved: ServiceSpec): string {
  const own = new Set(native.configs.map(({ Name }) => Name))
  const { Secrets = [], Configs = [] } = resolved.TaskTemplate.ContainerSpec ?? {}
  const objects = [
    ...Secrets.map(({ SecretName }) => SecretName),
    ...Configs.map(({ ConfigName }) => ConfigName).filter((name) => !own.has(name)),
  ]
  return objects.length === 0 ? template : contentHash([template, ...objects])
}

function finish(
  spec: ServiceSpec,
  { app, live, native }: NativeApply,
  revision: string,
): ServiceSpec {
  const before = live?.Spec.Labels ?? {}
  const sameRevision = before[REVISION] === revision
  const count = spec.Mode?.Replicated ? spec.Mode.Replicated.Replicas : undefined
  const liveCount = live && replicasOf(live.Spec)
  const replicas = spec.Mode?.Replicated && (count ?? liveCount ?? 1)
  const container = spec.TaskTemplate.ContainerSpec
  const marked = withLabels(
    {
      ...spec,
      TaskTemplate: {
        ...spec.TaskTemplate,
        ContainerSpec: {
          ...container,
          Labels: { ...container?.Labels, [APP]: app, [REVISION]: revision },
        },
      },
    },
    {
      [APP]: app,
      [REVISION]: revision,
      [WHOLE]: wholeLabel(native),
      [PREVIOUS]: sameRevision ? before[PREVIOUS] : before[REVISION],
      [SUSPENDED]: replicas === 0 && liveCount === 0 ? before[SUSPENDED] : undefined,
    },
  )
  const counted = replicas === undefined ? marked : withReplicas(marked, replicas)
  // Without it, applying an app again after a restart would restart it once more.
  const forced = spec.TaskTemplate.ForceUpdate ?? live?.Spec.TaskTemplate.ForceUpdate
  return forced === undefined ? counted : withForceUpdate(counted, forced)
}

/** An app the engine would not have leaves nothing behind, unless someone else has made it meanwhile. */
async function undo(engine: Engine, app: AppId, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  try {
    if (await engine.service(serviceName(app), signal)) return
    await collectRemains(engine, app, signal)
  } catch (error) {
    // The refusal itself is what has to be told.
    if (!(error instanceof TransportError)) throw error
  }
}

/** The change is accepted by now: what cannot be collected this time is collected after the next one. */
async function tidy(
  engine: Engine,
  { app, native }: NativeApply,
  service: Service,
  signal: AbortSignal,
): Promise<void> {
  const { Secrets = [], Configs = [] } = native.service.TaskTemplate.ContainerSpec ?? {}
  const own = new Set(native.configs.map(({ Name }) => Name))
  const secrets = Secrets.map(({ SecretName }) => splitLogicalName(SecretName).name)
  const configs = Configs.filter(({ ConfigName }) => !own.has(ConfigName)).map(
    ({ ConfigName }) => splitLogicalName(ConfigName).name,
  )
  try {
    await collectFiles(engine, app, service, signal)
    if (secrets.length > 0) await collectMaterial(engine, secretShelf(engine), secrets, signal)
    if (configs.length > 0) await collectMaterial(engine, configShelf(engine), configs, signal)
    const labels = service.Spec.Labels ?? {}
    const history = await historyOf(engine, app, signal)
    for (const { ID } of outdated(history, [labels[REVISION], labels[PREVIOUS]]))
      await configShelf(engine).remove(ID, signal)
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
  }
}
