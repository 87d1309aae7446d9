import type { AppInput, AppKind } from 'intermodal'
import { canonical, foreign, templateOf } from './canonical.ts'
import { readCommon } from './container.ts'
import { readFiles } from './files-read.ts'
import { idOfObject, isLabelKey, isLabelValue } from './labels.ts'
import { OWNER } from './marks.ts'
import { isLabel } from './model.ts'
import { objectName } from './names.ts'
import type { KubernetesPatch } from './native-patch.ts'
import { POOL_LABEL, type TranslateOptions } from './options.ts'
import { isObject, type Json, same } from './patch.ts'
import { readPlacement } from './placement-read.ts'
import { readExposure } from './ports-read.ts'
import { readProbes } from './probes.ts'
import { readAutoscaler, readBudget } from './scaling.ts'
import { readStop } from './stop.ts'
import { readTolerations } from './tolerations.ts'
import { readVolumes } from './volumes-read.ts'
import type { Container, KubernetesObject, Labels, PodSpec, VolumeMount } from './wire.ts'
import { readSpec } from './workload-read.ts'
import { WORKLOADS } from './workload-spec.ts'

/** Kubernetes' words in the model's, as far as they go: what is missing is found by translating the result. */
export function read(objects: readonly KubernetesObject[], options: TranslateOptions): AppInput {
  const [workload] = objects as [KubernetesObject]
  const id = idOfObject(workload)
  const name = objectName(id)
  const kind = kindOf(workload)
  const template = templateOf(canonicalObject(workload, options))
  const spec = template?.spec ?? { containers: [] }
  const main = spec.containers[mainIndex(workload, spec)]
  const scaler = named(objects, 'HorizontalPodAutoscaler', name)
  const autoscale = kind === 'service' || kind === 'stateful' ? readAutoscaler(scaler) : undefined
  const { replicas, ...fields } = readSpec(kind, canonicalObject(workload, options))
  const native = readPatch(workload, main, spec, name, id)
  const disruption = readBudget(named(objects, 'PodDisruptionBudget', name))
  const { onUnreachable } = readTolerations(spec.tolerations)
  return {
    id,
    ...(kind === 'service' ? {} : { kind }),
    // Every container has an image where it runs; a manifest may leave it to an admission webhook.
    image: 'none',
    ...(main ? readMain(main, spec, objects, workload) : {}),
    ...(replicas === undefined || autoscale ? {} : { replicas }),
    ...fields,
    ...readOwn(workload),
    ...readFurther(main, spec, objects),
    ...(spec.imagePullSecrets?.length === 1 && spec.imagePullSecrets[0]?.name
      ? { registryAuth: { secret: spec.imagePullSecrets[0].name } }
      : {}),
    ports: main ? readExposure(main.ports ?? [], objects, name, spec) : [],
    ...(spec.hostNetwork ? { network: { mode: 'host' } } : {}),
    ...optional('placement', readPlacement(spec, options.poolLabel ?? POOL_LABEL)),
    ...optional('onUnreachable', onUnreachable),
    ...optional('autoscale', autoscale),
    ...optional('disruption', disruption),
    ...(Object.keys(native).length > 0 ? { native: { kubernetes: native } } : {}),
  } as AppInput
}

function optional(key: string, value: unknown): object {
  return value === undefined ? {} : { [key]: value }
}

function canonicalObject(object: KubernetesObject, options: TranslateOptions): KubernetesObject {
  return canonical(object, undefined, options.poolLabel) as unknown as KubernetesObject
}

export function named(
  objects: readonly KubernetesObject[],
  kind: string,
  name: string,
): KubernetesObject | undefined {
  return objects.find((object) => object.kind === kind && object.metadata.name === name)
}

export function kindOf({ kind }: KubernetesObject): AppKind {
  const found = Object.entries(WORKLOADS).find(([, workload]) => workload.kind === kind)?.[0]
  return (found ?? 'service') as AppKind
}

