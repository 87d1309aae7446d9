import { unescapeDollars } from './env.ts'
import { foldFiles } from './fold-files.ts'
import { POOL_LABEL } from './options.ts'
import { isObject, type Json, same } from './patch.ts'
import { canonicalQuantity, canonicalResources } from './resources.ts'
import type {
  Affinity,
  Container,
  EnvVar,
  KubeProbe,
  NodeRequirement,
  PodSpec,
  PodVolume,
  SecurityContext,
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
      ...(found.securityContext
        ? { securityContext: canonicalSecurity(found.securityContext) }
        : {}),
      env: canonicalEnvList(found.env ?? []),
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

/** Runtimes take capabilities in any case. */
function canonicalSecurity({ capabilities, ...rest }: SecurityContext): SecurityContext {
  const upper = (names: readonly string[] | undefined): readonly string[] | undefined =>
    names?.map((name) => String(name).toUpperCase())
  const { add, drop } = capabilities ?? {}
  const plain = without({ add: upper(add), drop: upper(drop) }, { add: [], drop: [] })
  return { ...rest, ...(Object.keys(plain).length > 0 ? { capabilities: plain as object } : {}) }
}

/** The order matters only to variables that are made of others. */
function canonicalEnvList(list: readonly EnvVar[]): readonly EnvVar[] {
  const plain = list.map(canonicalEnv)
  const independent = plain.every(
    ({ value }) => value === undefined || unescapeDollars(String(value)) !== undefined,
  )
  return independent ? plain.sort(byName) : plain
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
