import { fileVolume, itemPath } from './files.ts'
import { POOL_LABEL } from './options.ts'
import { isObject, type Json, same } from './patch.ts'
import { canonicalQuantity, canonicalResources } from './resources.ts'
import type {
  Affinity,
  Container,
  EnvVar,
  KeyToPath,
  KubeProbe,
  NodeRequirement,
  PodSpec,
  PodVolume,
  VolumeMount,
} from './wire.ts'

/** Without the keys that have their default, that are empty, or that have no value. */
export function without<T extends object>(value: T, defaults: Json): T {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([key, inner]) =>
        inner !== undefined &&
        inner !== null &&
        !(Object.hasOwn(defaults, key) && same(inner, defaults[key])),
    ),
  ) as T
}

const POD_DEFAULTS: Json = {
  restartPolicy: 'Always',
  dnsPolicy: 'ClusterFirst',
  schedulerName: 'default-scheduler',
  terminationGracePeriodSeconds: 30,
  serviceAccountName: 'default',
  enableServiceLinks: true,
  preemptionPolicy: 'PreemptLowerPriority',
  shareProcessNamespace: false,
  hostNetwork: false,
  hostPID: false,
  hostIPC: false,
  securityContext: {},
  affinity: {},
  nodeSelector: {},
  tolerations: [],
  topologySpreadConstraints: [],
  imagePullSecrets: [],
  initContainers: [],
  volumes: [],
}

/** What the server fills in is left out, what has several spellings has one. */
export function canonicalPodSpec(found: PodSpec, poolLabel = POOL_LABEL): PodSpec {
  const { serviceAccount, ...rest } = foldFiles(foldNodeSelector(found, poolLabel))
  const account = serviceAccount as string | undefined
  const named = { serviceAccountName: account, ...without(rest, {}) }
  const one = (container: Container): Container => canonicalContainer(container, rest.hostNetwork)
  return without(
    {
      ...named,
      containers: (rest.containers ?? []).map(one),
      initContainers: (rest.initContainers ?? []).map(one),
      volumes: (rest.volumes ?? []).map(canonicalVolume).sort(byName),
    },
    POD_DEFAULTS,
  ) as PodSpec
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

const CONTAINER_DEFAULTS: Json = {
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  resources: {},
  securityContext: {},
  lifecycle: {},
  env: [],
  envFrom: [],
  ports: [],
  volumeMounts: [],
  args: [],
  command: [],
  stdin: false,
  stdinOnce: false,
  tty: false,
}

function canonicalContainer(found: Container, hostNetwork: boolean | undefined): Container {
  const probes = Object.fromEntries(
    (['livenessProbe', 'readinessProbe', 'startupProbe'] as const).flatMap((key) => {
      const probe = found[key]
      return probe ? [[key, canonicalProbe(probe)]] : []
    }),
  )
  return without(
    {
      ...found,
      ...probes,
      env: (found.env ?? []).map(canonicalEnv),
      resources: canonicalResources(found.resources ?? {}),
      ports: (found.ports ?? []).map((port) =>
        without(port, {
          protocol: 'TCP',
          ...(hostNetwork ? { hostPort: port.containerPort } : {}),
        }),
      ),
      volumeMounts: (found.volumeMounts ?? []).map(canonicalMount).sort(byPath),
    },
    { ...CONTAINER_DEFAULTS, imagePullPolicy: defaultPull(found.image) },
  )
}

function canonicalEnv({ name, value, valueFrom }: EnvVar): EnvVar {
  const fieldRef = valueFrom?.fieldRef
  return without(
    {
      name,
      value,
      valueFrom: fieldRef
        ? { ...valueFrom, fieldRef: without(fieldRef, { apiVersion: 'v1' }) }
        : valueFrom,
    },
    { value: '' },
  ) as EnvVar
}

function canonicalMount(mount: VolumeMount): VolumeMount {
  return without(mount, { readOnly: false, subPath: '', recursiveReadOnly: 'Disabled' })
}

function byPath(a: VolumeMount, b: VolumeMount): number {
  return a.mountPath < b.mountPath ? -1 : a.mountPath > b.mountPath ? 1 : 0
}

/** `Always` for `latest` and for no tag. */
function defaultPull(image = ''): string {
  if (image.includes('@')) return 'IfNotPresent'
  const tag = image.slice(image.lastIndexOf('/') + 1).split(':')[1]
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent'
}

function canonicalProbe({ httpGet, grpc, ...rest }: KubeProbe): KubeProbe {
  return without(
    {
      ...rest,
      ...(httpGet
        ? { httpGet: without(httpGet, { scheme: 'HTTP', path: '/', httpHeaders: [] }) }
        : {}),
      ...(grpc ? { grpc: without(grpc, { service: '' }) } : {}),
    },
    {
      initialDelaySeconds: 0,
      periodSeconds: 10,
      timeoutSeconds: 1,
      successThreshold: 1,
      failureThreshold: 3,
    },
  )
}

function canonicalVolume(volume: PodVolume): PodVolume {
  const { name, ...source } = volume
  const plain = Object.fromEntries(
    Object.entries(source).map(([kind, value]) => [kind, canonicalSource(kind, value)]),
  )
  // Nothing said means an empty directory.
  return { name, ...(Object.keys(plain).length > 0 ? plain : { emptyDir: {} }) }
}

function canonicalSource(kind: string, value: unknown): unknown {
  const source = isObject(value) ? value : {}
  if (kind === 'emptyDir' && source.sizeLimit !== undefined) {
    const sizeLimit = canonicalQuantity('memory', source.sizeLimit as string)
    return without({ ...source, sizeLimit }, { medium: '' })
  }
  return without(source, {
    medium: '',
    type: '',
    defaultMode: 420,
    optional: false,
    readOnly: false,
    items: [],
  })
}

/** A node selector is a rule like any other; only the pool has a word of its own. */
function foldNodeSelector(spec: PodSpec, poolLabel: string): PodSpec {
  const { [poolLabel]: pool, ...others } = spec.nodeSelector ?? {}
  const rules: NodeRequirement[] = Object.entries(others).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value],
  }))
  const node = spec.affinity?.nodeAffinity
  const required = node?.requiredDuringSchedulingIgnoredDuringExecution
  const terms = required?.nodeSelectorTerms ?? [{}]
  const [term] = terms
  if (rules.length === 0 || terms.length !== 1 || !term) return spec
  const affinity: Affinity = {
    ...spec.affinity,
    nodeAffinity: {
      ...node,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { ...term, matchExpressions: [...rules, ...(term.matchExpressions ?? [])] },
        ],
      },
    },
  }
  const { nodeSelector: _, ...rest } = spec
  return {
    ...rest,
    affinity,
    ...(pool === undefined ? {} : { nodeSelector: { [poolLabel]: pool } }),
  }
}