/** The one that has the app's name, or that kubectl takes for the main one, or the first. */
function mainIndex(workload: KubernetesObject, spec: PodSpec): number {
  const asked =
    templateOf(workload)?.metadata?.annotations?.['kubectl.kubernetes.io/default-container']
  const names = [asked, idOfObject(workload).split('/').at(-1)]
  const index = spec.containers.findIndex(({ name }) => names.includes(name))
  return index < 0 ? 0 : index
}

function readMain(
  main: Container,
  spec: PodSpec,
  objects: readonly KubernetesObject[],
  workload: KubernetesObject,
): Json {
  const files = readFiles(main.volumeMounts, spec.volumes, objects)
  const claims = isObject(workload.spec) ? workload.spec.volumeClaimTemplates : undefined
  const whole = main.volumeMounts?.filter(({ mountPath }) => !Object.hasOwn(files, mountPath))
  const volumes = readVolumes(whole, spec.volumes, claims as KubernetesObject[] | undefined)
  const probes = readProbes(main)
  return {
    ...readCommon(main),
    ...(Object.keys(files).length > 0 ? { files } : {}),
    ...(Object.keys(volumes).length > 0 ? { volumes } : {}),
    ...(Object.keys(probes).length > 0 ? { probes } : {}),
    ...optional('stop', readStop(spec, main)),
    ...optional('tty', main.tty),
  }
}

/** Containers next to the main one, and those before it. */
function readFurther(
  main: Container | undefined,
  spec: PodSpec,
  objects: readonly KubernetesObject[],
): Json {
  const one = (container: Container): Json => {
    const files = readFiles(container.volumeMounts, spec.volumes, objects)
    const mounts = readMounts(container.volumeMounts, main?.volumeMounts)
    return {
      ...readCommon(container),
      ...(Object.keys(files).length > 0 ? { files } : {}),
      ...(Object.keys(mounts).length > 0 ? { mounts } : {}),
    }
  }
  const before = spec.initContainers ?? []
  const lasting = before.filter(({ restartPolicy }) => restartPolicy === 'Always')
  const beside = [...spec.containers.filter((container) => container !== main), ...lasting]
  const sidecars = Object.fromEntries(
    beside.filter(({ name }) => isLabel(name)).map((container) => [container.name, one(container)]),
  )
  const init = before
    .filter((container) => !lasting.includes(container))
    .map((container) => ({ name: container.name, ...one(container) }))
  return {
    ...(Object.keys(sidecars).length > 0 ? { sidecars } : {}),
    ...(init.length > 0 ? { init } : {}),
  }
}

/** Mounts of volumes that the main container has too: those are the app's. */
function readMounts(own: readonly VolumeMount[] = [], main: readonly VolumeMount[] = []): Json {
  return Object.fromEntries(
    own.flatMap(({ name, mountPath, readOnly, subPath }) => {
      const shared = main.some((mount) => mount.name === name && mount.subPath === undefined)
      if (!shared || subPath !== undefined) return []
      return [[name, { mountPath, ...optional('readOnly', readOnly) }] as const]
    }),
  )
}

function readOwn({ metadata }: KubernetesObject): Json {
  const labels = Object.entries(foreign(metadata.labels)).filter(
    ([key, value]) => isLabelKey(key) && isLabelValue(String(value)),
  )
  const annotations = foreign(metadata.annotations)
  return {
    ...(labels.length > 0 ? { labels: Object.fromEntries(labels) } : {}),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  }
}

/** What the model has no place for and translation has to know. */
function readPatch(
  workload: KubernetesObject,
  main: Container | undefined,
  spec: PodSpec,
  name: string,
  id: string,
): KubernetesPatch {
  const found = isObject(workload.spec) ? workload.spec : {}
  const selector = (found.selector as { matchLabels?: Labels } | undefined)?.matchLabels
  const own = kindOf(workload) === 'job' || kindOf(workload) === 'cron'
  const taken = [...spec.containers, ...(spec.initContainers ?? [])].map((one) => one.name)
  const expected = [id.slice(id.lastIndexOf('/') + 1), 'main', 'app'].find(
    (one) => main?.name === one || !taken.includes(one),
  )
  return {
    ...(main && main.name !== expected ? { container: main.name } : {}),
    ...(own || !selector || same(selector, { [OWNER]: name }) ? {} : { selector }),
  }
}
