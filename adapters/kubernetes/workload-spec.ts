import type { App, AppKind } from 'intermodal'
import type { Context } from './context.ts'
import { type Report, seconds } from './loss.ts'
import { partName } from './names.ts'
import { reportUpdate, writeDaemonUpdate, writeStatefulUpdate, writeStrategy } from './update.ts'
import type { KubernetesObject, PodTemplate } from './wire.ts'
import type { CronJob, JobSpec } from './workload.ts'

export const WORKLOADS: Readonly<
  Record<AppKind, { readonly apiVersion: string; readonly kind: string }>
> = {
  service: { apiVersion: 'apps/v1', kind: 'Deployment' },
  stateful: { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  daemon: { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  job: { apiVersion: 'batch/v1', kind: 'Job' },
  cron: { apiVersion: 'batch/v1', kind: 'CronJob' },
}

/** The `spec` of the workload around its pod template. */
export function writeSpec(
  context: Context,
  template: PodTemplate,
  claims: readonly KubernetesObject[],
): unknown {
  const { app, name, selector, report } = context
  reportRestart(app, report)
  const replicas = app.replicas === undefined || app.autoscale ? {} : { replicas: app.replicas }
  const common = { selector: { matchLabels: selector }, template }
  switch (app.kind) {
    case 'service':
      return { ...replicas, ...common, ...writeStrategy(app, report) }
    case 'stateful':
      return {
        ...replicas,
        serviceName: partName(name, 'pods'),
        ...common,
        ...writeStatefulUpdate(app, report),
        ...(claims.length > 0 ? { volumeClaimTemplates: claims } : {}),
      }
    case 'daemon':
      return { ...common, ...writeDaemonUpdate(app, report) }
    case 'job':
      return writeJob(app, template, report)
    case 'cron':
      return writeCron(app, template, report)
  }
}

function writeJob(app: App, template: PodTemplate, report: Report): JobSpec {
  const { completions, parallelism, deadline } = app.job ?? { completions: 1, parallelism: 1 }
  reportUpdate(app, report)
  reportJobUpdate(app, report)
  const attempts = app.restart.condition === 'never' ? 0 : app.restart.maxAttempts
  if (attempts !== undefined && attempts > 0 && completions > 1) {
    report(
      'approximated',
      '/restart/maxAttempts',
      'Kubernetes counts the attempts of all instances of a job together',
    )
  }
  return {
    completions,
    parallelism,
    ...(deadline === undefined
      ? {}
      : { activeDeadlineSeconds: seconds(deadline, '/job/deadline', report, 1) }),
    ...(attempts === undefined ? {} : { backoffLimit: attempts }),
    template,
  }
}

function reportJobUpdate({ update }: App, report: Report): void {
  const untouched = update.strategy === 'rolling' && update.maxUnavailable === 1
  if (!untouched || update.maxSurge !== 0 || update.minReadyTime !== 0) {
    report('approximated', '/update', 'a job is not updated: another one takes its place')
  }
  if (update.progressDeadline !== 600_000) {
    report('approximated', '/update/progressDeadline', 'only the wait for the rollout ends then')
  }
}

const CONCURRENCY = { allow: 'Allow', forbid: 'Forbid', replace: 'Replace' } as const

function writeCron(app: App, template: PodTemplate, report: Report): CronJob['spec'] {
  const { cron, timeZone, concurrency, startDeadline, keep } = app.schedule as NonNullable<
    App['schedule']
  >
  return {
    schedule: cron,
    ...(timeZone === undefined ? {} : { timeZone }),
    concurrencyPolicy: CONCURRENCY[concurrency],
    ...(startDeadline === undefined
      ? {}
      : {
          startingDeadlineSeconds: seconds(startDeadline, '/schedule/startDeadline', report),
        }),
    ...(keep?.succeeded === undefined ? {} : { successfulJobsHistoryLimit: keep.succeeded }),
    ...(keep?.failed === undefined ? {} : { failedJobsHistoryLimit: keep.failed }),
    jobTemplate: { spec: writeJob(app, template, report) },
  }
}

function reportRestart({ kind, restart }: App, report: Report): void {
  const finite = kind === 'job' || kind === 'cron'
  if (!finite && restart.condition !== 'always') {
    report(
      'dropped',
      '/restart/condition',
      'Kubernetes restarts what ends, whatever it ended with',
      'make it a job',
    )
  }
  if (!finite && restart.maxAttempts !== undefined) {
    report(
      'dropped',
      '/restart/maxAttempts',
      'Kubernetes never gives up restarting',
      'make it a job',
    )
  }
  const own = finite
    ? 'waits 10 s and twice as long each time, up to 6 minutes'
    : 'restarts at once, then after 10 s and twice as long each time, up to 5 minutes'
  for (const key of ['delay', 'factor', 'maxDelay'] as const) {
    if (restart[key] !== undefined) report('approximated', `/restart/${key}`, `Kubernetes ${own}`)
  }
  if (restart.window !== undefined) {
    report(
      'approximated',
      '/restart/window',
      finite
        ? 'attempts of a job are not forgotten'
        : 'restarts are forgotten after 10 minutes without one',
    )
  }
}