/**
 * Volumes of a config or secret that are mounted only key by key are what the model calls files: they get the names and
 * items that translation gives them, so that nobody's choice of volume names counts as a difference.
 */
function foldFiles(spec: PodSpec): PodSpec {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  const mounts = containers.flatMap(({ volumeMounts }) => volumeMounts ?? [])
  const folded = new Map<
    string,
    { readonly volume: PodVolume; readonly paths: Map<string, string> }
  >()
  for (const volume of spec.volumes ?? []) {
    const own = mounts.filter(({ name }) => name === volume.name)
    const result = foldVolume(volume, own)
    if (result) folded.set(volume.name, result)
  }
  if (folded.size === 0) return spec
  const one = (container: Container): Container =>
    container.volumeMounts
      ? {
          ...container,
          volumeMounts: container.volumeMounts.map((mount) =>
            foldMount(mount, folded.get(mount.name)),
          ),
        }
      : container
  const kept = (spec.volumes ?? []).filter(({ name }) => !folded.has(name))
  return {
    ...spec,
    containers: spec.containers.map(one),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(one) } : {}),
    volumes: [...kept, ...mergeVolumes([...folded.values()].map(({ volume }) => volume))],
  }
}

function foldVolume(
  volume: PodVolume,
  mounts: readonly VolumeMount[],
): { readonly volume: PodVolume; readonly paths: Map<string, string> } | undefined {
  const source = volume.configMap ?? volume.secret
  const name = volume.configMap?.name ?? volume.secret?.secretName
  if (!source || !name || mounts.length === 0 || volume.name.startsWith('intermodal-content'))
    return undefined
  const { items = [], optional, defaultMode } = source
  if (optional || (defaultMode !== undefined && defaultMode !== 420)) return undefined
  const paths = new Map<string, string>()
  const wanted: KeyToPath[] = []
  for (const { subPath, readOnly, ...rest } of mounts) {
    if (!subPath || Object.keys(rest).length > 2) return undefined
    const item = items.find(({ path }) => path === subPath)
    if (items.length > 0 && !item) return undefined
    const mode = item?.mode === undefined ? {} : { mode: item.mode }
    const key = item?.key ?? subPath
    if (!/^[A-Za-z0-9._-]+$/.test(key)) return undefined
    const path = itemPath(key, mode.mode)
    paths.set(subPath, path)
    wanted.push({ key, path, ...mode })
  }
  const kind = volume.configMap ? 'config' : 'secret'
  const renamed = fileVolume(kind, name)
  return {
    paths,
    volume:
      kind === 'config'
        ? { name: renamed, configMap: { name, items: wanted } }
        : { name: renamed, secret: { secretName: name, items: wanted } },
  }
}

function foldMount(
  mount: VolumeMount,
  folded: { readonly volume: PodVolume; readonly paths: Map<string, string> } | undefined,
): VolumeMount {
  if (!folded) return mount
  const subPath = folded.paths.get(mount.subPath ?? '') as string
  // A file of a config or secret cannot be written to, whatever the mount says.
  return { name: folded.volume.name, mountPath: mount.mountPath, subPath, readOnly: true }
}

function mergeVolumes(volumes: readonly PodVolume[]): PodVolume[] {
  return [...Map.groupBy(volumes, ({ name }) => name)].map(([name, group]) => {
    const items = group.flatMap(({ configMap, secret }) => (configMap ?? secret)?.items ?? [])
    const unique = [...new Map(items.map((item) => [item.path, item])).values()].sort((a, b) =>
      a.path < b.path ? -1 : 1,
    )
    const [{ configMap, secret }] = group as [PodVolume]
    return configMap
      ? { name, configMap: { ...configMap, items: unique } }
      : { name, secret: { ...secret, items: unique } }
  })
}
