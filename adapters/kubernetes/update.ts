import { type App, resolveAmount } from 'intermodal'
import { type Report, seconds } from './loss.ts'
import type { DaemonSet, Deployment, StatefulSet } from './workload.ts'

const TEN_MINUTES = 600_000

/** What no kind of workload has. */
export function reportUpdate({ update }: App, report: Report): void {
  if (update.batchSize !== undefined) {
    report(
      'approximated',
      '/update/batchSize',
      'maxSurge and maxUnavailable decide how many are replaced at a time',
    )
  }
  if (update.batchDelay !== undefined) {
    report(
      'dropped',
      '/update/batchDelay',
      'Kubernetes goes on as soon as instances are ready',
      'set minReadyTime',
    )
  }
  if (update.maxFailureRatio !== undefined) {
    report(
      'dropped',
      '/update/maxFailureRatio',
      'Kubernetes goes on only past instances that are ready, never past failed ones',
      'leave it out',
    )
  }
  if (update.onFailure === 'continue') {
    report('approximated', '/update/onFailure', 'an update waits at instances that are not ready')
  }
}

export function writeStrategy(app: App, report: Report): NonNullable<Deployment['spec']> {
  const { strategy, maxSurge, maxUnavailable, progressDeadline } = app.update
  reportUpdate(app, report)
  const ready = writeMinReady(app, report)
  const asked = seconds(progressDeadline, '/update/progressDeadline', report, 1)
  const least = (ready.minReadySeconds ?? 0) + 1
  if (asked < least) {
    report('approximated', '/update/progressDeadline', `has to be above minReadyTime: ${least} s`)
  }
  const deadline = Math.max(asked, least)
  return {
    strategy:
      strategy === 'recreate'
        ? { type: 'Recreate' }
        : { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
    ...ready,
    progressDeadlineSeconds: deadline,
  }
}

function writeMinReady({ update }: App, report: Report): { readonly minReadySeconds?: number } {
  const wait = seconds(update.minReadyTime, '/update/minReadyTime', report)
  return wait > 0 ? { minReadySeconds: wait } : {}
}

/** Core waits for as long as the app says; only a Deployment is told by the engine. */
function reportDeadline({ update }: App, report: Report): void {
  if (update.progressDeadline !== TEN_MINUTES) {
    report('approximated', '/update/progressDeadline', 'only the wait for the rollout ends then')
  }
}

export function writeStatefulUpdate(app: App, report: Report): NonNullable<StatefulSet['spec']> {
  const { strategy, maxSurge, maxUnavailable } = app.update
  reportUpdate(app, report)
  reportDeadline(app, report)
  if (strategy === 'recreate') {
    report(
      'approximated',
      '/update/strategy',
      'stateful instances are replaced one after the other',
    )
  } else {
    if (maxUnavailable !== 1) {
      report(
        'approximated',
        '/update/maxUnavailable',
        'stateful instances are replaced one at a time',
      )
    }
    if (resolveAmount(maxSurge, 100, Math.ceil) > 0) {
      report(
        'approximated',
        '/update/maxSurge',
        'each stateful instance goes before its new one comes',
      )
    }
  }
  return { updateStrategy: { type: 'RollingUpdate' }, ...writeMinReady(app, report) }
}

export function writeDaemonUpdate(app: App, report: Report): NonNullable<DaemonSet['spec']> {
  const { strategy, maxSurge, maxUnavailable } = app.update
  reportUpdate(app, report)
  reportDeadline(app, report)
  if (strategy === 'recreate') {
    report('approximated', '/update/strategy', 'every node may be without its instance at once')
  }
  const surge = resolveAmount(maxSurge, 100, Math.ceil) > 0
  const missing = resolveAmount(maxUnavailable, 100, Math.ceil) > 0
  if (surge && missing) {
    report(
      'approximated',
      '/update/maxUnavailable',
      'a daemon has either a surge or missing instances: the surge is taken',
    )
  }
  const rollingUpdate = surge ? { maxSurge, maxUnavailable: 0 } : { maxUnavailable }
  return {
    updateStrategy: { type: 'RollingUpdate', rollingUpdate },
    ...writeMinReady(app, report),
  }
}
