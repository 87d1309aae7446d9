import { type Report, step } from './loss.ts'
import { isPod, type MarathonNative } from './native.ts'
import { isAtLeast, type TranslateOptions } from './options.ts'
import { isObject, type Json } from './patch.ts'

/** `true`: anything. A text: anything, since that version. An object: these keys, and `*` for the others. */
type Keys = true | string | { readonly [key: string]: Keys }

const NAMED_MAP: Keys = { '*': true }
const PERSISTENT: Keys = {
  type: true,
  size: true,
  maxSize: true,
  profileName: '1.6',
  constraints: true,
}
const CHECK_TIMES: { readonly [key: string]: Keys } = {
  gracePeriodSeconds: true,
  intervalSeconds: true,
  maxConsecutiveFailures: true,
  timeoutSeconds: true,
  delaySeconds: '1.4',
}
const MAPPING: Keys = {
  containerPort: true,
  hostPort: true,
  servicePort: true,
  name: '1.1',
  protocol: true,
  labels: NAMED_MAP,
  networkNames: '1.5',
}
const ARTIFACT: Keys = { uri: true, extract: true, executable: true, cache: true, destPath: '1.4' }
const UPGRADE: Keys = { minimumHealthCapacity: true, maximumOverCapacity: true }
const UNREACHABLE: Keys = { inactiveAfterSeconds: true, expungeAfterSeconds: true }
const NETWORK: Keys = { mode: true, name: true, labels: NAMED_MAP }
const LINUX: Keys = { seccomp: true, ipcInfo: '1.9' }
const EXECUTOR: Keys = { cpus: true, mem: true, disk: true }

/** Every key an app can have, from the RAML of all versions; computed once, checked in the tests. */
export const APP_KEYS: { readonly [key: string]: Keys } = {
  id: true,
  cmd: true,
  args: true,
  user: true,
  instances: true,
  cpus: true,
  mem: true,
  disk: true,
  gpus: '1.3',
  resourceLimits: '1.10',
  executorResources: '1.6',
  executor: true,
  env: NAMED_MAP,
  secrets: '1.3',
  labels: NAMED_MAP,
  constraints: true,
  acceptedResourceRoles: true,
  role: '1.9',
  networks: { mode: true, name: true, labels: NAMED_MAP },
  ipAddress: true,
  ports: true,
  portDefinitions: { port: true, name: true, protocol: true, labels: NAMED_MAP },
  requirePorts: true,
  container: {
    type: true,
    docker: {
      image: true,
      forcePullImage: true,
      privileged: true,
      parameters: { key: true, value: true },
      pullConfig: '1.5',
      credential: true,
      network: true,
      portMappings: MAPPING,
    },
    linuxInfo: '1.8',
    portMappings: MAPPING,
    volumes: {
      containerPath: true,
      hostPath: true,
      mode: true,
      persistent: PERSISTENT,
      external: { name: true, provider: true, size: true, options: true, shared: '1.8' },
      secret: '1.5',
    },
  },
  healthChecks: {
    ...CHECK_TIMES,
    protocol: true,
    path: true,
    port: true,
    portIndex: true,
    command: { value: true },
    ignoreHttp1xx: true,
    ipProtocol: '1.6',
  },
  check: '1.8',
  readinessChecks: {
    name: true,
    protocol: true,
    path: true,
    portName: true,
    intervalSeconds: true,
    timeoutSeconds: true,
    httpStatusCodesForReady: true,
    preserveLastResponse: true,
  },
  upgradeStrategy: UPGRADE,
  killSelection: '1.4',
  unreachableStrategy: UNREACHABLE,
  taskKillGracePeriodSeconds: '1.3',
  backoffSeconds: true,
  backoffFactor: true,
  maxLaunchDelaySeconds: true,
  dependencies: true,
  fetch: ARTIFACT,
  uris: true,
  tty: '1.5',
  residency: { relaunchEscalationTimeoutSeconds: true, taskLostBehavior: true },
}

export const POD_KEYS: { readonly [key: string]: Keys } = {
  id: true,
  labels: NAMED_MAP,
  user: true,
  environment: NAMED_MAP,
  containers: {
    name: true,
    exec: { command: { shell: true, argv: true }, overrideEntrypoint: true },
    resources: { cpus: true, mem: true, disk: true, gpus: true },
    resourceLimits: '1.10',
    endpoints: {
      name: true,
      containerPort: true,
      hostPort: true,
      protocol: true,
      labels: NAMED_MAP,
      networkNames: '1.5',
    },
    linuxInfo: '1.8',
    image: { kind: true, id: true, pullConfig: '1.5', forcePull: true, labels: '1.5' },
    environment: NAMED_MAP,
    user: true,
    healthCheck: { ...CHECK_TIMES, http: true, tcp: true, exec: true },
    check: true,
    volumeMounts: { name: true, mountPath: true, readOnly: true },
    artifacts: ARTIFACT,
    labels: NAMED_MAP,
    lifecycle: { killGracePeriodSeconds: true },
    tty: '1.5',
  },
  secrets: NAMED_MAP,
  volumes: { name: true, host: true, persistent: PERSISTENT, secret: true },
  networks: NETWORK,
  scaling: { kind: true, instances: true },
  scheduling: {
    backoff: { backoff: true, backoffFactor: true, maxLaunchDelay: true },
    upgrade: UPGRADE,
    placement: {
      constraints: { fieldName: true, operator: true, value: true },
      acceptedResourceRoles: true,
    },
    killSelection: true,
    unreachableStrategy: UNREACHABLE,
  },
  executorResources: EXECUTOR,
  role: '1.9',
  linuxInfo: LINUX,
  legacySharedCgroups: '1.10',
}

/** Marathon ignores a key it does not know without a word, so none is ever sent: each is a loss instead. */
export function prune<T extends MarathonNative>(
  native: T,
  { version }: TranslateOptions,
  at: string,
  report: Report,
): T {
  const keys = isPod(native) ? POD_KEYS : APP_KEYS
  const since = (wanted: string) => version === undefined || isAtLeast(version, wanted)
  return walk(native as unknown as Json, keys, at, since, report) as unknown as T
}

function walk(
  value: Json,
  keys: { readonly [key: string]: Keys },
  at: string,
  since: (version: string) => boolean,
  report: Report,
): Json {
  const kept: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue
    const known = keys[key] ?? keys['*']
    const path = `${at}${step(key)}`
    if (known === undefined) {
      report(
        'dropped',
        path,
        'Marathon knows no such key and would ignore it',
        'correct its spelling or place',
      )
    } else if (typeof known === 'string' && !since(known)) {
      report('dropped', path, `Marathon knows it since ${known} only`)
    } else {
      kept[key] = typeof known === 'object' ? within(inner, known, path, since, report) : inner
    }
  }
  return kept
}

function within(
  value: unknown,
  keys: { readonly [key: string]: Keys },
  at: string,
  since: (version: string) => boolean,
  report: Report,
): unknown {
  if (Array.isArray(value))
    return value.map((item, index) => within(item, keys, `${at}${step(index)}`, since, report))
  return isObject(value) ? walk(value, keys, at, since, report) : value
}
