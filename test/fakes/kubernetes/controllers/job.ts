import type { JsonObject } from '../json.ts'
import { JOBS, PODS } from '../kinds.ts'
import { controllerOf, isGoing, type KubeObject } from '../objects.ts'
import { type Controller, keyOf, MANAGER, splitKey, type Tools } from './controllers.ts'
import { COMPONENT, type Ending, INDEX, reportJob } from './job-status.ts'
import { conditionOf, endOf, isActive, makePod, RETRY, restartsOf, type Template } from './pods.ts'

const TRACKING = 'batch.kubernetes.io/job-tracking'
const FIRST_BACK_OFF = 10_000
const LAST_BACK_OFF = 600_000

/** Runs pods until enough of them have succeeded. */
export function jobController(tools: Tools): Controller {
  const { cluster, owned } = tools
  const { store, events } = cluster

  const untrack = (pod: KubeObject) => {
    if (!pod.metadata.finalizers?.includes(TRACKING)) return
    cluster.change(
      PODS,
      pod,
      ({ metadata, ...rest }) => ({
        ...rest,
        metadata: {
          ...metadata,
          finalizers: (metadata.finalizers ?? []).filter((one) => one !== TRACKING),
        },
      }),
      MANAGER,
    )
    const left = store.get(PODS, pod.metadata.namespace, pod.metadata.name)
    if (
      left &&
      isGoing(left) &&
      (left.metadata.finalizers ?? []).length === 0 &&
      cluster.nodes.hasStopped(left)
    )
      store.delete(PODS, left)
  }

  const create = (job: KubeObject, index: number | undefined): boolean => {
    const template = (job.spec?.template ?? {}) as Template
    const note = index === undefined ? {} : { [INDEX]: String(index) }
    const { pod } = makePod(cluster, JOBS, job, template, {
      finalizers: [TRACKING],
      ...(index === undefined
        ? {}
        : { labels: note, annotations: note, spec: { hostname: `${job.metadata.name}-${index}` } }),
    })
    if (!pod) return false
    const message = `Created pod: ${pod.metadata.name}`
    events.tell(JOBS, job, { reason: 'SuccessfulCreate', message, component: COMPONENT })
    return true
  }

  const remove = (job: KubeObject, pods: readonly KubeObject[]) => {
    for (const pod of pods) {
      untrack(pod)
      const left = store.get(PODS, pod.metadata.namespace, pod.metadata.name)
      if (!left) continue
      cluster.remove(PODS, left)
      const message = `Deleted pod: ${pod.metadata.name}`
      events.tell(JOBS, job, { reason: 'SuccessfulDelete', message, component: COMPONENT })
    }
  }

  const sync = (job: KubeObject): number | undefined => {
    const { spec = {}, status = {} } = job
    const { now } = cluster
    const pods = owned.controlled(PODS, job)
    const done = conditionOf(job, 'Complete') ?? conditionOf(job, 'Failed')
    if (done?.status === 'True') return expire(job, status)
    const indexed = spec.completionMode === 'Indexed'
    const completions = spec.completions === undefined ? undefined : Number(spec.completions)
    const finished = pods.filter(({ metadata }) => metadata.finalizers?.includes(TRACKING))
    const ended = (phase: string) => finished.filter((pod) => pod.status?.phase === phase)
    const succeeded = Number(status.succeeded ?? 0) + ended('Succeeded').length
    const broken = [
      ...ended('Failed'),
      ...finished.filter(
        (pod) =>
          isGoing(pod) && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed',
      ),
    ]
    const failed = Number(status.failed ?? 0) + broken.length
    for (const pod of [...ended('Succeeded'), ...broken]) untrack(pod)
    const active = pods.filter(isActive)
    const restarts =
      spec.template && (spec.template as Template).spec?.restartPolicy === 'OnFailure'
        ? active.reduce((sum, pod) => sum + restartsOf(pod), 0)
        : 0
    const startTime = typeof status.startTime === 'string' ? status.startTime : undefined
    const suspended = spec.suspend === true
    const limit = Number(spec.backoffLimit ?? 6)
    const deadline =
      spec.activeDeadlineSeconds === undefined
        ? undefined
        : Number(spec.activeDeadlineSeconds) * 1000
    const late =
      deadline !== undefined &&
      startTime !== undefined &&
      !suspended &&
      now >= Date.parse(startTime) + deadline
    const completed =
      completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions
    const ending: Ending | undefined = completed
      ? {
          type: 'Complete',
          reason: 'CompletionsReached',
          message: 'Reached expected number of succeeded pods',
        }
      : failed > limit || restarts > limit
        ? {
            type: 'Failed',
            reason: 'BackoffLimitExceeded',
            message: 'Job has reached the specified backoff limit',
          }
        : late
          ? {
              type: 'Failed',
              reason: 'DeadlineExceeded',
              message: 'Job was active longer than specified deadline',
            }
          : undefined
    if (ending || suspended) remove(job, active)
    let again: number | undefined
    if (!ending && !suspended) {
      const wait = backOff(job, pods, failed, now)
      if (wait > 0) again = wait
      else if (!grow(job, active, pods, indexed, completions, succeeded)) again = RETRY
      if (deadline !== undefined && startTime !== undefined)
        again = Math.min(again ?? Number.POSITIVE_INFINITY, Date.parse(startTime) + deadline - now)
    }
    reportJob(tools, job, { succeeded, failed, ending, suspended, startTime, indexed })
    return ending && spec.ttlSecondsAfterFinished !== undefined ? 1 : again
  }

  /** False: not all that is missing could be made. */
  const grow = (
    job: KubeObject,
    active: readonly KubeObject[],
    pods: readonly KubeObject[],
    indexed: boolean,
    completions: number | undefined,
    succeeded: number,
  ): boolean => {
    const parallelism = Number(job.spec?.parallelism ?? 1)
    const left =
      completions === undefined ? (succeeded > 0 ? 0 : parallelism) : completions - succeeded
    const missing = Math.min(parallelism, left) - active.length
    if (missing < 0) remove(job, active.slice(missing))
    if (!indexed) {
      for (let made = 0; made < missing; made++) if (!create(job, undefined)) return false
    } else {
      const taken = new Set(
        pods
          .filter((pod) => isActive(pod) || pod.status?.phase === 'Succeeded')
          .map((pod) => Number(pod.metadata.annotations?.[INDEX])),
      )
      const free = Array.from({ length: completions ?? 0 }, (_, index) => index).filter(
        (index) => !taken.has(index),
      )
      for (const index of free.slice(0, Math.max(0, missing))) if (!create(job, index)) return false
    }
    return true
  }

  /** After a failure it waits, longer each time; one that succeeded meanwhile makes that forgotten. */
  const backOff = (
    job: KubeObject,
    pods: readonly KubeObject[],
    failed: number,
    now: number,
  ): number => {
    if (failed === 0) return 0
    const ends = pods.filter(({ status }) => status?.phase === 'Failed').map(endOf)
    const last = Math.max(0, ...ends)
    if (last === 0 || job.status === undefined) return 0
    return last + Math.min(LAST_BACK_OFF, FIRST_BACK_OFF * 2 ** (failed - 1)) - now
  }

  const expire = (job: KubeObject, status: JsonObject): number | undefined => {
    const ttl = job.spec?.ttlSecondsAfterFinished
    if (ttl === undefined) return undefined
    const end = status.completionTime ?? conditionOf(job, 'Failed')?.lastTransitionTime
    const left = Date.parse(String(end)) + Number(ttl) * 1000 - cluster.now
    if (left > 0) return left
    cluster.remove(JOBS, job, { propagationPolicy: 'Foreground' })
    return undefined
  }

  return {
    name: COMPONENT,
    keysOf: ({ kind, object }) => {
      if (kind === JOBS) return [keyOf(object)]
      const owner = kind === PODS ? controllerOf(object) : undefined
      return owner?.kind === 'Job' ? [`${object.metadata.namespace}/${owner.name}`] : []
    },
    sync: (key) => {
      const job = store.get(JOBS, ...splitKey(key))
      if (job && !isGoing(job)) return sync(job)
      // Nobody counts its pods any more.
      const [namespace, name] = splitKey(key)
      for (const pod of store.list(PODS, namespace))
        if (controllerOf(pod)?.name === name || pod.metadata.labels?.['job-name'] === name)
          untrack(pod)
      return undefined
    },
  }
}
