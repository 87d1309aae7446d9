import {
  APP_STATES,
  deriveStatus,
  INSTANCE_STATES,
  type Instance,
  mergeReasons,
  REASON_CODES,
  type StatusFacts,
  worstOf,
} from 'intermodal'
import { describe, expect, it } from 'vitest'
import { fc } from '../support/property.ts'
import { instance, reason } from '../support/statuses.ts'

const facts = (overrides: Partial<StatusFacts> = {}): StatusFacts => ({
  kind: 'service',
  desired: 2,
  revision: 'r1',
  generation: { desired: 1, observed: 1 },
  instances: [instance('a'), instance('b')],
  ...overrides,
})
const stateOf = (overrides: Partial<StatusFacts> = {}) => deriveStatus(facts(overrides)).state
const noPlace = instance('p', { state: 'pending', reason: reason('InsufficientCpu') })
const crashing = instance('c', { state: 'pending', reason: reason('CrashLoop') })
const starting = instance('s', { state: 'starting' })
const old = instance('o', { revision: 'r0' })

describe('the state of an app', () => {
  it('is running when as many as desired are ready', () => {
    expect(stateOf()).toBe('running')
    expect(stateOf({ rollout: { state: 'succeeded', revision: 'r1' } })).toBe('running')
  })

  it('is never running before the engine has observed the newest generation', () => {
    expect(stateOf({ generation: { desired: 2, observed: 1 } })).toBe('deploying')
  })

  it('is deploying while old instances are still there, however well they serve', () => {
    expect(stateOf({ instances: [instance('a'), old] })).toBe('deploying')
    expect(stateOf({ instances: [old, old] })).toBe('deploying')
  })

  it('is deploying, not failed, while its first instance runs and has not passed its checks yet', () => {
    const warming = instance('a', { ready: false, health: 'warmingUp' })
    expect(stateOf({ instances: [warming] })).toBe('deploying')
    expect(stateOf({ instances: [warming], exhausted: true })).toBe('failed')
  })

  it('is deploying, not failed, before the engine has made the first instance', () => {
    expect(stateOf({ instances: [] })).toBe('deploying')
    expect(stateOf({ instances: [], exhausted: true })).toBe('failed')
  })

  it('is what its activity is, when the change is no new revision', () => {
    expect(stateOf({ desired: 3, activity: 'scaling', instances: [instance('a'), starting] })).toBe(
      'scaling',
    )
    expect(stateOf({ activity: 'restarting', rollout: { state: 'running', revision: 'r1' } })).toBe(
      'restarting',
    )
  })

  it('is waiting when the cluster gives no place', () => {
    expect(stateOf({ instances: [instance('a'), noPlace] })).toBe('waiting')
    expect(
      stateOf({
        instances: [instance('a'), noPlace],
        rollout: { state: 'running', revision: 'r1' },
      }),
    ).toBe('waiting')
  })

  it('is delayed when nothing is ready and starting it crashes again and again', () => {
    expect(stateOf({ instances: [crashing, crashing] })).toBe('delayed')
  })

  it('is degraded when some serve and some crash', () => {
    expect(stateOf({ instances: [instance('a'), crashing] })).toBe('degraded')
  })

  it('is degraded when a settled app lost an instance and it is being replaced', () => {
    const rollout = { state: 'succeeded', revision: 'r1' } as const
    expect(stateOf({ rollout, instances: [instance('a'), starting] })).toBe('degraded')
    expect(stateOf({ rollout, instances: [starting, starting] })).toBe('degraded')
  })

  it('is failed when none is usable and nothing will replace them', () => {
    const failed = instance('f', { state: 'failed', reason: reason('ExitNonZero') })
    expect(stateOf({ instances: [failed, failed], exhausted: true })).toBe('failed')
    expect(
      stateOf({ rollout: { state: 'failed', revision: 'r1' }, instances: [old, failed] }),
    ).toBe('failed')
  })

  it('is suspended with zero desired and none left, scaling until then', () => {
    expect(stateOf({ desired: 0, instances: [] })).toBe('suspended')
    expect(stateOf({ desired: 0, instances: [instance('a', { state: 'stopping' })] })).toBe(
      'scaling',
    )
  })

  it('is paused, rolling back or deleting whatever the instances do', () => {
    expect(stateOf({ rollout: { state: 'paused', revision: 'r1' } })).toBe('paused')
    expect(stateOf({ rollout: { state: 'rollingBack', revision: 'r1' } })).toBe('rollingBack')
    expect(stateOf({ deleting: true, rollout: { state: 'paused', revision: 'r1' } })).toBe(
      'deleting',
    )
  })

  it('is completed when a job has as many completions as wanted', () => {
    const done = instance('d', { state: 'succeeded', ready: false })
    expect(stateOf({ kind: 'job', instances: [done, done] })).toBe('completed')
    expect(stateOf({ kind: 'job', instances: [done, instance('a')] })).toBe('running')
    expect(stateOf({ kind: 'job', instances: [], completions: 2 })).toBe('completed')
    expect(stateOf({ kind: 'job', instances: [done], exhausted: true })).toBe('failed')
  })

  it('is deploying, not suspended, for a daemon before any node has it', () => {
    expect(stateOf({ kind: 'daemon', desired: 0, instances: [] })).not.toBe('suspended')
  })
})

