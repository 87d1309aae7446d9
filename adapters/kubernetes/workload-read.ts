import type { AppKind } from 'intermodal'
import type { Json } from './patch.ts'
import type { KubernetesObject } from './wire.ts'
import type { CronJob, DaemonSet, Deployment, Job, JobSpec, StatefulSet } from './workload.ts'

/** The part of the model that the workload's `spec` says around the pod template, in the canonical form. */
export function readSpec(
  kind: AppKind,
  object: KubernetesObject,
): Json & { readonly replicas?: number } {
  switch (kind) {
    case 'service':
      return readDeployment((object as Deployment).spec ?? {})
    case 'stateful': {
      const { replicas, minReadySeconds } = (object as StatefulSet).spec ?? {}
      return { ...counted(replicas), ...update({ ...ready(minReadySeconds) }) }
    }
    case 'daemon':
      return readDaemon((object as DaemonSet).spec ?? {})
    case 'job':
      return readJob((object as Job).spec ?? {})
    case 'cron':
      return readCron((object as CronJob).spec ?? {})
  }
}

function counted(replicas: number | undefined): { readonly replicas?: number } {
  return replicas === undefined ? {} : { replicas }
}

function ready(seconds: number | undefined): Json {
  return seconds === undefined ? {} : { minReadyTime: `${seconds}s` }
}

function update(fields: Json): Json {
  return Object.keys(fields).length > 0 ? { update: fields } : {}
}

function readDeployment(
  spec: NonNullable<Deployment['spec']>,
): Json & { readonly replicas?: number } {
  const { maxSurge, maxUnavailable } = spec.strategy?.rollingUpdate ?? {}
  return {
    ...counted(spec.replicas),
    ...update({
      ...(spec.strategy?.type === 'Recreate'
        ? { strategy: 'recreate' }
        : { maxSurge, maxUnavailable }),
      ...ready(spec.minReadySeconds),
      ...(spec.progressDeadlineSeconds === undefined
        ? {}
        : { progressDeadline: `${spec.progressDeadlineSeconds}s` }),
    }),
  }
}

function readDaemon(spec: NonNullable<DaemonSet['spec']>): Json {
  const { maxSurge, maxUnavailable } = spec.updateStrategy?.rollingUpdate ?? {}
  return update({
    ...(maxSurge === undefined ? {} : { maxSurge }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
    ...ready(spec.minReadySeconds),
  })
}

function readJob(spec: JobSpec): Json {
  const { completions, parallelism, activeDeadlineSeconds, backoffLimit } = spec
  const job = {
    ...(completions === undefined ? {} : { completions }),
    ...(parallelism === undefined ? {} : { parallelism }),
    ...(activeDeadlineSeconds === undefined ? {} : { deadline: `${activeDeadlineSeconds}s` }),
  }
  return {
    ...(Object.keys(job).length > 0 ? { job } : {}),
    ...(backoffLimit === undefined
      ? {}
      : {
          restart: backoffLimit === 0 ? { condition: 'never' } : { maxAttempts: backoffLimit },
        }),
  }
}

const CONCURRENCY: Readonly<Record<string, string>> = { Forbid: 'forbid', Replace: 'replace' }

function readCron(spec: NonNullable<CronJob['spec']>): Json {
  const { startingDeadlineSeconds: late, successfulJobsHistoryLimit, failedJobsHistoryLimit } = spec
  const keep = {
    ...(successfulJobsHistoryLimit === undefined ? {} : { succeeded: successfulJobsHistoryLimit }),
    ...(failedJobsHistoryLimit === undefined ? {} : { failed: failedJobsHistoryLimit }),
  }
  return {
    ...readJob(spec.jobTemplate?.spec ?? {}),
    schedule: {
      cron: spec.schedule ?? '',
      ...(spec.timeZone == null ? {} : { timeZone: spec.timeZone }),
      concurrency: CONCURRENCY[spec.concurrencyPolicy ?? ''] ?? 'allow',
      ...(late == null ? {} : { startDeadline: `${late}s` }),
      ...(Object.keys(keep).length > 0 ? { keep } : {}),
    },
  }
}
