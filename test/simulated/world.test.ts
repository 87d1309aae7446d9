import { readFileSync } from 'node:fs'
import type { AppStatus, Change } from 'intermodal'
import { createWorld, simulated } from 'intermodal/simulated'
import { describe, expect, test } from 'vitest'
import { call, codes, setup, WEB, web } from './setup.ts'

describe('secrets and configs', () => {
  test('that are missing refuse the app before anything changes', async () => {
    const { adapter, apply, deploy, status } = setup()
    const before = await deploy({})
    const app = { image: 'shop/web:2', env: { KEY: { secret: 'db', key: 'password' } } }
    await expect(apply(app)).rejects.toMatchObject({
      code: 'APP_INVALID',
      message: `${WEB}: /env/KEY refers to the secret "db", which does not exist`,
    })
    expect(status()).toEqual(before)
    await adapter.putSecret?.({ name: 'db', data: 'one value' }, call)
    await expect(apply(app)).rejects.toThrow(/key "password" of the secret "db"/)
    await adapter.putSecret?.({ name: 'db', data: { password: 'x' } }, call)
    expect(await apply(app)).toMatchObject({ changed: true })
  })

  test('with new content make a new revision at the next apply', async () => {
    const { adapter, apply, deploy } = setup()
    const app = { files: { '/etc/app.conf': { config: 'app' } } } as const
    expect(await adapter.putConfig?.({ name: 'app', data: 'a' }, call)).toBe(true)
    const { revision } = await deploy(app)
    expect(await adapter.putConfig?.({ name: 'app', data: 'a' }, call)).toBe(false)
    expect(await apply(app)).toMatchObject({ changed: false })
    expect(await adapter.putConfig?.({ name: 'app', data: 'b' }, call)).toBe(true)
    expect(await apply(app)).toMatchObject({ changed: true, previous: revision })
  })

  test('never leave their values in a snapshot', async () => {
    const { adapter, world } = setup()
    await adapter.putSecret?.({ name: 'db', data: { password: 'hunter2' } }, call)
    expect(JSON.stringify(world.snapshot())).not.toContain('hunter2')
  })
})

describe('ownership', () => {
  test('an app of someone else is shown, and taken over only by force', async () => {
    const { adapter, apply, world, status } = setup()
    world.addForeign(web({ image: 'theirs' }), 'the terraform job')
    await world.settle()
    expect(status()).toMatchObject({ managed: false, state: 'running' })
    await expect(apply({})).rejects.toMatchObject({
      code: 'CONFLICT',
      message: `${WEB} belongs to the terraform job`,
    })
    await expect(adapter.remove(WEB, call)).rejects.toMatchObject({ code: 'CONFLICT' })
    await apply({}, true)
    expect(status()).toMatchObject({ managed: true, image: 'shop/web:1' })
  })

  test('of two applies at once one wins and the other is told', async () => {
    const { apply, deploy, status } = setup()
    await deploy({})
    const results = await Promise.allSettled([
      apply({ image: 'shop/web:2' }),
      apply({ image: 'shop/web:3' }),
    ])
    expect(results).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'CONFLICT' } },
    ])
    expect(status().image).toBe('shop/web:2')
  })

  test('a kind cannot change, and an app being removed cannot be changed', async () => {
    const { adapter, apply, deploy } = setup()
    await deploy({})
    await expect(apply({ kind: 'stateful' })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await adapter.remove(WEB, call)
    await expect(apply({})).rejects.toMatchObject({ code: 'LOCKED' })
  })
})

