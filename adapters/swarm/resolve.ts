import { type AppId, IntermodalError } from 'intermodal'
import type { Engine } from './client.ts'
import { configShelf, createOnce, logicalOf, versionsOf } from './material.ts'
import { splitLogicalName } from './names.ts'
import type { SwarmNative } from './native.ts'
import type {
  Config,
  ConfigReference,
  ContainerSpec,
  Network,
  NetworkAttachment,
  Secret,
  SecretReference,
  ServiceSpec,
} from './wire.ts'

/** What a cluster has of what an app refers to. */
export interface Surroundings {
  readonly networks: readonly Network[]
  readonly secrets: readonly Secret[]
  readonly configs: readonly Config[]
}

/** Reads only what this app needs looking up. */
export async function survey(
  engine: Engine,
  native: SwarmNative,
  signal: AbortSignal,
): Promise<Surroundings> {
  const { TaskTemplate } = native.service
  const container = TaskTemplate.ContainerSpec
  const [networks, secrets, configs] = await Promise.all([
    TaskTemplate.Networks?.length || native.networks.length ? engine.networks(signal) : [],
    container?.Secrets?.length ? engine.secrets(signal) : [],
    container?.Configs?.length || native.configs.length ? engine.configs(signal) : [],
  ])
  return { networks, secrets, configs }
}

const ENGINE_NETWORKS = ['host', 'bridge', 'none']

/** What the app refers to and the cluster has not. */
export function missingMaterial(native: SwarmNative, surroundings: Surroundings): string[] {
  const container = native.service.TaskTemplate.ContainerSpec ?? {}
  const own = new Set(native.configs.map(({ Name }) => Name))
  const secrets = (container.Secrets ?? []).filter(
    (reference) => secretObjects(reference, surroundings.secrets).length === 0,
  )
  const configs = (container.Configs ?? []).filter(
    (reference) =>
      !own.has(reference.ConfigName) && configObjects(reference, surroundings.configs).length === 0,
  )
  const made = new Set([
    ...ENGINE_NETWORKS,
    ...native.networks.map(({ Name }) => Name),
    ...surroundings.networks.flatMap(({ Name, Id }) => [Name, Id]),
  ])
  const networks = (native.service.TaskTemplate.Networks ?? []).filter(
    ({ Target }) => !made.has(Target),
  )
  return [
    ...new Set([
      ...networks.map(({ Target }) => `network ${Target}`),
      ...secrets.map(({ SecretName }) => `secret ${SecretName}`),
      ...configs.map(({ ConfigName }) => `config ${ConfigName}`),
    ]),
  ]
}

export function refuseMissing(app: AppId, missing: readonly string[]): void {
  if (missing.length === 0) return
  throw new IntermodalError(
    'APP_INVALID',
    `${app} refers to what the cluster does not have: ${missing.join(', ')}`,
    {
      app,
      remedy:
        'put secrets and configs there with putSecret() and putConfig(), make networks with docker, then apply again',
    },
  )
}

/** Makes the networks and configs that have to be there first; safe to repeat. */
export async function ensureObjects(
  engine: Engine,
  native: SwarmNative,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Surroundings> {
  const networks = native.networks.filter(
    ({ Name }) => !surroundings.networks.some((network) => network.Name === Name),
  )
  const configs = native.configs.filter(
    ({ Name }) => !surroundings.configs.some(({ Spec }) => Spec.Name === Name),
  )
  const shelf = configShelf(engine)
  for (const spec of networks) {
    // Another app of the group may make it at the same moment.
    const isThere = async () =>
      (await engine.networks(signal)).some(({ Name }) => Name === spec.Name)
    await createOnce(() => engine.createNetwork(spec, signal), isThere, signal)
  }
  for (const spec of configs) await shelf.create(spec, signal)
  return {
    ...surroundings,
    networks: networks.length > 0 ? await engine.networks(signal) : surroundings.networks,
    configs: configs.length > 0 ? await engine.configs(signal) : surroundings.configs,
  }
}

/** The spec as the API takes it: every reference with its id, as reading it gives it back. */
export function resolveSpec(native: SwarmNative, surroundings: Surroundings): ServiceSpec {
  const { service } = native
  const { ContainerSpec: container, Networks: networks } = service.TaskTemplate
  return {
    ...service,
    TaskTemplate: {
      ...service.TaskTemplate,
      ...(container && { ContainerSpec: resolveContainer(container, surroundings) }),
      ...(networks && { Networks: networks.map((one) => resolveNetwork(one, surroundings)) }),
    },
  }
}

function resolveContainer(container: ContainerSpec, surroundings: Surroundings): ContainerSpec {
  const { Secrets: secrets, Configs: configs } = container
  return {
    ...container,
    ...(secrets && {
      Secrets: secrets.flatMap((reference) =>
        reference.SecretID
          ? [reference]
          : secretObjects(reference, surroundings.secrets).map((object) => ({
              ...reference,
              ...file(reference, object),
              SecretID: object.ID,
              SecretName: object.Spec.Name,
            })),
      ),
    }),
    ...(configs && {
      Configs: configs.flatMap((reference) =>
        reference.ConfigID
          ? [reference]
          : configObjects(reference, surroundings.configs).map((object) => ({
              ...reference,
              ...file(reference, object),
              ConfigID: object.ID,
              ConfigName: object.Spec.Name,
            })),
      ),
    }),
  }
}

function resolveNetwork(
  attachment: NetworkAttachment,
  { networks }: Surroundings,
): NetworkAttachment {
  // Local networks can have the same name as one of the swarm; services can only use those of the swarm, or the
  // engine's own.
  const named = networks.filter(({ Name }) => Name === attachment.Target)
  const found = named.find(({ Scope }) => Scope === 'swarm') ?? named[0]
  return found ? { ...attachment, Target: found.Id } : attachment
}

function secretObjects(reference: SecretReference, secrets: readonly Secret[]): Secret[] {
  if (reference.SecretID) return secrets.filter(({ ID }) => ID === reference.SecretID)
  return objectsFor(reference.SecretName, secrets)
}

function configObjects(reference: ConfigReference, configs: readonly Config[]): Config[] {
  if (reference.ConfigID) return configs.filter(({ ID }) => ID === reference.ConfigID)
  return objectsFor(reference.ConfigName, configs)
}

/** Something of exactly this name, made by hand or for its content, or the newest version of what goes by it. */
function objectsFor<T extends Secret | Config>(name: string, objects: readonly T[]): T[] {
  const exact = objects.find(({ Spec }) => Spec.Name === name)
  if (exact) return [exact]
  const versions = versionsOf(objects, splitLogicalName(name).name)
  if (!name.endsWith('.*')) return versions.filter((object) => logicalOf(object) === name)
  // By name: a rotation must not change the order, that alone would replace every instance.
  return versions.sort((a, b) => ((logicalOf(a) ?? '') < (logicalOf(b) ?? '') ? -1 : 1))
}

/** `/etc/keys/*` becomes one file for each key. */
function file<T extends SecretReference | ConfigReference>(
  { File }: T,
  object: Secret | Config,
): Pick<T, 'File'> | object {
  if (!File?.Name.endsWith('/*')) return {}
  const { name, key } = splitLogicalName(logicalOf(object) ?? object.Spec.Name)
  return { File: { ...File, Name: `${File.Name.slice(0, -1)}${key ?? name}` } }
}
