import {
  type AppId,
  connect,
  type Instance,
  IntermodalError,
  type LogsOptions,
  type Revision,
  RolloutError,
  type RolloutStep,
} from 'intermodal'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock, settle } from '../support/manual-clock.ts'
import { ScriptedAdapter } from '../support/scripted-adapter.ts'
import { instance, reason, status } from '../support/statuses.ts'

let adapter: ScriptedAdapter
let clock: ManualClock

beforeEach(() => {
  adapter = new ScriptedAdapter()
  clock = new ManualClock()
})

const web = { id: '/shop/web', image: 'shop/web:2' } as const
const open = () => connect(adapter, { name: 'test', clock, random: () => 0.5, idle: '2h' })
const revision = (overrides: Partial<Revision> = {}): Revision => ({
  app: '/shop/web',
  id: 'r2',
  generation: 2,
  changed: true,
  replicas: 1,
  previous: 'r1',
  ...overrides,
})
const at2 = { revision: 'r2', generation: { desired: 2, observed: 2 } } as const
const done = status('/shop/web', { ...at2, instances: [instance('b', { revision: 'r2' })] })
const starting = status('/shop/web', {
  ...at2,
  rollout: { state: 'running', revision: 'r2' },
  instances: [instance('a'), instance('b', { revision: 'r2', state: 'starting' })],
})
const pulling = (code: 'ImageNotFound' | 'CrashLoop' | 'InsufficientCpu', message?: string) =>
  status('/shop/web', {
    ...at2,
    rollout: { state: 'running', revision: 'r2' },
    instances: [
      instance('a'),
      instance('b', { revision: 'r2', state: 'pending', reason: reason(code, message) }),
    ],
  })

async function begin(rev: Revision = revision(), app: object = web, options = {}) {
  adapter.revision = rev
  const client = open()
  const rollout = await client.apply({ ...web, ...app }, options)
  const steps: RolloutStep[] = []
  const read = (async () => {
    for await (const step of rollout) steps.push(step)
  })()
  read.catch(() => {})
  await settle()
  return { client, rollout, steps, read, result: rollout.result() }
}

