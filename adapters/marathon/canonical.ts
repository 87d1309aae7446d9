import { absolute, foreignLabels, isManaged } from './labels.ts'
import { isHost, modern, withoutNulls, withoutReadOnly } from './modern.ts'
import { isPod, type MarathonNative } from './native.ts'
import { isObject, type Json } from './patch.ts'
import type { AppDefinition, AppVolume, HealthCheck, PodDefinition, PortMapping } from './wire.ts'

/** Marathon's own service ports: `--local_port_min` and `--local_port_max` as they are unless someone changed them. */
const ASSIGNED = { min: 10_000, max: 20_000 }

export function mayBeAssigned(port: number | undefined): boolean {
  return port !== undefined && port >= ASSIGNED.min && port <= ASSIGNED.max
}

/**
 * A definition with the server's defaults written out and what says nothing left out. Two mean the same exactly when their
 * canonical forms are equal. Only for comparing and reading.
 *
 * `own`: service ports and the role, which Marathon chooses where nobody does, count as not chosen: an app of ours remembers
 * what it asked for.
 */
export function canonical(native: MarathonNative, own = isManaged(native)): Json {
  const meant = isPod(native) ? canonicalPod(native) : canonicalApp(native, own)
  if (!own) return meant
  const { role: _, ...rest } = meant
  return isPod(native) ? rest : { ...rest, ...newestDefaults(native) }
}

/** A default that an older server has filled in is as good as today's. */
function newestDefaults({ maxLaunchDelaySeconds, unreachableStrategy }: AppDefinition): Json {
  return {
    ...(isDefaultDelay(maxLaunchDelaySeconds)
      ? { maxLaunchDelaySeconds: DEFAULTS.maxLaunchDelaySeconds }
      : {}),
    ...(isObject(unreachableStrategy) && isDefaultStrategy(unreachableStrategy)
      ? { unreachableStrategy: DEFAULTS.unreachableStrategy }
      : {}),
  }
}

/** Ten times as long up to 1.7. */
export function isDefaultDelay(seconds: number | undefined): boolean {
  return seconds === 300 || seconds === 3600
}

/** Five and ten minutes up to 1.5.0. */
export function isDefaultStrategy(strategy: AppDefinition['unreachableStrategy']): boolean {
  if (typeof strategy !== 'object') return false
  const { inactiveAfterSeconds = 0, expungeAfterSeconds = 0 } = strategy
  return (
    (inactiveAfterSeconds === 0 && expungeAfterSeconds === 0) ||
    (inactiveAfterSeconds === 300 && expungeAfterSeconds === 600)
  )
}

function canonicalApp(raw: AppDefinition, own: boolean): Json {
  const app = modern(raw)
  const { labels, residency: _, ...rest } = app
  const resident = app.container?.volumes?.some(({ persistent }) => persistent) ?? false
  const external = app.container?.volumes?.some((volume) => volume.external) ?? false
  return clean({
    ...DEFAULTS,
    ...(resident || external
      ? { upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 } }
      : {}),
    ...rest,
    unreachableStrategy: unreachable(rest.unreachableStrategy, resident),
    id: absolute(app.id),
    labels: foreignLabels(labels),
    networks: (app.networks?.length ? app.networks : [{ mode: 'host' }]).map((network) => ({
      ...network,
      mode: network.mode ?? 'container',
    })),
    requirePorts: isHost(app.networks) && (app.requirePorts ?? false),
    ...(isHost(app.networks)
      ? {
          portDefinitions: (app.portDefinitions ?? [{ port: 0, name: 'default' }]).map((port) => ({
            ...port,
            port:
              port.port === undefined || (own && !app.requirePorts && mayBeAssigned(port.port))
                ? 0
                : port.port,
            protocol: port.protocol ?? 'tcp',
          })),
        }
      : {}),
    container: app.container && {
      ...app.container,
      type: app.container.type ?? 'DOCKER',
      // They are told apart by where they are mounted; their order means nothing.
      volumes: app.container.volumes?.map(canonicalVolume).sort(byPath),
      docker: app.container.docker && {
        forcePullImage: false,
        privileged: false,
        ...app.container.docker,
      },
      ...(isHost(app.networks)
        ? {}
        : {
            portMappings: (
              app.container.portMappings ?? [{ containerPort: 0, name: 'default' }]
            ).map((mapping) => canonicalMapping(mapping, app, own)),
          }),
    },
    constraints: app.constraints?.map(([field = '', operator = '', ...value]) => [
      field === '@hostname' ? 'hostname' : field,
      operator.toUpperCase(),
      ...value.filter((text) => text !== ''),
    ]),
    dependencies: app.dependencies?.map((id) => resolved(id, app.id)).sort(),
    healthChecks: app.healthChecks?.map(canonicalCheck),
    readinessChecks: app.readinessChecks?.map((check) => ({
      name: 'readinessCheck',
      protocol: 'HTTP',
      path: '/',
      portName: 'http-api',
      intervalSeconds: 30,
      timeoutSeconds: 10,
      httpStatusCodesForReady: [200],
      preserveLastResponse: false,
      ...check,
    })),
    fetch: app.fetch?.map((artifact) => ({
      extract: true,
      executable: false,
      cache: false,
      ...artifact,
    })),
  })
}

