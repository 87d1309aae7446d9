import type { AppStatus, Change } from 'intermodal'
import { describe, expect, test } from 'vitest'
import { call, setup, WEB } from './setup.ts'

describe('faults', () => {
  const observe = ({ adapter }: ReturnType<typeof setup>, signal = call.signal) =>
    adapter.observe(WEB, { ...call, signal })

  test('refuse calls without any effect, so many times, with the code given', async () => {
    const s = setup()
    s.world.faults.refuse('apply', { times: 1, code: 'THROTTLED' })
    await expect(s.apply({})).rejects.toMatchObject({ code: 'THROTTLED', retryable: true })
    expect(s.world.apps()).toEqual([])
    expect(await s.apply({})).toMatchObject({ changed: true })
  })

  test('drop an answer after the call had its effect', async () => {
    const s = setup()
    s.world.faults.drop('apply')
    await expect(s.apply({})).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(s.status().revision).toBe((await s.apply({})).id)
  })

  test('delay calls by the world’s time', async () => {
    const s = setup()
    s.world.faults.delay('observe', '5s', { times: 1 })
    let answered = false
    const answer = observe(s).then(() => {
      answered = true
    })
    await s.world.advance('4s')
    expect(answered).toBe(false)
    await s.world.advance('1s')
    await answer
    expect(answered).toBe(true)
  })

  test('hang calls until they are undone, or aborted with the caller’s own reason', async () => {
    const s = setup()
    const undo = s.world.faults.hang('*')
    const reason = new Error('enough')
    const abort = new AbortController()
    const aborted = observe(s, abort.signal)
    const waiting = observe(s)
    abort.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    undo()
    undo()
    expect(await waiting).toBeUndefined()
  })

  test('make the engine forget health until the next check', async () => {
    const s = setup()
    await s.deploy({ probes: { liveness: { type: 'tcp', port: 80, interval: '5s' } } })
    s.world.faults.forgetHealth()
    expect(s.status().instances[0]).toMatchObject({ health: 'unknown', ready: true })
    await s.world.advance('6s')
    expect(s.status().instances[0]?.health).toBe('healthy')
    const undo = s.world.faults.forgetHealth(WEB)
    expect(s.status().counts.unknown).toBe(1)
    undo()
    expect(s.status().counts).toMatchObject({ unknown: 0, healthy: 1 })
  })
})

describe('a watch', () => {
  /** What it tells, and what its reader believes. */
  function follow({ adapter }: ReturnType<typeof setup>) {
    const abort = new AbortController()
    const told: Change[] = []
    const view = new Map<string, AppStatus>()
    const over = (async () => {
      for await (const change of adapter.watch({}, { ...call, signal: abort.signal })) {
        told.push(change)
        if (change.type === 'app') view.set(change.status.id, change.status)
        if (change.type === 'gone') view.delete(change.id)
      }
    })().catch((error: unknown) => error)
    return {
      told,
      view,
      types: () => told.map(({ type }) => type),
      stop() {
        abort.abort()
        return over
      },
    }
  }
  const truth = (world: ReturnType<typeof setup>['world']) =>
    world.apps().map(({ observed: _, ...status }) => status)
  const belief = (view: ReadonlyMap<string, AppStatus>) =>
    [...view.values()].map(({ observed: _, ...status }) => status)

  test('tells everything, synced, then what changes, and is alive when nothing does', async () => {
    const s = setup()
    await s.deploy({})
    const watch = follow(s)
    await s.world.advance('30s')
    expect(watch.types()).toEqual(['app', 'synced', 'alive', 'alive', 'alive'])
    await s.apply({ image: 'shop/web:2' })
    await s.world.settle()
    await s.world.advance('0s')
    expect(belief(watch.view)).toEqual(truth(s.world))
    await s.adapter.remove(WEB, call)
    await s.world.settle()
    await s.world.advance('0s')
    expect(watch.told.findLast(({ type }) => type === 'gone')).toEqual({ type: 'gone', id: WEB })
    await watch.stop()
  })

  test('that is cut says so once, then gives the full picture', async () => {
    const s = setup()
    await s.deploy({})
    await s.deploy({ id: '/shop/gone' })
    const watch = follow(s)
    await s.world.advance('1s')
    const undo = s.world.faults.refuse('watch')
    await s.adapter.remove('/shop/gone', call)
    await s.world.advance('20s')
    expect(watch.types().filter((type) => type === 'lost')).toHaveLength(1)
    undo()
    await s.world.advance('30s')
    expect(watch.types().slice(watch.types().indexOf('lost'), -1)).toEqual([
      'lost',
      'app',
      'gone',
      'synced',
    ])
    expect(belief(watch.view)).toEqual(truth(s.world))
    await watch.stop()
  })

  test('falls silent while it hangs, and then tells what it missed', async () => {
    const s = setup()
    await s.deploy({})
    const watch = follow(s)
    await s.world.advance('1s')
    const undo = s.world.faults.hang('watch')
    const before = watch.told.length
    await s.apply({ image: 'shop/web:2' })
    await s.world.advance('2m')
    expect(watch.told.length).toBe(before)
    undo()
    await s.world.advance('1s')
    expect(belief(watch.view)).toEqual(truth(s.world))
    await watch.stop()
  })

  test('shows the truth in the end, in whatever order and however often it is told', async () => {
    const s = setup()
    s.world.faults.reorder()
    s.world.faults.duplicate()
    const watch = follow(s)
    for (const name of ['a', 'b', 'c', 'd']) await s.apply({ id: `/shop/${name}`, replicas: 2 })
    await s.world.settle()
    await s.world.advance('10s')
    expect(new Map(watch.view).size).toBe(4)
    expect(belief(watch.view).sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(truth(s.world))
    await watch.stop()
  })

  test('of 30,000 apps costs a slow reader one entry for each', async () => {
    const s = setup({ nodes: [{ name: 'big', cpu: 100_000, memory: '1Ti' }] })
    for (let index = 0; index < 30_000; index++) await s.apply({ id: `/many/app-${index}` })
    const changes = s.adapter.watch({}, call)[Symbol.asyncIterator]()
    await changes.next()
    await s.world.settle()
    let told = 1
    for (
      let next = await changes.next();
      next.value?.type !== 'alive';
      next = await changes.next()
    ) {
      told++
      if (told > 60_001) break
      if (told === 60_001) await s.world.advance('10s')
    }
    expect(told).toBeLessThanOrEqual(60_001)
    expect(s.world.apps().every(({ state }) => state === 'running')).toBe(true)
    await changes.return?.()
  }, 60_000)
})
