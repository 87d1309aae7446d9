import { isMesosLevel } from './canonical.ts'
import { isHost, modern, withoutNulls, withoutReadOnly } from './modern.ts'
import { isPod, type MarathonNative } from './native.ts'
import type { AppDefinition, AppVolume, HealthCheck, PodDefinition } from './wire.ts'

/** What Marathon itself would say, by its own path and in its own words (AppValidation.scala, NetworkValidation.scala). */
export interface Refusal {
  readonly path: string
  readonly message: string
}

const ID =
  /^(\/?((\.\.)|(([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))?($|\/))+$/
const PORT_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const RESERVED: readonly string[] = ['restart', 'tasks', 'versions', '.', '..']

/** Why Marathon would not take it; empty where it would. */
export function refusals(native: MarathonNative): readonly Refusal[] {
  const clean = withoutNulls(withoutReadOnly(native))
  return isPod(clean)
    ? [...idRefusals(clean.id), ...podRefusals(clean)]
    : [
        ...idRefusals(clean.id),
        // A server before 1.5 answers in both forms at once, and takes that back.
        ...('version' in native ? [] : formRefusals(clean)),
        ...wordRefusals(clean),
        ...appRefusals(modern(clean)),
      ]
}

function* idRefusals(id: unknown): Generator<Refusal> {
  if (typeof id !== 'string' || id === '') yield { path: '/id', message: 'error.path.missing' }
  else if (!ID.test(id))
    yield { path: '/id', message: `must fully match regular expression '${ID.source}'` }
  else if (id === '/') yield { path: '/id', message: 'Path must contain at least one path element' }
  else if (RESERVED.includes(id.split('/').at(-1) ?? ''))
    yield {
      path: '/id',
      message: `must not end with any of the following reserved keywords: ${RESERVED.join(', ')}`,
    }
}

const DOCKER_NETWORKS: readonly string[] = ['HOST', 'BRIDGE', 'USER', 'NONE']

function* wordRefusals({ container }: AppDefinition): Generator<Refusal> {
  const { network } = container?.docker ?? {}
  if (network !== undefined && !DOCKER_NETWORKS.includes(network))
    yield { path: '/container/docker/network', message: 'error.unknown.enum.literal' }
}

/** Of the two forms of networks and ports, one has to be used throughout. */
function* formRefusals(app: AppDefinition): Generator<Refusal> {
  const docker = app.container?.docker
  if (app.networks && (docker?.network || app.ipAddress))
    yield { path: '/networks', message: 'cannot mix deprecated and canonical network APIs' }
  if (app.container?.portMappings && docker?.portMappings)
    yield {
      path: '/container',
      message: 'cannot specify both portMappings and docker.portMappings',
    }
  if (docker?.network === 'NONE')
    yield { path: '/container/docker/network', message: 'unsupported docker network type NONE' }
  if (app.uris?.length && app.fetch?.length)
    yield { path: '/uris', message: 'may not be set in conjunction with fetch' }
  if (app.ipAddress && (app.ports?.length || app.portDefinitions?.length))
    yield {
      path: '/ipAddress',
      message: 'may not be set in conjunction with ports or portDefinitions',
    }
  if (app.ports && app.portDefinitions && !samePorts(app))
    yield { path: '/ports', message: 'ports and portDefinitions must be the same' }
}

function samePorts({ ports = [], portDefinitions = [] }: AppDefinition): boolean {
  return (
    ports.length === portDefinitions.length &&
    ports.every((port, index) => port === (portDefinitions[index]?.port ?? 0))
  )
}

function* appRefusals(app: AppDefinition): Generator<Refusal> {
  const { container, cmd, args } = app
  if (cmd !== undefined && args !== undefined && args.length > 0)
    yield { path: '/', message: 'AppDefinition must not contain both "cmd" and "args"' }
  if (cmd !== undefined && cmd.length <= 1 && !container?.docker)
    yield { path: '/cmd', message: 'must not be an empty string' }
  const runs =
    cmd !== undefined || args?.length || container?.docker?.image || container?.type === 'MESOS'
  if (!runs)
    yield {
      path: '/',
      message: "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.",
    }
  if (container && (container.type ?? 'DOCKER') === 'DOCKER' && !container.docker)
    yield { path: '/container/docker', message: 'not defined' }
  if (container?.docker && !container.docker.image)
    yield { path: '/container/docker/image', message: 'error.path.missing' }
  if (container?.type !== 'MESOS' && container?.docker?.pullConfig)
    yield {
      path: '/container/docker/pullConfig',
      message: 'pullConfig is not supported with Docker containerizer',
    }
  yield* numberRefusals(app)
  yield* networkRefusals(app)
  yield* checkRefusals(app)
  yield* constraintRefusals(app.constraints ?? [])
  yield* volumeRefusals(app)
  for (const [name, value] of Object.entries(app.env ?? {})) {
    if (typeof value === 'object' && !app.secrets?.[value.secret])
      yield {
        path: `/env(${name})`,
        message: `references an undefined secret named '${value.secret}'`,
      }
  }
}

function* numberRefusals(app: AppDefinition): Generator<Refusal> {
  const least: readonly (readonly [path: keyof AppDefinition, least: number])[] = [
    ['cpus', 0.001],
    ['mem', 0],
    ['disk', 0],
    ['gpus', 0],
    ['instances', 0],
    ['backoffSeconds', 0],
    ['backoffFactor', 1],
    ['maxLaunchDelaySeconds', 0],
    ['taskKillGracePeriodSeconds', 0],
  ]
  for (const [path, limit] of least) {
    const value = app[path]
    if (value === undefined) continue
    if (typeof value !== 'number') yield { path: `/${path}`, message: 'error.expected.jsnumber' }
    else if (value < limit) yield { path: `/${path}`, message: `error.min(${limit})` }
  }
  const { minimumHealthCapacity = 1, maximumOverCapacity = 1 } = app.upgradeStrategy ?? {}
  for (const [path, value] of Object.entries({ minimumHealthCapacity, maximumOverCapacity }))
    if (value < 0 || value > 1)
      yield { path: `/upgradeStrategy/${path}`, message: 'must be between 0.0 and 1.0' }
  if (app.labels?.MARATHON_SINGLE_INSTANCE_APP === 'true' && (app.instances ?? 1) > 1)
    yield { path: '/instances', message: 'single instance app may only have 0 or 1 instances' }
  if (app.gpus && app.container && app.container.type !== 'MESOS')
    yield { path: '/', message: 'GPU resources only work with the Mesos containerizer' }
  const unreachable = app.unreachableStrategy
  if (typeof unreachable === 'object') {
    const { inactiveAfterSeconds = 0, expungeAfterSeconds = 0 } = unreachable
    if (inactiveAfterSeconds > expungeAfterSeconds)
      yield {
        path: '/unreachableStrategy',
        message: 'inactiveAfterSeconds must be less or equal to expungeAfterSeconds',
      }
  }
}

function* networkRefusals({
  networks = [],
  container,
  portDefinitions,
}: AppDefinition): Generator<Refusal> {
  const modes = new Set(networks.map(({ mode }) => mode ?? 'container'))
  if (networks.length > 1 && (modes.size > 1 || !modes.has('container')))
    yield {
      path: '/networks',
      message:
        'Must be either: (1) one host network, or (2) one bridge network, or (3) one-or-more container networks',
    }
  if (modes.has('container/bridge') && networks.some(({ name }) => name !== undefined))
    yield { path: '/networks(0)/name', message: 'bridge networks may not have a name' }
  const ports = isHost(networks) ? (portDefinitions ?? []) : (container?.portMappings ?? [])
  const at = isHost(networks) ? '/portDefinitions' : '/container/portMappings'
  const names = ports.flatMap(({ name }) => (name === undefined ? [] : [name]))
  if (new Set(names).size < names.length) yield { path: at, message: 'Port names must be unique.' }
  for (const [index, { name }] of ports.entries())
    if (name !== undefined && !PORT_NAME.test(name))
      yield {
        path: `${at}(${index})/name`,
        message: `must fully match regular expression '${PORT_NAME.source}'`,
      }
}

function* checkRefusals(app: AppDefinition): Generator<Refusal> {
  const checks = app.healthChecks ?? []
  if (
    checks.filter(({ protocol }) => protocol?.startsWith('MESOS_') || protocol === 'COMMAND')
      .length > 1 &&
    checks.filter(({ protocol }) => protocol?.startsWith('MESOS_')).length > 0
  )
    yield {
      path: '/healthChecks',
      message: 'AppDefinition can contain at most one Mesos health check',
    }
  const ports = isHost(app.networks)
    ? (app.portDefinitions?.length ?? 1)
    : (app.container?.portMappings?.length ?? 1)
  for (const [index, check] of checks.entries()) yield* checkRefusal(check, index, ports)
  if ((app.readinessChecks?.length ?? 0) > 1)
    yield { path: '/readinessChecks', message: 'may not contain more than 1 elements' }
}

function* checkRefusal(check: HealthCheck, index: number, ports: number): Generator<Refusal> {
  const at = `/healthChecks(${index})`
  const { protocol = 'HTTP', portIndex, port, command } = check
  const known = ['HTTP', 'HTTPS', 'TCP', 'COMMAND', 'MESOS_TCP', 'MESOS_HTTP', 'MESOS_HTTPS']
  if (!known.includes(protocol))
    yield { path: `${at}/protocol`, message: 'error.unknown.enum.literal' }
  if (protocol === 'COMMAND' && !command?.value)
    yield { path: at, message: 'COMMAND health checks must define a command' }
  if (protocol !== 'COMMAND' && portIndex !== undefined && port !== undefined)
    yield { path: at, message: 'HealthCheck must specify either a port or a portIndex' }
  if (portIndex !== undefined && portIndex >= ports && protocol !== 'COMMAND')
    yield {
      path: at,
      message:
        'Health check port indices must address an element of the ports array or container port mappings.',
    }
  if (check.ipProtocol === 'IPv6' && !isMesosLevel(protocol))
    yield { path: at, message: 'IPv6 can only be used for Mesos health checks' }
}

const OPERATORS = ['UNIQUE', 'CLUSTER', 'GROUP_BY', 'LIKE', 'UNLIKE', 'MAX_PER', 'IS']

function* constraintRefusals(constraints: readonly (readonly string[])[]): Generator<Refusal> {
  for (const [index, constraint] of constraints.entries()) {
    const path = `/constraints(${index})`
    const [, operator = '', value] = constraint
    const name = operator.toUpperCase()
    if (constraint.length < 2 || constraint.length > 3)
      yield { path, message: 'must have size between 2 and 3' }
    else if (!OPERATORS.includes(name))
      yield { path, message: `Operator must be one of ${OPERATORS.join(', ')}` }
    else if (name === 'UNIQUE' && value) yield { path, message: 'Value specified but not used' }
    else if ((name === 'LIKE' || name === 'UNLIKE') && value === undefined)
      yield { path, message: 'A regular expression value must be provided' }
    else if (name === 'MAX_PER' && !/^\d+$/.test(value ?? ''))
      yield { path, message: 'An integer value must be provided' }
    else if (name === 'GROUP_BY' && value !== undefined && !/^\d+$/.test(value))
      yield { path, message: 'Value was specified but is not a number' }
  }
}

function* volumeRefusals(app: AppDefinition): Generator<Refusal> {
  const volumes = app.container?.volumes ?? []
  for (const [index, volume] of volumes.entries()) yield* volumeRefusal(volume, index, app)
  if (volumes.some(({ external }) => external) && (app.instances ?? 1) > 1)
    yield {
      path: '/instances',
      message: 'got 2, expected 1 or less'.replace('2', String(app.instances)),
    }
  if (
    volumes.some(({ persistent }) => persistent) &&
    (app.upgradeStrategy?.maximumOverCapacity ?? 0) > 0
  )
    yield {
      path: '/upgradeStrategy/maximumOverCapacity',
      message: 'got 1.0, expected 0.0'.replace(
        '1.0',
        String(app.upgradeStrategy?.maximumOverCapacity),
      ),
    }
}

function* volumeRefusal(volume: AppVolume, index: number, app: AppDefinition): Generator<Refusal> {
  const at = `/container/volumes(${index})`
  const { containerPath, persistent, external, secret, hostPath } = volume
  if (!containerPath) yield { path: `${at}/containerPath`, message: 'must not be empty' }
  if (persistent) {
    if (containerPath?.includes('/'))
      yield { path: `${at}/containerPath`, message: 'must not contain "/"' }
    if (!((persistent.size ?? 0) > 0))
      yield { path: `${at}/persistent/size`, message: 'must be greater than 0' }
    if (volume.mode === 'RO') yield { path: `${at}/mode`, message: 'must be equal to RW' }
  } else if (secret !== undefined) {
    if (!app.secrets?.[secret])
      yield { path: `${at}/secret`, message: `references an undefined secret named '${secret}'` }
  } else if (!external && !hostPath) yield { path: at, message: 'must not be empty' }
}

function* podRefusals(pod: PodDefinition): Generator<Refusal> {
  if (!Array.isArray(pod.containers) || pod.containers.length === 0)
    yield { path: '/containers', message: 'must not be empty' }
  const { kind = 'fixed' } = pod.scaling ?? {}
  if (kind !== 'fixed') yield { path: '/scaling/kind', message: 'error.unknown.enum.literal' }
  const names = (pod.containers ?? []).map(({ name }) => name)
  if (new Set(names).size < names.length)
    yield { path: '/containers', message: 'container names are unique' }
  for (const [index, container] of (pod.containers ?? []).entries()) {
    if (!container.exec && !container.image)
      yield {
        path: `/containers(${index})`,
        message: 'a container must define at least one of exec, image',
      }
    for (const { name } of container.volumeMounts ?? [])
      if (!pod.volumes?.some((volume) => volume.name === name))
        yield {
          path: `/containers(${index})/volumeMounts`,
          message: `volumeMount.name must reference a volume: ${name}`,
        }
  }
}
