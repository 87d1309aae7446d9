import type { AppBody, PortMapping } from '../schema/app.ts'
import type { Dialect } from '../versions.ts'
import type { PathId } from './paths.ts'
import { present } from './present.ts'

type Absent = 'id' | 'version' | 'ports' | 'uris' | 'ipAddress' | 'storeUrls'
type Filled =
  | 'instances'
  | 'cpus'
  | 'mem'
  | 'disk'
  | 'gpus'
  | 'executor'
  | 'labels'
  | 'backoffSeconds'
  | 'backoffFactor'
  | 'maxLaunchDelaySeconds'
  | 'networks'
  | 'requirePorts'
  | 'upgradeStrategy'
  | 'killSelection'
  | 'unreachableStrategy'
  | 'role'

/** An app as it is stored: in today's form, with Marathon's defaults. */
export type AppDefinition = Omit<AppBody, Absent | Filled> & {
  [Field in Filled]: NonNullable<AppBody[Field]>
} & { id: PathId }

/** What the server is set up with. */
export interface Setup {
  readonly dialect: Dialect
  /** `--mesos_role`. */
  readonly role: string
  /** `--default_network_name`. */
  readonly network?: string | undefined
}

/** Fills in what was left out. Service ports of zero stay: they are given out when the app is stored. */
export function complete(body: AppBody, id: PathId, setup: Setup): AppDefinition {
  const rest = withoutOld(body)
  const given = body.networks?.length ? body.networks : [{ mode: 'host' as const }]
  const networks = given.map((network) => named(network, setup))
  const host = networks.every(({ mode }) => mode === 'host')
  const resident = body.container?.volumes?.some(({ persistent }) => persistent) ?? false
  const container = completeContainer(body.container, networks)
  return {
    cpus: 1,
    mem: 128,
    disk: 0,
    gpus: 0,
    instances: 1,
    executor: '',
    labels: {},
    backoffSeconds: 1,
    backoffFactor: 1.15,
    maxLaunchDelaySeconds: setup.dialect.since('1.8') ? 300 : 3600,
    killSelection: 'YOUNGEST_FIRST',
    role: setup.role,
    ...present(rest),
    upgradeStrategy: { ...upgradeStrategyOf(body, resident), ...body.upgradeStrategy },
    unreachableStrategy: completeUnreachable(body.unreachableStrategy, resident, setup.dialect),
    id,
    networks,
    requirePorts: host ? (body.requirePorts ?? false) : false,
    ...(container ? { container } : {}),
    ...(host && !container?.portMappings
      ? { portDefinitions: completeDefinitions(body.portDefinitions) }
      : {}),
    ...(body.healthChecks ? { healthChecks: body.healthChecks.map(completeCheck) } : {}),
    ...(body.readinessChecks ? { readinessChecks: body.readinessChecks.map(completeReady) } : {}),
    ...(body.fetch ? { fetch: body.fetch.map(completeFetch) } : {}),
    ...(resident ? { residency: { ...RESIDENCY, ...body.residency } } : {}),
  }
}

/** What is written in today's form by now, and what only persistent volumes make. */
function withoutOld(body: AppBody): Omit<AppBody, Absent | 'residency'> {
  const { id: _, version, ports, uris, ipAddress, storeUrls, residency, ...rest } = body
  return rest
}

const RESIDENCY = {
  relaunchEscalationTimeoutSeconds: 3600,
  taskLostBehavior: 'WAIT_FOREVER',
} as const

type Network = NonNullable<AppBody['networks']>[number]

function named({ mode = 'container', name, ...rest }: Network, { network }: Setup): Network {
  const chosen = name ?? (mode === 'container' ? network : undefined)
  return { mode, ...(chosen === undefined ? {} : { name: chosen }), ...rest }
}

function upgradeStrategyOf(
  { labels, container }: AppBody,
  resident: boolean,
): Required<AppBody>['upgradeStrategy'] {
  if (labels?.MARATHON_SINGLE_INSTANCE_APP === 'true')
    return { minimumHealthCapacity: 0, maximumOverCapacity: 0 }
  const external = container?.volumes?.some((volume) => volume.external) ?? false
  return resident || external
    ? { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 }
    : { minimumHealthCapacity: 1, maximumOverCapacity: 1 }
}

export function completeUnreachable(
  given: AppBody['unreachableStrategy'],
  resident: boolean,
  dialect: Dialect,
): AppDefinition['unreachableStrategy'] {
  if (given === 'disabled' || (!given && resident)) return 'disabled'
  const defaults = dialect.since('1.5.1')
    ? { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 }
    : { inactiveAfterSeconds: 300, expungeAfterSeconds: 600 }
  return { ...defaults, ...given }
}

function completeDefinitions(
  definitions: AppBody['portDefinitions'],
): NonNullable<AppBody['portDefinitions']> {
  return (definitions ?? [{ name: 'default' }]).map((definition) => ({
    port: 0,
    protocol: 'tcp',
    ...definition,
  }))
}

function completeContainer(
  container: AppBody['container'],
  networks: readonly Network[],
): AppBody['container'] {
  const host = networks.every(({ mode }) => mode === 'host')
  if (!container && host) return undefined
  const given = container ?? { type: 'MESOS' as const }
  const bridge = networks.some(({ mode }) => mode === 'container/bridge')
  const mappings = host
    ? given.portMappings
    : (given.portMappings ?? [{ name: 'default' }]).map((one) => completeMapping(one, bridge))
  const docker = given.docker && {
    forcePullImage: false,
    ...(given.type === 'MESOS' ? {} : { privileged: false, parameters: [] }),
    ...given.docker,
  }
  return {
    type: 'DOCKER',
    ...given,
    ...(docker ? { docker } : {}),
    volumes: given.volumes ?? [],
    ...(mappings ? { portMappings: mappings } : {}),
  }
}

function completeMapping(mapping: PortMapping, bridge: boolean): PortMapping {
  return {
    containerPort: 0,
    ...(bridge ? { hostPort: 0 } : {}),
    servicePort: 0,
    protocol: 'tcp',
    labels: {},
    ...mapping,
  }
}

type Item<Field extends 'healthChecks' | 'readinessChecks' | 'fetch'> = NonNullable<
  AppBody[Field]
>[number]

function completeCheck(check: Item<'healthChecks'>): Item<'healthChecks'> {
  const protocol = check.protocol ?? 'HTTP'
  const http = protocol.endsWith('HTTP') || protocol.endsWith('HTTPS')
  return {
    protocol,
    gracePeriodSeconds: 300,
    intervalSeconds: 60,
    timeoutSeconds: 20,
    maxConsecutiveFailures: 3,
    delaySeconds: 15,
    ...(http ? { path: '/', ignoreHttp1xx: false } : {}),
    ...(protocol === 'COMMAND' ? {} : { ipProtocol: 'IPv4' as const }),
    ...(protocol === 'COMMAND' || check.port !== undefined ? {} : { portIndex: 0 }),
    ...check,
  }
}

function completeReady(check: Item<'readinessChecks'>): Item<'readinessChecks'> {
  return {
    name: 'readinessCheck',
    protocol: 'HTTP',
    path: '/',
    portName: 'http-api',
    intervalSeconds: 30,
    timeoutSeconds: 10,
    httpStatusCodesForReady: [200],
    preserveLastResponse: false,
    ...check,
  }
}

function completeFetch(artifact: Item<'fetch'>): Item<'fetch'> {
  return { extract: true, executable: false, cache: false, ...artifact }
}
