import { describe, expect, it } from 'vitest'
import { type Moment, recorded, replay } from './recordings.ts'

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

describe.runIf(recorded)('a recorded timeline', () => {
  it('of a crash loop becomes delayed and stays so while an instance runs for a second', () => {
    const moments = replay('crash-loop')
    expect(states(moments)).toEqual(['deploying', 'delayed'])
    const end = last(moments)
    expect(end.status.counts.ready).toBe(0)
    expect(end.status.reasons[0]).toMatchObject({ code: 'CrashLoop' })
    expect(end.status.reasons[0]?.message).toMatch(
      /^ended [345] times within \d+ seconds, the last time: exit code 3$/,
    )
    expect(moments.some(({ status }) => status.rollout?.state === 'succeeded')).toBe(false)
  })

  it('of attempts that are spent has failed at once', () => {
    const moments = replay('crash-loop-max-attempts')
    expect(states(moments)).toEqual(['deploying', 'failed'])
    expect(codes(last(moments))).toEqual(['ExitNonZero'])
  })

  it('of an end with 0 that is not replaced is no success', () => {
    const end = last(replay('exit-zero-on-failure'))
    expect(end.status.state).toBe('failed')
    expect(end.status.counts).toMatchObject({ desired: 2, ready: 0 })
    expect(
      end.status.instances.every(({ state, exitCode }) => state === 'failed' && exitCode === 0),
    ).toBe(true)
  })

  it('of an unhealthy instance that ended with 0 and stays gone is degraded', () => {
    const end = last(replay('becomes-unhealthy-on-failure'))
    expect(end.status).toMatchObject({
      state: 'degraded',
      rollout: { state: 'succeeded' },
      counts: { desired: 2, ready: 1, unscheduled: 1 },
    })
  })

  it('of an unhealthy instance is degraded until its successor is up', () => {
    const moments = replay('becomes-unhealthy-exit-143')
    expect(states(moments)).toEqual(['deploying', 'running', 'degraded', 'running'])
    const degraded = moments.filter(({ status }) => status.state === 'degraded')
    for (const moment of degraded) expect(codes(moment)).toEqual(['LivenessFailed'])
    expect(states(replay('becomes-unhealthy'))).toEqual(states(moments))
  })

  it('of a check that never passes stays deploying, warming up, then with why', () => {
    const moments = replay('create-health-fails')
    expect(states(moments)).toEqual(['deploying'])
    expect(moments.some(({ status }) => status.instances[0]?.health === 'warmingUp')).toBe(true)
    expect(codes(last(moments))).toEqual(['LivenessFailed'])
    expect(last(moments).status.reasons[0]?.message).toContain('exit code 137')
  })

  it.each([
    ['image-missing-long', 'ImageNotFound', 'No such image: nosuch/image:9'],
    ['bind-missing', 'VolumeUnavailable', 'bind source path does not exist: /no/such/path'],
    ['bad-command', 'StartFailed', 'OCI runtime create failed'],
    [
      'oom',
      'ExitNonZero',
      'exit code 137: killed from outside, perhaps for passing its memory limit of 16Mi',
    ],
  ] as const)('of %s is deploying, for %s', (name, code, text) => {
    const end = last(replay(name))
    expect(end.status.state).toBe('deploying')
    expect(codes(end)).toEqual([code])
    expect(end.status.reasons[0]?.message).toContain(text)
    expect(end.status.counts.ready).toBe(0)
  })

  it('counts the attempts that ended for the same reason', () => {
    expect(last(replay('image-missing-long')).status.reasons[0]?.count).toBe(5)
  })

  it.each([
    [
      'host-port-conflict',
      'PortConflict',
      'no suitable node: host-mode port already in use on 3 nodes',
    ],
    [
      'max-replicas-per-node',
      'ConstraintUnsatisfied',
      'no suitable node: max replicas per node limit exceed (at most 1 on a node)',
    ],
    [
      'insufficient-resources',
      'InsufficientCpu',
      'no suitable node: insufficient resources on 3 nodes: needs 1.5 cpu, 64Mi memory',
    ],
  ] as const)('of %s is waiting, for %s', (name, code, text) => {
    const end = last(replay(name))
    expect(end.status.state).toBe('waiting')
    expect(end.status.reasons[0]).toMatchObject({ code, message: text })
    expect(end.status.counts.unscheduled).toBeGreaterThan(0)
  })

  it('of a constraint that is lifted waits, then deploys', () => {
    const moments = replay('impossible-constraint')
    expect(states(moments)).toEqual(['waiting', 'deploying'])
    expect(codes(moments[0] as Moment)).toEqual(['ConstraintUnsatisfied'])
  })

  it.each(['worker-hung', 'worker-killed'])(
    'of %s shows the instance as lost and its successor',
    (name) => {
      const moments = replay(name)
      const lost = moments.filter(({ status }) =>
        status.instances.some(({ state }) => state === 'lost'),
      )
      expect(lost.length).toBeGreaterThan(2)
      for (const moment of lost) expect(codes(moment)).toContain('NodeLost')
      expect(moments.some(({ status }) => status.state === 'degraded')).toBe(true)
      expect(last(replay(name, { settle: 8000 })).status).toMatchObject({
        state: 'running',
        counts: { desired: 3, ready: 3 },
      })
    },
  )

  it('of a node whose containerd hangs stays deploying as long as it lasts', () => {
    const moments = replay('worker-containerd-hung-long')
    const hung = moments.filter(({ t }) => t > 2000 && t < 151_000)
    expect(hung.every(({ status }) => status.state === 'deploying')).toBe(true)
    expect(last(moments).status.state).toBe('running')
  })

  it('of a drain shows why instances stop, and wants fewer of a daemon', () => {
    const moments = replay('global')
    const drained = moments.filter(({ status }) =>
      codes({ status } as Moment).includes('NodeDrained'),
    )
    expect(drained.length).toBeGreaterThan(0)
    expect(drained[0]?.status).toMatchObject({
      kind: 'daemon',
      counts: { desired: 2, stopping: 1 },
    })
    expect(last(moments).status).toMatchObject({
      state: 'running',
      counts: { desired: 3, ready: 3 },
    })
  })

  it('of a job counts what is complete in the present run only', () => {
    const moments = replay('replicated-job')
    const counted = moments.map(({ status }) => status.counts.updated)
    expect(last(moments).status).toMatchObject({
      kind: 'job',
      state: 'completed',
      counts: { desired: 5, updated: 5 },
    })
    const again = moments.findIndex(
      ({ after }, i) => i > 0 && after.includes('/update') && counted[i] === 0,
    )
    expect(again).toBeGreaterThan(0)
    expect(moments[again]?.status.state).toBe('deploying')
    expect(last(replay('global-job')).status).toMatchObject({
      state: 'completed',
      counts: { desired: 3, updated: 3 },
    })
  })

  it('of a job whose attempts are spent has failed', () => {
    const end = last(replay('replicated-job-fails'))
    expect(end.status).toMatchObject({ state: 'failed', counts: { desired: 2, updated: 0 } })
    expect(end.status.reasons).toMatchObject([{ code: 'ExitNonZero', count: 3 }])
  })

  it('of a slow stop shows the instance on its way out', () => {
    const moments = replay('slow-stop')
    expect(
      moments.some(({ status }) => status.counts.stopping === 1 && status.counts.running === 1),
    ).toBe(true)
  })
})
