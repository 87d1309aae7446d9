import type { Marathon } from '../marathon.ts'
import { instancesOf, type PodSpec, roleOf } from '../store/root.ts'
import type { Ending } from '../world/endings.ts'
import { type PhaseName, phase } from '../world/tasks.ts'
import { podJson } from './pod.ts'
import { instancesOfSpec, iso, type TaskView } from './task.ts'

type InstanceState = 'PENDING' | 'STAGING' | 'STABLE' | 'DEGRADED' | 'TERMINAL'

/** A pod with all its instances. */
export function podStatus(marathon: Marathon, spec: PodSpec): object {
  const views = instancesOfSpec(marathon, spec).filter(
    ({ phase }) => phase !== 'finished' && phase !== 'killed' && phase !== 'error',
  )
  const now = iso(marathon.cluster.now)
  const stable = views.filter((view) => stateOf(view) === 'STABLE').length
  const since = Math.max(spec.lastConfigChangeAt ? Date.parse(spec.version) : 0, ...sinces(views))
  const history = marathon.observer.endings.history(spec.id)
  return {
    id: spec.id,
    spec: podJson(spec, marathon.dialect),
    status: stable >= instancesOf(spec) ? 'STABLE' : 'DEGRADED',
    statusSince: iso(since),
    instances: views.map((view) => instanceJson(marathon, spec, view)),
    terminationHistory: history.map((ending) => historyJson(spec, ending)),
    lastUpdated: now,
    lastChanged: iso(since),
  }
}

function sinces(views: readonly TaskView[]): readonly number[] {
  return views.map(({ entry }) => entry.since)
}

const STATES: Readonly<Record<PhaseName, InstanceState>> = {
  scheduled: 'PENDING',
  provisioned: 'PENDING',
  staging: 'STAGING',
  starting: 'STAGING',
  running: 'STABLE',
  killing: 'TERMINAL',
  unreachable: 'DEGRADED',
  inactive: 'DEGRADED',
  failed: 'PENDING',
  finished: 'TERMINAL',
  killed: 'TERMINAL',
  error: 'TERMINAL',
}

/** Running, it is stable only once its health check, if it has one, has passed. */
function stateOf({ phase, instance, alive }: TaskView): InstanceState {
  if (phase === 'running' && instance.health !== 'none' && alive !== true) return 'DEGRADED'
  return STATES[phase]
}

function instanceJson(marathon: Marathon, spec: PodSpec, view: TaskView): object {
  const { described, entry } = view
  const { host, agentId, region, zone, ipAddresses, version } = described
  const { dialect, setup, cluster } = marathon
  const since = iso(entry.since)
  const placed = host !== undefined && view.phase !== 'failed'
  const addresses = ipAddresses.map(({ ipAddress }) => ipAddress)
  return {
    id: described.instanceId,
    status: stateOf(view),
    statusSince: since,
    conditions: [],
    ...(placed ? { agentHostname: host } : {}),
    ...(placed && dialect.since('1.6') ? { agentId } : {}),
    ...(placed && region !== undefined ? { agentRegion: region } : {}),
    ...(placed && zone !== undefined ? { agentZone: zone } : {}),
    resources: resourcesOf(spec),
    networks: placed
      ? spec.definition.networks
          .filter(({ mode }) => mode !== 'host')
          .map(({ name }) => ({ ...(name === undefined ? {} : { name }), addresses }))
      : [],
    containers: placed
      ? spec.definition.containers.map((_, index) => containerJson(marathon, spec, view, index))
      : [],
    specReference: `/v2/pods${spec.id}::versions/${version}`,
    ...(dialect.since('1.6') ? { localVolumes: [] } : {}),
    lastUpdated: iso(cluster.now),
    lastChanged: since,
    ...(dialect.since('1.9') ? { role: roleOf(spec, setup.role) } : {}),
  }
}

/** With what the executor takes for itself. */
function resourcesOf({ definition }: PodSpec): object {
  const { cpus = 0, mem = 0, disk = 0 } = definition.executorResources
  const total = { cpus, mem, disk, gpus: 0 }
  for (const { resources } of definition.containers) {
    total.cpus += resources.cpus
    total.mem += resources.mem
    total.disk += resources.disk ?? 0
    total.gpus += resources.gpus ?? 0
  }
  return total
}

function containerJson(
  { cluster }: Marathon,
  { definition }: PodSpec,
  { described, phase: name, entry, alive, instance }: TaskView,
  index: number,
): object {
  const container = definition.containers[index]
  const since = iso(entry.since)
  const offset = definition.containers
    .slice(0, index)
    .reduce((sum, { endpoints = [] }) => sum + endpoints.length, 0)
  const checked = container?.healthCheck !== undefined && alive !== undefined
  return {
    name: container?.name,
    status: phase(name).state,
    statusSince: since,
    conditions: checked
      ? [
          {
            name: 'healthy',
            value: String(alive),
            reason: 'health-reported-by-mesos',
            lastChanged: since,
            lastUpdated: since,
          },
        ]
      : [],
    containerId: described.tasks[index],
    endpoints: (container?.endpoints ?? []).map((endpoint, at) => {
      const port = instance.ports?.[`p${offset + at}`]
      return {
        name: endpoint.name,
        ...(port === undefined ? {} : { allocatedHostPort: port }),
        ...(checked ? { healthy: alive } : {}),
      }
    }),
    resources: container?.resources,
    lastUpdated: iso(cluster.now),
    lastChanged: since,
  }
}

function historyJson({ definition }: PodSpec, ending: Ending): object {
  const { described, at, startedAt, message, state, exitCode } = ending
  return {
    instanceID: described.instanceId,
    startedAt: iso(startedAt ?? at),
    terminatedAt: iso(at),
    message,
    containers: definition.containers.map((_, index) => ({
      containerId: described.tasks[index] ?? described.instanceId,
      // The first is the one that ended; with it the others are ended too.
      lastKnownState: index === 0 ? state : 'TASK_KILLED',
      termination: {
        ...(index === 0 && exitCode !== undefined ? { exitCode } : {}),
        message: index === 0 ? message : 'Container terminated with its pod',
      },
    })),
  }
}