describe('counts', () => {
  it('count only the newest revision as updated, ready and healthy', () => {
    const { counts } = deriveStatus(facts({ instances: [instance('a'), old, old] }))
    expect(counts).toMatchObject({
      desired: 2,
      updated: 1,
      ready: 1,
      healthy: 1,
      running: 3,
      overCapacity: 1,
    })
  })

  it('show a check that is not defined as neither healthy nor unhealthy', () => {
    const { counts } = deriveStatus(facts({ instances: [instance('a', { health: 'none' })] }))
    expect(counts).toMatchObject({ ready: 1, healthy: 0, unhealthy: 0, unknown: 0, unscheduled: 1 })
  })

  const anyInstance = fc.record({
    id: fc.uuid(),
    state: fc.constantFrom(...INSTANCE_STATES),
    health: fc.constantFrom('healthy', 'unhealthy', 'unknown', 'none', 'warmingUp'),
    revision: fc.constantFrom('r0', 'r1'),
    restarts: fc.nat(5),
    reason: fc.option(
      fc.constantFrom(...REASON_CODES).map((code) => reason(code)),
      { nil: undefined },
    ),
  })
  const anyFacts = fc.record({
    kind: fc.constantFrom('service', 'stateful', 'daemon', 'job', 'cron'),
    desired: fc.nat(5),
    instances: fc.array(
      anyInstance.map(
        (raw): Instance => ({
          ...(raw as Instance),
          ready: raw.state === 'running' && raw.health === 'healthy',
        }),
      ),
      { maxLength: 8 },
    ),
    exhausted: fc.boolean(),
    generation: fc.constantFrom({ desired: 1, observed: 1 }, { desired: 2, observed: 1 }),
  })

  it('add up and give a known state for any snapshot', () => {
    fc.assert(
      fc.property(anyFacts, (generated) => {
        const { state, counts } = deriveStatus(facts(generated as Partial<StatusFacts>))
        expect(APP_STATES).toContain(state)
        expect(Object.values(counts).every((count) => count >= 0)).toBe(true)
        expect(counts.healthy + counts.unhealthy + counts.unknown).toBeLessThanOrEqual(
          counts.running,
        )
        expect(counts.ready).toBeLessThanOrEqual(counts.running)
        if (generated.generation.observed < generated.generation.desired)
          expect(state).not.toBe('running')
        if (state === 'running' && generated.kind === 'service') {
          expect(counts.ready).toBeGreaterThanOrEqual(generated.desired)
        }
      }),
    )
  })
})

describe('reasons', () => {
  it('are merged by code, the earliest moment and all counts together, most frequent first', () => {
    const merged = mergeReasons([
      { code: 'OomKilled', message: 'used 600Mi', count: 1, since: 50 },
      { code: 'CrashLoop', message: 'first', count: 1, since: 20 },
      { code: 'CrashLoop', message: 'then', count: 2, since: 10 },
    ])
    expect(merged).toEqual([
      { code: 'CrashLoop', message: 'then', count: 3, since: 10 },
      { code: 'OomKilled', message: 'used 600Mi', count: 1, since: 50 },
    ])
  })
})

describe('the worst of several states', () => {
  it('is by severity, and absent when there are none', () => {
    expect(worstOf(['running', 'failed', 'deploying'])).toBe('failed')
    expect(worstOf(['completed', 'suspended'])).toBe('suspended')
    expect(worstOf([])).toBe('absent')
  })
})
