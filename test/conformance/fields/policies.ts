import { type FieldSample, field, fieldEach, LONG_RUNNING } from './sample.ts'

const RULE = { attribute: 'zone', values: ['a'] }

function rules(at: string): FieldSample[] {
  const list = at.slice(at.lastIndexOf('/') + 1)
  const besides = { placement: { [list]: [RULE] } }
  return [
    field(`${at}/0/attribute`, 'disk', besides),
    field(`${at}/0/attribute`, 'node.name', besides),
    field(`${at}/0/values`, ['a', 'b'], besides),
    ...fieldEach(`${at}/0/op`, ['notIn', 'matches', 'notMatches', 'gt', 'lt'], {
      placement: { [list]: [{ attribute: 'size', values: ['3'] }] },
    }),
    ...fieldEach(`${at}/0/op`, ['exists', 'absent'], {
      placement: { [list]: [{ attribute: 'zone' }] },
    }),
  ]
}

const TOLERATION = { placement: { tolerations: [{ key: 'gpu' }] } }

const placement: readonly FieldSample[] = [
  ...rules('/placement/require'),
  ...rules('/placement/prefer'),
  field('/placement/spread/0/by', 'zone'),
  field('/placement/spread/0/maxSkew', 2, { placement: { spread: [{ by: 'zone' }] } }),
  field('/placement/spread/1/by', 'node.name', { placement: { spread: [{ by: 'zone' }] } }),
  field('/placement/maxPerNode', 1),
  field('/placement/pool', 'batch'),
  field('/placement/tolerations/0/key', 'spot', TOLERATION),
  field('/placement/tolerations/0/value', 'yes', TOLERATION),
  ...fieldEach(
    '/placement/tolerations/0/effect',
    ['NoSchedule', 'PreferNoSchedule', 'NoExecute'],
    TOLERATION,
  ),
  field('/placement/tolerations/0/duration', '5m', {
    placement: { tolerations: [{ key: 'gpu', effect: 'NoExecute' }] },
  }),
]

const replicated = { replicas: 4 }
const COUNTED = ['service', 'stateful'] as const

const update: readonly FieldSample[] = [
  field('/update/strategy', 'recreate', {}, LONG_RUNNING),
  field('/update/maxUnavailable', 2, replicated, COUNTED),
  field('/update/maxUnavailable', '50%', replicated, COUNTED),
  field('/update/maxSurge', 2, replicated, ['service']),
  field('/update/maxSurge', '50%', replicated, ['service']),
  field('/update/batchSize', 2, { ...replicated, update: { maxUnavailable: 3 } }, COUNTED),
  field('/update/batchDelay', '3s', {}, LONG_RUNNING),
  field('/update/minReadyTime', '12s', {}, LONG_RUNNING),
  field('/update/progressDeadline', '2m', {}, LONG_RUNNING),
  field('/update/maxFailureRatio', 0.25, replicated, COUNTED),
  ...fieldEach('/update/onFailure', ['rollback', 'continue'], {}, LONG_RUNNING),
]

const restart: readonly FieldSample[] = [
  ...fieldEach('/restart/condition', ['onFailure', 'never'], {}, LONG_RUNNING),
  field('/restart/condition', 'never', {}, ['job']),
  field('/restart/delay', '3s'),
  field('/restart/factor', 2, { restart: { delay: '1s' } }),
  field('/restart/maxDelay', '2m', { restart: { delay: '1s' } }),
  field('/restart/maxAttempts', 4),
  field('/restart/window', '90s'),
]

const batch: readonly FieldSample[] = [
  field('/job/completions', 3, {}, ['job']),
  field('/job/parallelism', 2, { job: { completions: 3 } }, ['job']),
  field('/job/deadline', '10m', {}, ['job']),
  field('/schedule/cron', '*/15 * * * *', {}, ['cron']),
  field('/schedule/timeZone', 'Europe/Berlin', {}, ['cron']),
  ...fieldEach('/schedule/concurrency', ['forbid', 'replace'], {}, ['cron']),
  field('/schedule/startDeadline', '2m', {}, ['cron']),
  field('/schedule/keep/succeeded', 5, {}, ['cron']),
  field('/schedule/keep/failed', 2, {}, ['cron']),
]

const CPU = { autoscale: { min: 1, max: 4, metrics: [{ type: 'cpu', utilization: 70 }] } }
const MEMORY = { autoscale: { min: 1, max: 4, metrics: [{ type: 'memory', utilization: 70 }] } }
const CUSTOM = {
  autoscale: { min: 1, max: 4, metrics: [{ type: 'custom', name: 'queue', average: 10 }] },
}

const scaling: readonly FieldSample[] = [
  field('/replicas', 3, {}, COUNTED),
  field('/replicas', 0, {}, COUNTED),
  field('/autoscale/min', 2, CPU, COUNTED),
  field('/autoscale/max', 6, CPU, COUNTED),
  field('/autoscale/metrics/0/type', 'cpu', CPU, COUNTED),
  field('/autoscale/metrics/0/utilization', 50, CPU, COUNTED),
  field('/autoscale/metrics/0/type', 'memory', MEMORY, COUNTED),
  field('/autoscale/metrics/0/utilization', 50, MEMORY, COUNTED),
  field('/autoscale/metrics/0/type', 'custom', CUSTOM, COUNTED),
  field('/autoscale/metrics/0/name', 'backlog', CUSTOM, COUNTED),
  field('/autoscale/metrics/0/average', 20, CUSTOM, COUNTED),
  field('/disruption/minAvailable', 2, replicated, COUNTED),
  field('/disruption/minAvailable', '50%', replicated, COUNTED),
  field('/disruption/maxUnavailable', 1, replicated, COUNTED),
  field('/onUnreachable/replaceAfter', '5m'),
  field('/onUnreachable/expungeAfter', '10m', { onUnreachable: { replaceAfter: '5m' } }),
]

export const policyFields: readonly FieldSample[] = [
  ...placement,
  ...update,
  ...restart,
  field('/stop/signal', 'SIGINT'),
  field('/stop/gracePeriod', '25s'),
  field('/stop/preStop', ['/bin/drain']),
  field('/stop/drainDelay', '5s'),
  ...batch,
  ...scaling,
]
