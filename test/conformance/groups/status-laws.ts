import assert from 'node:assert/strict'
import {
  APP_KINDS,
  APP_STATES,
  type AppStatus,
  HEALTHS,
  INSTANCE_STATES,
  type Instance,
  REASON_CODES,
  type Reason,
  type Revision,
  ROLLOUT_STATES,
} from 'intermodal'

const LIVE = new Set(['pending', 'assigned', 'preparing', 'starting', 'running'])

/** What holds of every status of every app at any moment. */
export function assertStatus(status: AppStatus): void {
  const about = `in ${JSON.stringify(status)}`
  assert.ok(APP_KINDS.includes(status.kind), about)
  assert.ok(APP_STATES.includes(status.state), about)
  assert.ok(status.image.length > 0 && status.revision.length > 0, about)
  const { desired, observed } = status.generation
  assert.ok(observed <= desired, `observed more than there is, ${about}`)
  assert.ok(['watch', 'poll', 'read'].includes(status.observed.source), about)
  assert.ok(Number.isFinite(status.observed.at), about)
  assert.deepEqual(structuredClone(status), status, 'not plain data')
  assertReasons(status.reasons, about)
  const codes = status.reasons.map(({ code }) => code)
  assert.equal(new Set(codes).size, codes.length, `a reason told twice, ${about}`)
  const ids = status.instances.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length, `an instance listed twice, ${about}`)
  for (const instance of status.instances) assertInstance(instance, about)
  assertCounts(status, about)
  assertState(status, about)
  if (status.rollout) assert.ok(ROLLOUT_STATES.includes(status.rollout.state), about)
}

export function assertReasons(reasons: readonly Reason[], about: string): void {
  for (const { code, message, count, since } of reasons) {
    assert.ok(REASON_CODES.includes(code), about)
    assert.ok(message.trim().length > 0, `a reason without words, ${about}`)
    assert.ok(Number.isInteger(count) && count >= 1, about)
    assert.ok(Number.isFinite(since), about)
  }
}

function assertInstance(instance: Instance, about: string): void {
  assert.ok(INSTANCE_STATES.includes(instance.state), about)
  assert.ok(HEALTHS.includes(instance.health), about)
  assert.ok(Number.isInteger(instance.restarts) && instance.restarts >= 0, about)
  if (instance.reason) assertReasons([instance.reason], about)
  if (!instance.ready) return
  assert.equal(instance.state, 'running', `ready, but not running, ${about}`)
  assert.ok(
    !['unhealthy', 'warmingUp'].includes(instance.health),
    `ready, but ${instance.health}, ${about}`,
  )
}

/** Counted again from the instances: what a status says of numbers has to follow from what it says of each. */
function assertCounts(status: AppStatus, about: string): void {
  const { counts, instances, kind } = status
  for (const [name, count] of Object.entries(counts)) {
    assert.ok(Number.isInteger(count) && count >= 0, `counts.${name}, ${about}`)
  }
  const live = instances.filter(({ state }) => LIVE.has(state))
  const newest = live.filter(({ revision }) => revision === status.revision)
  const count = (among: readonly Instance[], fits: (instance: Instance) => boolean) =>
    among.filter(fits).length
  const finite = kind === 'job' || kind === 'cron'
  const running = newest.filter(({ state }) => state === 'running')
  const expected = {
    running: count(live, ({ state }) => state === 'running'),
    pending: count(live, ({ state }) => state !== 'running'),
    stopping: count(instances, ({ state }) => state === 'stopping'),
    ready: count(newest, ({ ready }) => ready),
    healthy: count(running, ({ health }) => health === 'healthy'),
    unhealthy: count(running, ({ health }) => health === 'unhealthy'),
    unknown: count(running, ({ health }) => health === 'unknown'),
    ...(finite
      ? {}
      : { updated: newest.length, overCapacity: Math.max(0, live.length - counts.desired) }),
  }
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(counts[name as keyof typeof counts], value, `counts.${name}, ${about}`)
  }
  if (!finite) assert.ok(counts.unscheduled >= counts.desired - live.length, about)
}

function assertState(status: AppStatus, about: string): void {
  const { state, kind, counts, generation } = status
  if (state === 'running') {
    assert.equal(generation.observed, generation.desired, `running too early, ${about}`)
    if (kind !== 'job' && kind !== 'cron') assert.ok(counts.ready >= counts.desired, about)
  }
  if (state === 'suspended') assert.equal(counts.desired, 0, about)
  if (state === 'completed') assert.equal(kind, 'job', about)
}

/** What holds of every status that is read after a change was accepted. */
export function assertNotBefore(status: AppStatus, revision: Revision): void {
  const about = `after ${JSON.stringify(revision)} in ${JSON.stringify(status)}`
  assert.ok(status.generation.desired >= revision.generation, `older than the change, ${about}`)
  if (status.generation.desired === revision.generation) {
    assert.equal(status.revision, revision.id, about)
  }
}
