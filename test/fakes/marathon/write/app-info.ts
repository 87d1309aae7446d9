import type { Marathon } from '../marathon.ts'
import type { AppSpec } from '../store/root.ts'
import type { Ending } from '../world/endings.ts'
import { phase } from '../world/tasks.ts'
import { appJson } from './app.ts'
import { countsOf, iso, type TaskView, taskJson, tasksOf } from './task.ts'

/** What is told of an app beyond its definition. */
export type Embed =
  | 'tasks'
  | 'counts'
  | 'deployments'
  | 'readiness'
  | 'lastTaskFailure'
  | 'taskStats'

const EMBEDS: Readonly<Record<string, readonly Embed[]>> = {
  tasks: ['tasks', 'deployments'],
  counts: ['counts'],
  deployments: ['deployments'],
  readiness: ['readiness'],
  lastTaskFailure: ['lastTaskFailure'],
  failures: ['lastTaskFailure', 'tasks', 'counts', 'deployments'],
  taskStats: ['taskStats'],
}

/** `apps.tasks`, `app.tasks`, `group.apps.tasks` and `tasks` are one; what is not known is ignored. */
export function embedsOf(values: readonly string[], always: readonly Embed[]): ReadonlySet<Embed> {
  const named = values.flatMap(
    (value) => EMBEDS[value.replace(/^(?:group\.)?(?:apps?\.)?/, '')] ?? [],
  )
  return new Set([...always, ...named])
}

export function appInfo(marathon: Marathon, spec: AppSpec, embeds: ReadonlySet<Embed>): object {
  const { dialect, deployments, observer } = marathon
  const tasks = tasksOf(marathon, spec)
  const failure = observer.endings.lastFailure(spec.id)
  const stats = dialect.since('1.9.109') ? 'tasksStats' : 'taskStats'
  return {
    ...appJson(spec, dialect),
    ...(embeds.has('counts') ? countsOf(tasks) : {}),
    ...(embeds.has('deployments')
      ? { deployments: deployments.of(spec.id).map(({ id }) => ({ id })) }
      : {}),
    ...(embeds.has('readiness') ? { readinessCheckResults: readinessResults(marathon, spec) } : {}),
    ...(embeds.has('tasks') ? { tasks: tasks.map((task) => taskJson(marathon, spec, task)) } : {}),
    ...(embeds.has('lastTaskFailure') && failure ? { lastTaskFailure: failureJson(failure) } : {}),
    ...(embeds.has('taskStats') ? { [stats]: statsOf(spec, tasks, marathon.cluster.now) } : {}),
  }
}

function failureJson({ described, state, message, at }: Ending): object {
  const { appId, host = '', tasks, version, agentId } = described
  return {
    appId,
    host,
    message,
    state,
    taskId: tasks[0],
    timestamp: iso(at),
    version,
    ...(agentId === undefined ? {} : { slaveId: agentId }),
  }
}

/** Readiness is asked for while a deployment goes on, and forgotten after it. */
export function readinessResults(marathon: Marathon, spec: AppSpec): readonly object[] {
  const [check] = spec.definition.readinessChecks ?? []
  if (!check || marathon.deployments.of(spec.id).length === 0) return []
  return tasksOf(marathon, spec).flatMap(({ instance, described, phase }) => {
    const last = instance.probes?.readiness?.last
    if (phase !== 'running' || last === undefined) return []
    const response = {
      status: last ? (check.httpStatusCodesForReady?.[0] ?? 200) : 503,
      contentType: 'application/json',
      body: '{}',
    }
    return [
      {
        name: check.name,
        taskId: described.instanceId,
        ready: last,
        ...(check.preserveLastResponse ? { lastResponse: response } : {}),
      },
    ]
  })
}

function statsOf(spec: AppSpec, tasks: readonly TaskView[], now: number): object {
  const fresh = ({ described }: TaskView) => described.version >= spec.lastConfigChangeAt
  return Object.fromEntries(
    Object.entries({
      startedAfterLastScaling: tasks.filter(
        ({ described }) => described.version >= spec.lastScalingAt,
      ),
      withLatestConfig: tasks.filter(fresh),
      withOutdatedConfig: tasks.filter((task) => !fresh(task)),
      totalSummary: tasks,
    }).flatMap(([name, some]) =>
      some.length === 0 ? [] : [[name, { stats: statsJson(some, now) }]],
    ),
  )
}

function statsJson(tasks: readonly TaskView[], now: number): object {
  const { tasksStaged, tasksRunning, tasksHealthy, tasksUnhealthy } = countsOf(tasks)
  const lives = tasks
    .filter((task) => phase(task.phase).state === 'TASK_RUNNING')
    .map(({ instance }) => (now - (instance.startedAt ?? now)) / 1000)
    .sort((a, b) => a - b)
  const middle = lives.length / 2
  const median = ((lives[Math.ceil(middle) - 1] ?? 0) + (lives[Math.floor(middle)] ?? 0)) / 2
  return {
    counts: {
      staged: tasksStaged,
      running: tasksRunning,
      healthy: tasksHealthy,
      unhealthy: tasksUnhealthy,
    },
    ...(lives.length === 0
      ? {}
      : {
          lifeTime: {
            averageSeconds: lives.reduce((a, b) => a + b, 0) / lives.length,
            medianSeconds: median,
          },
        }),
  }
}