describe('a rollout', () => {
  it('succeeds when the new revision is ready and the old is gone', async () => {
    adapter.app(status())
    const { result, steps, rollout } = await begin()
    adapter.app(starting)
    await settle()
    adapter.app(done)
    expect(await result).toMatchObject({
      outcome: 'succeeded',
      message: '1 of 1 ready',
      failures: [],
    })
    expect(steps.map(({ type }) => type)).toEqual(['progress', 'progress', 'ended'])
    await expect(rollout.done()).resolves.toMatchObject({ outcome: 'succeeded' })
  })

  it('takes no status for its own that is older than the change', async () => {
    adapter.app(status())
    const { steps } = await begin()
    expect(steps.map(({ message }) => message)).toEqual(['the engine has not shown the change yet'])
    adapter.app(
      status('/shop/web', {
        revision: 'r2',
        generation: { desired: 2, observed: 1 },
        instances: [instance('b', { revision: 'r2' })],
      }),
    )
    await settle()
    expect(steps.at(-1)?.message).toBe('the engine has not taken note of the change yet')
  })

  it('is a success at once when nothing changed, and says so', async () => {
    adapter.app(done)
    const { result } = await begin(revision({ changed: false }))
    expect(await result).toMatchObject({
      outcome: 'succeeded',
      message: expect.stringContaining('no change'),
    })
  })

  it('waits for a rollout in progress when the same app is applied again', async () => {
    adapter.app(starting)
    const { result, steps } = await begin(revision({ changed: false }))
    expect(steps.map(({ type }) => type)).toEqual(['progress'])
    adapter.app(done)
    expect((await result).outcome).toBe('succeeded')
  })

  it('is stalled, with the reason, while the image cannot be found', async () => {
    adapter.app(pulling('ImageNotFound', 'no such image: shop/web:2'))
    const { steps } = await begin()
    expect(steps).toMatchObject([
      {
        type: 'stalled',
        message: '0 of 1 ready, 1 starting, 1 too many: no such image: shop/web:2',
      },
    ])
  })

  it('fails at once for a reason it was told not to wait for', async () => {
    adapter.app(pulling('ImageNotFound'))
    const { result } = await begin(revision(), web, { failFast: true })
    expect(await result).toMatchObject({
      outcome: 'failed',
      reasons: [{ code: 'ImageNotFound' }],
      failures: [{ instance: { id: 'b' } }],
    })
  })

  it('brings the last words of an instance that was started anew and has said nothing yet', async () => {
    Object.assign(adapter, {
      async *logs(_: AppId, { previous }: LogsOptions) {
        if (previous) yield { instance: 'b', stream: 'stderr', text: 'last words' }
      },
    })
    const crashed = { ...starting.instances[1], restarts: 1, reason: reason('CrashLoop') }
    adapter.app({ ...pulling('CrashLoop'), instances: [crashed as Instance] })
    const { result } = await begin(revision(), web, { failFast: ['CrashLoop'] })
    expect((await result).failures).toMatchObject([{ logs: ['last words'] }])
  })

  it('goes on waiting for a reason that may pass', async () => {
    adapter.app(pulling('InsufficientCpu'))
    const { steps } = await begin(revision(), web, { failFast: true })
    expect(steps.map(({ type }) => type)).toEqual(['stalled'])
  })

  it('fails when the engine says it failed, with the reasons in the error', async () => {
    adapter.app(
      status('/shop/web', {
        ...at2,
        rollout: { state: 'failed', revision: 'r2' },
        instances: [
          instance('b', {
            revision: 'r2',
            state: 'failed',
            reason: reason('CrashLoop', 'exited with 3, four times'),
          }),
        ],
      }),
    )
    const { rollout } = await begin()
    const error = await rollout.done().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RolloutError)
    expect(error).toMatchObject({
      code: 'ROLLOUT_FAILED',
      outcome: 'failed',
      cluster: 'test',
      app: '/shop/web',
    })
    expect(String(error)).toContain('exited with 3, four times')
  })

  it('is no success when the engine rolled it back', async () => {
    adapter.app(
      status('/shop/web', {
        revision: 'r1',
        generation: { desired: 3, observed: 3 },
        rollout: { state: 'rolledBack', revision: 'r2', message: 'update rolled back' },
      }),
    )
    const { result } = await begin()
    expect(await result).toMatchObject({ outcome: 'rolledBack', message: 'update rolled back' })
  })

  it('tells why it was rolled back, though the engine shows it no longer', async () => {
    adapter.app(pulling('ImageNotFound', 'no such image'))
    const { result } = await begin()
    adapter.app(
      status('/shop/web', {
        revision: 'r1',
        generation: { desired: 3, observed: 3 },
        rollout: { state: 'rolledBack', revision: 'r2' },
      }),
    )
    expect(await result).toMatchObject({
      outcome: 'rolledBack',
      reasons: [{ code: 'ImageNotFound' }],
    })
  })

  it('is superseded by a newer revision of someone else', async () => {
    adapter.app(starting)
    const { result } = await begin()
    adapter.app(status('/shop/web', { revision: 'r9', generation: { desired: 3, observed: 3 } }))
    expect(await result).toMatchObject({
      outcome: 'superseded',
      message: expect.stringContaining('r9'),
    })
  })

  it('is superseded when somebody scales while it waits for its own scale', async () => {
    adapter.app(starting)
    const { result } = await begin(revision({ replicas: 5 }))
    adapter.app(
      status('/shop/web', { ...at2, generation: { desired: 3, observed: 3 }, desired: 2 }),
    )
    expect((await result).outcome).toBe('superseded')
  })

  it('is cancelled when the app is removed', async () => {
    adapter.app(starting)
    const { result } = await begin()
    adapter.tell({ type: 'gone', id: '/shop/web' })
    expect((await result).outcome).toBe('cancelled')
  })

  it('is cancelled when the app never shows up', async () => {
    const { result, steps } = await begin()
    await clock.advance(14_000)
    expect(steps).toEqual([])
    await clock.advance(16_000)
    expect((await result).outcome).toBe('cancelled')
  })

  it('is timed out for who waits no longer, and can be waited for again', async () => {
    adapter.app(starting)
    const { rollout } = await begin()
    const short = rollout.result({ timeout: '1m' })
    await clock.advance(60_000)
    expect(await short).toMatchObject({
      outcome: 'timedOut',
      message: expect.stringContaining('1m'),
    })
    const again = rollout.result()
    adapter.app(done)
    expect((await again).outcome).toBe('succeeded')
  })

  it('fails after the progress deadline without progress, and says how far it got', async () => {
    adapter.app(pulling('CrashLoop', 'exited with 1'))
    const { result } = await begin(revision(), { update: { progressDeadline: '2m' } })
    await clock.advance(125_000)
    expect(await result).toMatchObject({
      outcome: 'failed',
      message: 'no progress for 2m, 0 of 1 ready, 1 starting, 1 too many: exited with 1',
    })
  })

  it('does not count the time in which the cluster cannot be reached', async () => {
    adapter.app(starting)
    const { steps, result } = await begin(revision(), { update: { progressDeadline: '2m' } })
    adapter.tell({ type: 'lost', error: new IntermodalError('UNAVAILABLE', 'cut') })
    await clock.advance(600_000)
    expect(steps.some(({ type }) => type === 'stale')).toBe(true)
    adapter.app(done)
    adapter.tell({ type: 'synced' })
    await clock.advance(60_000)
    expect((await result).outcome).toBe('succeeded')
  })

  it('waits without a deadline while someone holds it', async () => {
    const paused = status('/shop/web', {
      ...at2,
      rollout: { state: 'paused', revision: 'r2' },
      reasons: [reason('PausedByUser')],
    })
    adapter.app(paused)
    const { steps } = await begin(revision(), { update: { progressDeadline: '2m' } })
    for (let minute = 0; minute < 10; minute++) await clock.advance(60_000)
    expect(steps.map(({ type }) => type)).toEqual(['paused'])
  })

  it('goes back by itself when the app asks for it and the engine does not', async () => {
    adapter.app(pulling('ImageNotFound', 'no such image'))
    const { result, steps } = await begin(
      revision(),
      { update: { onFailure: 'rollback' } },
      { failFast: true },
    )
    expect(adapter.calls).toContain('rollback')
    adapter.app(
      status('/shop/web', {
        revision: 'r0',
        generation: { desired: 3, observed: 3 },
        instances: [instance('a', { revision: 'r0' })],
      }),
    )
    expect(await result).toMatchObject({
      outcome: 'rolledBack',
      message: expect.stringContaining('no such image'),
      reasons: [{ code: 'ImageNotFound' }],
    })
    expect(steps.map(({ type }) => type)).toEqual(['rollingBack', 'rollingBack', 'ended'])
    expect(adapter.calls.filter((call) => call === 'rollback')).toHaveLength(1)
  })

  it('does not go back from a first deployment: there is nothing to go back to', async () => {
    adapter.app(pulling('ImageNotFound'))
    const { result } = await begin(
      { app: '/shop/web', id: 'r2', generation: 2, changed: true },
      { update: { onFailure: 'rollback' } },
      { failFast: true },
    )
    expect((await result).outcome).toBe('failed')
    expect(adapter.calls).not.toContain('rollback')
  })

  it('tells every reader every step from the first', async () => {
    adapter.app(starting)
    const { rollout, steps, result } = await begin()
    adapter.app(done)
    await result
    const late: RolloutStep[] = []
    for await (const step of rollout) late.push(step)
    expect(late).toEqual(steps)
  })

  it('stops watching when nobody follows, and starts again for the next', async () => {
    adapter.app(starting)
    adapter.revision = revision()
    await using client = open()
    const rollout = await client.apply(web)
    for await (const _ of rollout) break
    await settle()
    expect(adapter.closed).toBe(1)
    const result = rollout.result()
    adapter.app(done)
    expect((await result).outcome).toBe('succeeded')
  })

  it('rethrows the reason of an abort, and the rollout goes on', async () => {
    adapter.app(starting)
    const { rollout, result } = await begin()
    const abort = new AbortController()
    const waiting = rollout.done({ signal: abort.signal })
    const why = new Error('ctrl-c')
    abort.abort(why)
    await expect(waiting).rejects.toBe(why)
    adapter.app(done)
    expect((await result).outcome).toBe('succeeded')
  })

  it('shares one watch of the cluster when many rollouts are followed', async () => {
    await using client = open()
    const ids = Array.from({ length: 12 }, (_, index) => `/many/app-${index}` as const)
    const results = []
    for (const id of ids) {
      adapter.revision = revision({ app: id })
      adapter.apps.set(
        id,
        status(id, { ...at2, instances: [instance(id, { revision: 'r2', state: 'starting' })] }),
      )
      results.push((await client.apply({ id, image: 'x:1' })).result())
    }
    await settle()
    expect(adapter.watches.length).toBeLessThan(6)
    for (const id of ids)
      adapter.app(status(id, { ...at2, instances: [instance(id, { revision: 'r2' })] }))
    const outcomes = (await Promise.all(results)).map(({ outcome }) => outcome)
    expect(outcomes).toEqual(Array(12).fill('succeeded'))
  })
})
