import { type AppInput, formatDuration } from 'intermodal'
import { isDefaultDelay, isDefaultStrategy } from './canonical.ts'
import { readChecks } from './checks.ts'
import { readContainer } from './container.ts'
import { readEnv } from './env.ts'
import { readJob } from './job.ts'
import { absolute, isManaged, kindOf, readLabels } from './labels.ts'
import type { Report } from './loss.ts'
import { modern } from './modern.ts'
import { isPod, type MarathonNative } from './native.ts'
import { readNetwork, readPorts } from './network.ts'
import { readPlacement } from './placement.ts'
import { readPod } from './pod-read.ts'
import { readResources } from './resources.ts'
import { lookUp } from './secrets.ts'
import { readUpgrade } from './upgrade.ts'
import { readVolumes } from './volumes-read.ts'
import type { AppDefinition, UnreachableStrategy } from './wire.ts'

/** What the definition says in the model's words, as a person would write it; what has no word there is left out. */
export function read(native: MarathonNative, report: Report): AppInput {
  return isPod(native) ? readPod(native) : readApp(modern(native), report)
}

function readApp(app: AppDefinition, report: Report): AppInput {
  const kind = kindOf(app)
  const job = kind === 'job'
  const own = isManaged(app)
  const ports = readPorts(app, report)
  const { shell, ...container } = readContainer(app)
  const auth = lookUp(app.secrets, app.container?.docker?.pullConfig?.secret)
  const resident = app.container?.volumes?.some(({ persistent }) => persistent) ?? false
  const command = job ? readJob(app) : shell === undefined ? {} : { shell }
  return {
    id: absolute(app.id),
    kind,
    ...(job || app.instances === undefined ? {} : { replicas: app.instances }),
    ...container,
    ...command,
    ...(auth && 'secret' in auth ? { registryAuth: { secret: auth.secret } } : {}),
    env: readEnv(app),
    resources: readResources(
      {
        cpus: app.cpus ?? 1,
        mem: app.mem ?? 128,
        ...pick(app.disk, 'disk'),
        ...pick(app.gpus, 'gpus'),
      },
      app.resourceLimits,
    ),
    ports: [...ports],
    network: readNetwork(app.networks),
    probes: readChecks(
      app.healthChecks ?? [],
      ports.map(({ name }) => name),
    ),
    ...readVolumes(app),
    placement: readPlacement(app),
    update: readUpgrade(
      app.upgradeStrategy ??
        (resident ? { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 } : undefined),
      app.instances,
    ),
    ...(job ? {} : { restart: readRestart(own ? withoutDefaults(app) : app) }),
    ...(own && isDefaultStrategy(app.unreachableStrategy)
      ? {}
      : readUnreachable(app.unreachableStrategy)),
    ...readDependencies(app),
    ...readLabels(app.labels),
  }
}

function pick<Key extends string>(value: number | undefined, key: Key): { [K in Key]?: number } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: number })
}

/** What the server fills in: an app of ours remembers what it asked for. */
function withoutDefaults(app: AppDefinition): Parameters<typeof readRestart>[0] {
  const { backoffSeconds, backoffFactor, maxLaunchDelaySeconds } = app
  return {
    ...(backoffSeconds === undefined || backoffSeconds === 1 ? {} : { backoffSeconds }),
    ...(backoffFactor === undefined || backoffFactor === 1.15 ? {} : { backoffFactor }),
    ...(maxLaunchDelaySeconds === undefined || isDefaultDelay(maxLaunchDelaySeconds)
      ? {}
      : { maxLaunchDelaySeconds }),
  }
}

export function readRestart({
  backoffSeconds,
  backoffFactor,
  maxLaunchDelaySeconds,
}: Pick<AppDefinition, 'backoffSeconds' | 'backoffFactor' | 'maxLaunchDelaySeconds'>): NonNullable<
  AppInput['restart']
> {
  return {
    ...(backoffSeconds === undefined ? {} : { delay: formatDuration(backoffSeconds * 1000) }),
    ...(backoffFactor === undefined ? {} : { factor: backoffFactor }),
    ...(maxLaunchDelaySeconds === undefined
      ? {}
      : { maxDelay: formatDuration(maxLaunchDelaySeconds * 1000) }),
  }
}

export function readUnreachable(
  strategy: UnreachableStrategy | undefined,
): Pick<AppInput, 'onUnreachable'> {
  if (strategy === undefined || strategy === 'disabled') return {}
  const { inactiveAfterSeconds = 0, expungeAfterSeconds = 0 } = strategy
  return {
    onUnreachable: {
      replaceAfter: formatDuration(inactiveAfterSeconds * 1000),
      expungeAfter: formatDuration(expungeAfterSeconds * 1000),
    },
  }
}

function readDependencies({ id, dependencies = [] }: AppDefinition): Pick<AppInput, 'dependsOn'> {
  const group = absolute(id).split('/').slice(0, -1).join('/')
  const known = dependencies
    .map((other) => (other.startsWith('/') ? absolute(other) : absolute(`${group}/${other}`)))
    .filter((other) => /^(?:\/[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)+$/.test(other))
  return known.length > 0
    ? { dependsOn: Object.fromEntries(known.map((other) => [other, 'healthy' as const])) }
    : {}
}