describe('logs and commands', () => {
  test('are those that were scripted', async () => {
    const { adapter, deploy, world } = setup()
    world.script.logs(WEB, ['listening on 80'])
    world.script.exec(WEB, { 'cat /version': '1.4\n', false: { exitCode: 1 } })
    await deploy({})
    const lines = await Array.fromAsync(adapter.logs?.(WEB, {}, call) ?? [])
    expect(lines.map(({ text }) => text)).toEqual([
      'started shop/web:1',
      'listening on 80',
      'ready',
    ])
    const session = await adapter.exec?.(WEB, ['cat', '/version'], {}, call)
    const output = await Array.fromAsync(session?.output ?? [])
    expect(output.map(({ data }) => new TextDecoder().decode(data))).toEqual(['1.4\n'])
    expect(await session?.exitCode).toBe(0)
    expect(await (await adapter.exec?.(WEB, ['false'], {}, call))?.exitCode).toBe(1)
    expect(await (await adapter.exec?.(WEB, ['nothing'], {}, call))?.exitCode).toBe(127)
  })

  test('of the life before a crash are kept', async () => {
    const { adapter, apply, world } = setup()
    world.app(WEB).crashLoop({ exitCode: 9, times: 1 })
    await apply({})
    await world.advance('1m')
    const lines = await Array.fromAsync(adapter.logs?.(WEB, { previous: true }, call) ?? [])
    expect(lines.map(({ text }) => text)).toContain('exiting with code 9')
  })
})

describe('a snapshot', () => {
  test('goes on exactly as the world it was taken of', async () => {
    const one = setup({ seed: 5, timings: { jitter: 0.5 } })
    one.world.images.missing('shop/web:3')
    await one.deploy({ replicas: 3, probes: { liveness: { type: 'tcp', port: 80 } } })
    await one.apply({ image: 'shop/web:2', update: { batchSize: 1, batchDelay: '5s' } })
    await one.apply({ id: '/shop/tick', kind: 'cron', schedule: { cron: '* * * * *' } })
    await one.world.advance('3300ms')
    const kept = JSON.parse(JSON.stringify(one.world.snapshot()))
    const other = createWorld({ restore: kept, clock: 'manual' })
    for (const world of [one.world, other]) {
      world.app(WEB).crashLoop({ on: 'all', times: 1, after: '30s' })
      await world.advance('10m')
    }
    expect(other.apps()).toEqual(one.world.apps())
    expect(JSON.stringify(other.snapshot())).toBe(JSON.stringify(one.world.snapshot()))
    const app = await simulated({ world: other }).read(WEB, call)
    expect(app && simulated({ world: other }).interpret(app).app.image).toBe('shop/web:2')
  })

  test('of another version is refused', () => {
    const snapshot = { ...setup().world.snapshot(), version: 2 }
    expect(() => createWorld({ restore: snapshot as never })).toThrow(/version 2, not 1/)
  })
})

describe('time', () => {
  test('and chance depend on the seed alone', async () => {
    const history = async (seed: number) => {
      const { apply, world } = setup({ seed, timings: { jitter: 0.5 } })
      await apply({ replicas: 5 })
      await world.settle()
      return JSON.stringify(world.snapshot())
    }
    expect(await history(3)).toBe(await history(3))
    expect(await history(3)).not.toBe(await history(4))
  })

  test('is known to one file of the simulator only', async () => {
    const { globSync } = await import('node:fs')
    const forbidden = /Date\.now|Math\.random|setTimeout|setInterval|performance\./
    const guilty = globSync('adapters/simulated/**/*.ts').filter((file) =>
      forbidden.test(readFileSync(file, 'utf8')),
    )
    expect(guilty).toEqual(['adapters/simulated/world/clock.ts'])
  })

  test('runs by itself at the speed it was given', async () => {
    const world = createWorld({ clock: { speed: 10_000 }, timings: { jitter: 0 } })
    const adapter = simulated({ world })
    await adapter.apply(web({ replicas: 2 }), { ...call, force: false })
    for await (const change of adapter.watch({ ids: [WEB] }, call)) {
      if (change.type === 'app' && change.status.state === 'running') break
    }
    expect(world.apps()[0]?.counts.ready).toBe(2)
    await adapter[Symbol.asyncDispose]()
    world.close()
  })
})

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

test('an app in a pause is told with the reason', async () => {
  const { apply, adapter, world, status } = setup()
  await apply({})
  await adapter.pause?.(WEB, call)
  await world.advance('0s')
  expect(codes(status())).toEqual(['PausedByUser'])
})
