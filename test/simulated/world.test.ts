import { readFileSync } from 'node:fs'
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

test('an app in a pause is told with the reason', async () => {
  const { apply, adapter, world, status } = setup()
  await apply({})
  await adapter.pause?.(WEB, call)
  await world.advance('0s')
  expect(codes(status())).toEqual(['PausedByUser'])
})
