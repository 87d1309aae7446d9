import type { JsonObject } from '../json.ts'
import { CRON_JOBS, JOBS } from '../kinds.ts'
import { controllerOf, isGoing, type KubeObject, time } from '../objects.ts'
import { scheduleOf } from '../rules/schedule.ts'
import { type Controller, keyOf, MANAGER, splitKey, type Tools } from './controllers.ts'
import { conditionOf, ownerOf } from './pods.ts'

const COMPONENT = 'cronjob-controller'

/** Makes a job whenever the schedule says so. */
export function cronJobController({ cluster, owned }: Tools): Controller {
  const { store, events } = cluster

  const isDone = (job: KubeObject) =>
    ['Complete', 'Failed'].some((type) => conditionOf(job, type)?.status === 'True')

  const start = (cron: KubeObject, at: number) => {
    const { metadata, spec } = (cron.spec?.jobTemplate ?? {}) as {
      readonly metadata?: JsonObject
      readonly spec?: JsonObject
    }
    const name = `${cron.metadata.name}-${Math.floor(at / 60_000)}`
    if (store.get(JOBS, cron.metadata.namespace, name)) return
    const annotations = {
      ...(metadata?.annotations as object),
      'batch.kubernetes.io/cronjob-scheduled-timestamp': time(at),
    }
    cluster.make(
      JOBS,
      cron.metadata.namespace,
      {
        metadata: {
          name,
          labels: metadata?.labels,
          annotations,
          ownerReferences: [ownerOf(CRON_JOBS, cron)],
        },
        spec,
      },
      MANAGER,
    )
    events.tell(CRON_JOBS, cron, {
      reason: 'SuccessfulCreate',
      message: `Created job ${name}`,
      component: COMPONENT,
    })
  }

  const tidy = (jobs: readonly KubeObject[], type: string, keep: number) => {
    const done = jobs
      .filter((job) => conditionOf(job, type)?.status === 'True' && !isGoing(job))
      .sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1))
    for (const job of done.slice(0, Math.max(0, done.length - keep)))
      cluster.remove(JOBS, job, { propagationPolicy: 'Background' })
  }

  const sync = (cron: KubeObject): number | undefined => {
    const { spec = {}, status = {} } = cron
    const { now } = cluster
    const jobs = owned.controlled(JOBS, cron)
    tidy(jobs, 'Complete', Number(spec.successfulJobsHistoryLimit ?? 3))
    tidy(jobs, 'Failed', Number(spec.failedJobsHistoryLimit ?? 1))
    const schedule = scheduleOf(String(spec.schedule), spec.timeZone as string | undefined)
    const last = Date.parse(String(status.lastScheduleTime ?? cron.metadata.creationTimestamp))
    let due: number | undefined
    if (spec.suspend !== true) {
      let next = schedule.nextRun(new Date(last))
      while (next && next.getTime() <= now) {
        due = next.getTime()
        next = schedule.nextRun(next)
      }
    }
    const limit = spec.startingDeadlineSeconds
    const tooLate = due !== undefined && limit !== undefined && now > due + Number(limit) * 1000
    const active = jobs.filter((job) => !isDone(job) && !isGoing(job))
    const blocked = spec.concurrencyPolicy === 'Forbid' && active.length > 0
    if (due !== undefined && !tooLate && !blocked) {
      if (spec.concurrencyPolicy === 'Replace')
        for (const job of active) cluster.remove(JOBS, job, { propagationPolicy: 'Background' })
      start(cron, due)
    }
    const ran = due !== undefined && !tooLate && !blocked
    report(cron, ran ? time(due as number) : undefined)
    const upcoming =
      spec.suspend === true ? undefined : schedule.nextRun(new Date(Math.max(now, last)))
    return upcoming ? upcoming.getTime() - now + 100 : undefined
  }

  const report = (cron: KubeObject, scheduled: string | undefined) => {
    const jobs = owned.controlled(JOBS, cron)
    const active = jobs
      .filter((job) => !isDone(job) && !isGoing(job))
      .map(({ metadata: { name, namespace, uid, resourceVersion } }) => ({
        kind: 'Job',
        namespace,
        name,
        uid,
        apiVersion: 'batch/v1',
        resourceVersion,
      }))
    const times = jobs.flatMap(({ status }) =>
      typeof status?.completionTime === 'string' ? [status.completionTime] : [],
    )
    const known = (cron.status?.active ?? []) as readonly { readonly uid: string }[]
    const same =
      known.length === active.length && known.every(({ uid }, index) => uid === active[index]?.uid)
    const lastSuccess = times.sort().at(-1) ?? cron.status?.lastSuccessfulTime
    const last = scheduled ?? cron.status?.lastScheduleTime
    const status = {
      ...(active.length > 0 ? { active: same ? known : active } : {}),
      ...(last === undefined ? {} : { lastScheduleTime: last }),
      ...(lastSuccess === undefined ? {} : { lastSuccessfulTime: lastSuccess }),
    }
    cluster.change(
      CRON_JOBS,
      cron,
      (one) => ({ ...one, status: status as unknown as JsonObject }),
      MANAGER,
      'status',
    )
  }

  return {
    name: COMPONENT,
    keysOf: ({ kind, object }) => {
      if (kind === CRON_JOBS) return [keyOf(object)]
      const owner = kind === JOBS ? controllerOf(object) : undefined
      return owner?.kind === 'CronJob' ? [`${object.metadata.namespace}/${owner.name}`] : []
    },
    sync: (key) => {
      const cron = store.get(CRON_JOBS, ...splitKey(key))
      return cron && !isGoing(cron) ? sync(cron) : undefined
    },
  }
}
