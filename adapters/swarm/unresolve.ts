import { type AppId, IntermodalError } from 'intermodal'
import type { Engine } from './client.ts'
import { APP, foreignLabels } from './labels.ts'
import { WHOLE } from './marks.ts'
import { logicalOf } from './material.ts'
import { logicalName, serviceName, splitLogicalName } from './names.ts'
import type { SwarmNative } from './native.ts'
import type { Surroundings } from './resolve.ts'
import { survey } from './resolve.ts'
import { withLabels } from './spec.ts'
import type {
  Config,
  ConfigReference,
  FileTarget,
  Network,
  NetworkSpec,
  Secret,
  SecretReference,
  ServiceSpec,
} from './wire.ts'

/** The live app in the words translation uses: names instead of ids, logical names instead of versions. */
export async function readNative(
  engine: Engine,
  id: AppId,
  signal: AbortSignal,
): Promise<SwarmNative | undefined> {
  const live = await engine.service(serviceName(id), signal)
  if (!live) return undefined
  const bare = { service: live.Spec, configs: [], networks: [] }
  return unresolve(id, live.Spec, await survey(engine, bare, signal))
}

export function unresolve(id: AppId, spec: ServiceSpec, around: Surroundings): SwarmNative {
  const { ContainerSpec: container, Networks, ...task } = spec.TaskTemplate
  const secrets = new Map(around.secrets.map((object) => [object.ID, object]))
  const configs = new Map(around.configs.map((object) => [object.ID, object]))
  const networks = new Map(around.networks.map((network) => [network.Id, network]))
  const whole = wholeOf(spec)
  const { Secrets, Configs, ...rest } = container ?? {}
  const own = (Configs ?? []).flatMap(({ ConfigID }) => {
    const object = configs.get(ConfigID ?? '')
    return object?.Spec.Labels?.[APP] === id ? [object.Spec] : []
  })
  return {
    service: {
      ...withLabels(spec, { [WHOLE]: undefined }),
      TaskTemplate: {
        ...task,
        ContainerSpec: {
          ...rest,
          ...(Secrets && { Secrets: nameSecrets(Secrets, secrets, whole) }),
          ...(Configs && { Configs: nameConfigs(Configs, configs, whole) }),
        },
        ...(Networks && {
          Networks: Networks.map((one) => ({
            ...one,
            Target: networks.get(one.Target)?.Name ?? one.Target,
          })),
        }),
      },
    },
    configs: [...new Map(own.map((config) => [config.Name, config])).values()],
    networks: (Networks ?? []).flatMap(({ Target }) => {
      const network = networks.get(Target)
      return network && isOurs(network) ? [describe(network)] : []
    }),
  }
}

/** What `resolveSpec` has to leave behind so that the way back is known. */
export function wholeLabel(native: SwarmNative): string | undefined {
  const { Secrets = [], Configs = [] } = native.service.TaskTemplate.ContainerSpec ?? {}
  const directories = [
    ...Secrets.filter(({ SecretName }) => SecretName.endsWith('.*')),
    ...Configs.filter(({ ConfigName }) => ConfigName.endsWith('.*')),
  ].map(({ File }) => File?.Name)
  return directories.length > 0 ? JSON.stringify(directories) : undefined
}

function wholeOf(spec: ServiceSpec): readonly string[] {
  try {
    const list: unknown = JSON.parse(spec.Labels?.[WHOLE] ?? '[]')
    if (Array.isArray(list)) return list.filter((name) => typeof name === 'string')
  } catch (error) {
    throw new IntermodalError('PROTOCOL', `the label ${WHOLE} of ${spec.Name} is broken`, {
      cause: error,
      remedy: 'remove the label, or apply the app again',
    })
  }
  return []
}

function nameSecrets(
  references: readonly SecretReference[],
  objects: ReadonlyMap<string, Secret>,
  whole: readonly string[],
): SecretReference[] {
  return together(references, whole, ({ SecretID, ...reference }) => {
    const logical = logicalIn(objects.get(SecretID ?? ''), reference.SecretName)
    return { logical, named: (SecretName) => ({ ...reference, SecretName }) }
  })
}

function nameConfigs(
  references: readonly ConfigReference[],
  objects: ReadonlyMap<string, Config>,
  whole: readonly string[],
): ConfigReference[] {
  return together(references, whole, ({ ConfigID, ...reference }) => {
    const logical = logicalIn(objects.get(ConfigID ?? ''), reference.ConfigName)
    return { logical, named: (ConfigName) => ({ ...reference, ConfigName }) }
  })
}

function logicalIn(object: Secret | Config | undefined, otherwise: string): string {
  return (object && logicalOf(object)) ?? otherwise
}

/** Files of a directory that stands for a whole secret become the one reference they came from. */
function together<T extends { readonly File?: FileTarget }>(
  references: readonly T[],
  whole: readonly string[],
  naming: (reference: T) => { readonly logical: string; readonly named: (name: string) => T },
): T[] {
  const seen = new Set<string>()
  return references.flatMap((reference) => {
    const { logical, named } = naming(reference)
    const path = reference.File?.Name ?? ''
    const pattern = `${path.slice(0, path.lastIndexOf('/'))}/*`
    if (!reference.File || !whole.includes(pattern)) return [named(logical)]
    if (seen.has(pattern)) return []
    seen.add(pattern)
    const all = named(logicalName(splitLogicalName(logical).name, '*'))
    return [{ ...all, File: { ...reference.File, Name: pattern } }]
  })
}

/** Made by us: it has a label of ours. */
function isOurs({ Labels }: Network): boolean {
  const labels = Labels ?? {}
  return Object.keys(foreignLabels(labels)).length < Object.keys(labels).length
}

function describe({ Name, Driver, Labels }: Network): NetworkSpec {
  return { Name, ...(Driver ? { Driver } : {}), ...(Labels ? { Labels } : {}) }
}
