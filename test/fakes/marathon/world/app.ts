import { type App, defineApp } from 'intermodal'
import { type AppSpec, instancesOf, type PodSpec, type Spec } from '../store/root.ts'
import { placementOf } from './placement.ts'
import { portsOf } from './ports.ts'
import { probesOf } from './probes.ts'

const MEBIBYTE = 2 ** 20
/** Longer than anyone waits: a deployment never fails by itself. */
const NEVER = 1e12

/** Which configuration an instance was made from: Marathon gives it to every task by this name too. */
const VERSION = 'MARATHON_APP_VERSION'

/** What runs where Marathon needs no image: a command in the agent's own file system. */
const NO_IMAGE = 'mesos/command-executor'

const BASE = defineApp({ id: '/base', image: NO_IMAGE })

/**
 * What the world runs for an app or pod: what scheduling, checks, updates and restarts need, nothing else. Marathon takes
 * definitions the model of apps would not, so this is made past its validation.
 */
export function worldApp(spec: Spec, instances = instancesOf(spec)): App {
  return {
    ...BASE,
    id: spec.id,
    env: { [VERSION]: spec.lastConfigChangeAt },
    replicas: instances,
    ports: portsOf(spec),
    probes: probesOf(spec),
    placement: placementOf(spec),
    update: updateOf(spec, instances),
    labels: spec.definition.labels,
    ...(spec.kind === 'app' ? ofApp(spec) : ofPod(spec)),
  }
}

/** The configuration a world app was made from. */
export function configVersionOf({ env }: App): string {
  const version = env[VERSION]
  return typeof version === 'string' ? version : ''
}

function ofApp({ definition }: AppSpec): Partial<App> {
  const { cpus, mem, disk, gpus, container } = definition
  const { backoffSeconds, backoffFactor, maxLaunchDelaySeconds } = definition
  const pullPolicy = container?.docker?.forcePullImage ? 'always' : undefined
  return {
    image: container?.docker?.image ?? NO_IMAGE,
    ...(pullPolicy ? { pullPolicy } : {}),
    resources: { ...requests(cpus, mem, disk), gpus },
    restart: {
      condition: 'always',
      delay: backoffSeconds * 1000,
      factor: backoffFactor,
      maxDelay: maxLaunchDelaySeconds * 1000,
    },
    stop: { ...BASE.stop, ...grace(definition.taskKillGracePeriodSeconds) },
    onUnreachable: unreachable(definition.unreachableStrategy),
  }
}

function ofPod({ definition }: PodSpec): Partial<App> {
  const { containers, scheduling } = definition
  const [main, ...others] = containers
  const backoff = scheduling.backoff ?? {}
  const resourcesOf = ({ resources }: (typeof containers)[number]) => ({
    ...requests(resources.cpus, resources.mem, resources.disk ?? 0),
    gpus: resources.gpus ?? 0,
  })
  return {
    image: main?.image?.id ?? NO_IMAGE,
    ...(main ? { resources: resourcesOf(main) } : {}),
    sidecars: Object.fromEntries(
      others.map((container) => [
        container.name,
        { ...SIDECAR, image: container.image?.id ?? NO_IMAGE, resources: resourcesOf(container) },
      ]),
    ),
    restart: {
      condition: 'always',
      delay: (backoff.backoff ?? 1) * 1000,
      factor: backoff.backoffFactor ?? 1.15,
      maxDelay: (backoff.maxLaunchDelay ?? 300) * 1000,
    },
    stop: { ...BASE.stop, ...grace(main?.lifecycle?.killGracePeriodSeconds) },
    onUnreachable: unreachable(scheduling.unreachableStrategy),
  }
}

const SIDECAR = defineApp({
  id: '/base',
  image: NO_IMAGE,
  sidecars: { other: { image: NO_IMAGE } },
}).sidecars.other as App['sidecars'][string]

function requests(cpus: number, mem: number, disk: number): Pick<App['resources'], 'requests'> {
  return {
    requests: { cpu: Math.round(cpus * 1000), memory: mem * MEBIBYTE, disk: disk * MEBIBYTE },
  }
}

function grace(seconds: number | undefined): { readonly gracePeriod?: number } {
  return seconds === undefined ? {} : { gracePeriod: seconds * 1000 }
}

function unreachable(
  strategy: PodSpec['definition']['scheduling']['unreachableStrategy'],
): NonNullable<App['onUnreachable']> {
  if (strategy === 'disabled') return { replaceAfter: NEVER }
  return {
    replaceAfter: (strategy?.inactiveAfterSeconds ?? 0) * 1000,
    expungeAfter: (strategy?.expungeAfterSeconds ?? 0) * 1000,
  }
}

/**
 * Marathon's arithmetic: healthy ones are rounded up, those in addition down; where nothing may be missing and nothing
 * be added, one more is started all the same, or one more stopped when storage ties instances to their place.
 */
function updateOf(spec: Spec, instances: number): App['update'] {
  const strategy =
    spec.kind === 'app' ? spec.definition.upgradeStrategy : spec.definition.scheduling.upgrade
  const { minimumHealthCapacity = 1, maximumOverCapacity = 1 } = strategy ?? {}
  const unavailable = instances - Math.ceil(instances * minimumHealthCapacity)
  const surge = Math.floor(instances * (1 + maximumOverCapacity)) - instances
  const stuck = unavailable === 0 && surge === 0
  const resident = spec.kind === 'app' && spec.definition.residency !== undefined
  return {
    ...BASE.update,
    maxUnavailable: stuck && resident ? 1 : unavailable,
    maxSurge: stuck && !resident ? 1 : surge,
    progressDeadline: NEVER,
    onFailure: 'continue',
  }
}