const DEFAULTS = {
  instances: 1,
  cpus: 1,
  mem: 128,
  disk: 0,
  gpus: 0,
  executor: '',
  backoffSeconds: 1,
  backoffFactor: 1.15,
  maxLaunchDelaySeconds: 300,
  killSelection: 'YOUNGEST_FIRST',
  upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
  unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
} as const

function canonicalVolume(volume: AppVolume): AppVolume {
  const { persistent } = volume
  if (!persistent) return volume
  const type = persistent.profileName === undefined ? 'root' : 'mount'
  return { ...volume, persistent: { ...persistent, type: persistent.type ?? type } }
}

function unreachable(
  strategy: AppDefinition['unreachableStrategy'],
  resident: boolean,
): AppDefinition['unreachableStrategy'] {
  if (strategy === 'disabled' || (strategy === undefined && resident)) return 'disabled'
  return { ...DEFAULTS.unreachableStrategy, ...strategy }
}

function canonicalMapping(mapping: PortMapping, app: AppDefinition, own: boolean): PortMapping {
  const bridge = app.networks?.some(({ mode }) => mode === 'container/bridge')
  const { servicePort = 0, containerPort = 0, protocol = 'tcp' } = mapping
  return {
    ...mapping,
    containerPort,
    protocol,
    servicePort: own && mayBeAssigned(servicePort) ? 0 : servicePort,
    ...(bridge ? { hostPort: mapping.hostPort ?? 0 } : {}),
  }
}

function canonicalCheck(check: HealthCheck): HealthCheck {
  const full = {
    protocol: 'HTTP',
    gracePeriodSeconds: 300,
    intervalSeconds: 60,
    timeoutSeconds: 20,
    maxConsecutiveFailures: 3,
    ipProtocol: 'IPv4',
    ignoreHttp1xx: false,
    ...check,
  }
  const mesos = isMesosLevel(full.protocol)
  return {
    ...full,
    // Only checks on the agent wait for it.
    delaySeconds: mesos ? (check.delaySeconds ?? 15) : 15,
    ...(check.port === undefined && check.portIndex === undefined && full.protocol !== 'COMMAND'
      ? { portIndex: 0 }
      : {}),
  }
}

/** Run by Mesos on the agent; the others are run by Marathon's leader. */
export function isMesosLevel(protocol: string | undefined): boolean {
  return protocol === 'COMMAND' || (protocol?.startsWith('MESOS_') ?? false)
}

function canonicalPod(raw: PodDefinition): Json {
  const pod = withoutNulls(withoutReadOnly(raw))
  const { backoff, upgrade, ...scheduling } = pod.scheduling ?? {}
  return clean({
    ...pod,
    id: absolute(pod.id),
    labels: foreignLabels(pod.labels),
    networks: (pod.networks?.length ? pod.networks : [{ mode: 'host' }]).map((network) => ({
      ...network,
      mode: network.mode ?? 'container',
    })),
    scaling: { kind: 'fixed', instances: pod.scaling?.instances ?? 1 },
    scheduling: {
      killSelection: 'YOUNGEST_FIRST',
      ...scheduling,
      unreachableStrategy: unreachable(scheduling.unreachableStrategy, false),
      backoff: { backoff: 1, backoffFactor: 1.15, maxLaunchDelay: 300, ...backoff },
      upgrade: { ...DEFAULTS.upgradeStrategy, ...upgrade },
    },
    executorResources: { cpus: 0.1, mem: 32, disk: 10, ...pod.executorResources },
    containers: pod.containers.map((container) => ({
      ...container,
      resources: { cpus: 0, mem: 0, disk: 0, gpus: 0, ...container.resources },
      ...(container.image ? { image: { forcePull: false, ...container.image } } : {}),
      endpoints: container.endpoints?.map((endpoint) => ({ protocol: ['tcp'], ...endpoint })),
      volumeMounts: container.volumeMounts?.map((mount) => ({ readOnly: false, ...mount })),
      ...(container.healthCheck
        ? {
            healthCheck: {
              gracePeriodSeconds: 300,
              intervalSeconds: 60,
              timeoutSeconds: 20,
              maxConsecutiveFailures: 3,
              delaySeconds: 15,
              ...container.healthCheck,
            },
          }
        : {}),
    })),
  })
}

function resolved(id: string, of: string): string {
  if (id.startsWith('/')) return absolute(id)
  const parts = absolute(of).split('/').slice(1, -1)
  for (const part of id.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** Empty lists and maps say nothing to Marathon, except that there are no ports. */
function clean(value: Json): Json {
  const kept = Object.entries(value)
    .map(([key, inner]) => [key, isObject(inner) ? clean(inner) : cleanList(inner)] as const)
    .filter(([key, inner]) => inner !== undefined && (MEANT_EMPTY.has(key) || !isEmpty(inner)))
  return Object.fromEntries(kept)
}

const MEANT_EMPTY: ReadonlySet<string> = new Set(['portMappings', 'portDefinitions'])

function cleanList(value: unknown): unknown {
  return Array.isArray(value) ? value.map((item) => (isObject(item) ? clean(item) : item)) : value
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length === 0
    : isObject(value) && Object.keys(value).length === 0
}

function byPath(a: { readonly containerPath?: string }, b: { readonly containerPath?: string }) {
  const [one = '', other = ''] = [a.containerPath, b.containerPath]
  return one < other ? -1 : one > other ? 1 : 0
}
