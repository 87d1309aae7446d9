import { worstOf } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { type Moment, recorded, replay, scenarios } from './recordings.ts'

function states(moments: readonly Moment[]): string[] {
  return moments.map(({ status }) => status.state).filter((state, i, all) => state !== all[i - 1])
}

function last(moments: readonly Moment[]): Moment {
  const found = moments.at(-1)
  if (!found) throw new Error('the recording holds no service')
  return found
}

function codes({ status }: Moment): string[] {
  return status.reasons.map(({ code }) => code)
}

const all = recorded ? scenarios().map((name) => [name] as const) : []

describe.runIf(recorded)('a recorded timeline', () => {
  it.each(all)('%s keeps every promise of a status at every moment', (name) => {
    for (const { status, service } of replay(name, { settle: 8000 })) {
      const { counts, instances, rollout, state, revision } = status
      const live = instances.filter(({ state }) =>
        ['pending', 'assigned', 'preparing', 'starting', 'running'].includes(state),
      )
      expect(counts.ready).toBeLessThanOrEqual(live.length)
      expect(counts.healthy + counts.unhealthy + counts.unknown).toBeLessThanOrEqual(counts.running)
      expect(instances.filter(({ ready }) => ready).every((one) => one.state === 'running')).toBe(
        true,
      )
      expect(new Set(instances.map(({ id }) => id)).size).toBe(instances.length)
      expect(status.generation.desired).toBe(service.Version.Index)
      expect(worstOf([state])).toBe(state)
      if (state === 'running' && status.kind !== 'job') {
        expect(counts.ready).toBeGreaterThanOrEqual(counts.desired)
        expect(live.every((one) => one.revision === revision)).toBe(true)
      }
      // What Swarm calls completed, paused or nothing at all: a first success is never told before all are up.
      if (rollout?.state === 'succeeded' && service.UpdateStatus?.State === 'updating') {
        throw new Error('an update in progress is no success')
      }
      for (const { message, count, since } of status.reasons) {
        expect(message).not.toBe('')
        expect(count).toBeGreaterThan(0)
        expect(since).toBeGreaterThan(Date.parse('2026-01-01'))
      }
    }
  })

  it.each(all)('%s tells a first success only when everything wanted is ready', (name) => {
    let before: Moment | undefined
    for (const moment of replay(name)) {
      const { rollout, counts } = moment.status
      const known = before?.status.rollout
      const first = known?.state !== 'succeeded' || known.revision !== rollout?.revision
      if (rollout?.state === 'succeeded' && first) {
        expect(counts.ready).toBe(counts.desired)
        expect(counts.updated).toBe(counts.ready)
      }
      before = moment
    }
  })

  it.each(all)('%s looks the same when it is looked at twice', (name) => {
    const [once, twice] = [replay(name), replay(name)]
    expect(once.map(({ status }) => status)).toEqual(twice.map(({ status }) => status))
  })

  it('of a creation goes from deploying to running, and follows scaling to zero and back', () => {
    expect(states(replay('create-healthy'))).toEqual([
      'deploying',
      'running',
      'scaling',
      'suspended',
      'scaling',
      'running',
    ])
  })

  it('shows a service of somebody else, by an id made of its name', () => {
    const { status } = last(replay('create-healthy'))
    expect(status).toMatchObject({
      id: '/f-healthy',
      managed: false,
      kind: 'service',
      image: 'app:1',
      labels: { 'com.intermodal.test': '1' },
    })
    expect(status.createdAt).toBeGreaterThan(0)
  })

  it('of an update goes through deploying, and a rollback by hand names the revision that was left', () => {
    const moments = replay('rolling-update')
    expect(states(moments)).toEqual([
      'deploying',
      'running',
      'deploying',
      'running',
      'rollingBack',
      'running',
    ])
    const updated = moments.findLast(({ status }) => status.rollout?.state === 'succeeded')
    const end = last(moments)
    expect(end.status.rollout).toMatchObject({
      state: 'rolledBack',
      revision: updated?.status.revision,
    })
    expect(end.status.revision).not.toBe(updated?.status.revision)
  })

  it('of an update never counts old instances as updated', () => {
    const moments = replay('rolling-update')
    const from = moments.findIndex(({ service }) => service.UpdateStatus?.State === 'updating')
    expect(moments[from]?.status.counts).toMatchObject({ ready: 0, updated: 1, running: 2 })
  })

  it('of a surge shows more instances than wanted, and a forced update as a restart', () => {
    const moments = replay('rolling-update-start-first')
    expect(states(moments)).toEqual([
      'deploying',
      'running',
      'deploying',
      'running',
      'restarting',
      'running',
    ])
    expect(Math.max(...moments.map(({ status }) => status.counts.overCapacity))).toBe(2)
    expect(Math.min(...moments.slice(20).map(({ status }) => status.counts.running))).toBe(4)
  })

  it('of an update that crashes is paused, with why', () => {
    const moments = replay('update-fails-paused')
    const paused = moments.filter(({ status }) => status.state === 'paused')
    expect(paused.length).toBeGreaterThan(5)
    for (const moment of paused) {
      expect(moment.status.rollout?.state).toBe('paused')
      expect(codes(moment)).toContain('PausedOnFailure')
      expect(codes(moment).some((code) => code === 'ExitNonZero' || code === 'CrashLoop')).toBe(
        true,
      )
    }
    expect(last(moments).status.rollout?.state).toBe('succeeded')
  })

  it('of an update that crashes and is rolled back by Swarm says which revision failed', () => {
    const moments = replay('update-fails-rolled-back')
    const failed = moments.find(({ service }) => service.UpdateStatus?.State === 'updating')
    const end = last(moments)
    expect(states(moments)).toEqual(['deploying', 'running', 'deploying', 'rollingBack', 'running'])
    expect(end.status.rollout).toMatchObject({
      state: 'rolledBack',
      revision: failed?.status.revision,
    })
  })

  it('of an update that is "completed" while everything crashes is no success', () => {
    const moments = replay('update-fails-continue', { settle: 100 })
    const completed = moments.filter(
      ({ service, status }) =>
        service.UpdateStatus?.State === 'completed' && status.counts.ready < status.counts.desired,
    )
    expect(completed.length).toBeGreaterThan(5)
    for (const { status } of completed) {
      expect(status.rollout?.state).toBe('running')
      expect(status.rollout?.message).toMatch(/^Swarm calls it completed, but \d of 3 are ready$/)
      expect(status.state).toBe('delayed')
    }
  })

  it('of an update to an image that is not there is paused for the image', () => {
    const end = last(replay('update-image-missing'))
    expect(end.status.state).toBe('paused')
    expect(codes(end)).toEqual(expect.arrayContaining(['PausedOnFailure', 'ImageNotFound']))
    expect(end.status.counts.running).toBe(3)
  })

  it('of an update that finds no place waits, though Swarm goes on updating for ever', () => {
    const end = last(replay('update-impossible-constraint'))
    expect(end.service.UpdateStatus?.State).toBe('updating')
    expect(end.status).toMatchObject({ state: 'waiting', rollout: { state: 'running' } })
    expect(end.status.reasons[0]?.message).toBe(
      'no suitable node: scheduling constraints not satisfied on 3 nodes (needs node.labels.zone==mars)',
    )
  })

  it('of a second update during the first judges the second', () => {
    const end = last(replay('update-during-update'))
    expect(end.status).toMatchObject({ state: 'running', rollout: { state: 'succeeded' } })
    expect(end.status.instances.every(({ revision }) => revision === end.status.revision)).toBe(
      true,
    )
  })

  it('of labels and other things besides instances has no rollout of its own', () => {
    const moments = replay('update-meta-only')
    expect(moments.every(({ service }) => service.UpdateStatus === undefined)).toBe(true)
    expect(states(moments)).toContain('scaling')
    expect(last(replay('update-meta-only', { settle: 6000 })).status).toMatchObject({
      state: 'running',
      rollout: { state: 'succeeded' },
    })
  })
})
