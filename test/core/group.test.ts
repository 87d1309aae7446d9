import {
  type App,
  type AppInput,
  defineApp,
  defineGroup,
  type GroupInput,
  type GroupRollout,
  type GroupStep,
  IntermodalError,
  RolloutError,
} from 'intermodal'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ApplyGroupOptions } from '../../src/group/target.ts'
import { applyGroup } from '../../src/group-rollout.ts'
import { ManualClock, settle } from '../support/manual-clock.ts'
import { instance, status } from '../support/statuses.ts'
import { FakeGroupTarget } from './fake-group-target.ts'

const app = (name: string, facts: Partial<AppInput> = {}): AppInput => ({
  id: `/shop/${name}`,
  image: `${name}:1`,
  ...facts,
})

const chain = [
  app('web', { dependsOn: { api: 'healthy' } }),
  app('api', { dependsOn: { db: 'healthy' } }),
  app('db'),
]

let target: FakeGroupTarget
let clock: ManualClock

beforeEach(() => {
  target = new FakeGroupTarget()
  clock = new ManualClock()
})

function apply(
  apps: GroupInput | readonly (AppInput | App)[],
  options: Partial<ApplyGroupOptions> = {},
): Promise<GroupRollout> {
  return applyGroup(target, defineGroup(apps), { clock, prepare: () => {}, ...options })
}

async function steps(group: GroupRollout): Promise<string[]> {
  const told: string[] = []
  for await (const step of group) told.push(inWords(step))
  return told
}

function inWords(step: GroupStep): string {
  switch (step.type) {
    case 'waiting':
      return `${step.app} waits for ${step.on.join(', ')}`
    case 'applied':
      return `${step.app} applied`
    case 'step':
      return `${step.app}: ${step.step.message}`
    case 'failed':
      return `${step.app} failed: ${step.error.message}`
    default:
      return `${step.app} ${step.type}: ${step.message}`
  }
}

describe('a group', () => {
  it('applies each app once what it depends on is healthy', async () => {
    const group = await apply(chain)
    await settle()
    expect(target.changes).toEqual(['apply /shop/db db:1'])
    target.rollout('/shop/db').start()
    await settle()
    expect(target.changes).toHaveLength(1)
    target.rollout('/shop/db').end('succeeded')
    await settle()
    expect(target.changes).toEqual(['apply /shop/db db:1', 'apply /shop/api api:1'])
    target.rollout('/shop/api').end('succeeded')
    await settle()
    target.rollout('/shop/web').end('succeeded')
    await expect(group.done()).resolves.toMatchObject({
      outcome: 'succeeded',
      message: '3 apps rolled out on prod',
      apps: { '/shop/web': { outcome: 'succeeded' } },
    })
  })

  it('goes on at the first running instance where started is enough', async () => {
    await apply([app('db'), app('web', { dependsOn: { db: 'started' } })])
    await settle()
    target.rollout('/shop/db').step('0 of 1 ready')
    await settle()
    expect(target.changes).toEqual(['apply /shop/db db:1'])
    target.rollout('/shop/db').start()
    await settle()
    expect(target.changes).toEqual(['apply /shop/db db:1', 'apply /shop/web web:1'])
  })

  it('waits for a job to complete, not only for its rollout', async () => {
    await apply([
      app('migrate', { kind: 'job' }),
      app('web', { dependsOn: { migrate: 'completed' } }),
    ])
    await settle()
    const job = (completions: number) =>
      status('/shop/migrate', { kind: 'job', instances: [instance('m')], completions })
    target.live.set('/shop/migrate', job(0))
    target.rollout('/shop/migrate').end('succeeded', 'accepted', job(0))
    await clock.advance(20_000)
    expect(target.changes).toEqual(['apply /shop/migrate migrate:1'])
    target.live.set('/shop/migrate', job(1))
    await clock.advance(5_000)
    expect(target.changes).toContain('apply /shop/web web:1')
  })

  it('waits for a dependency that did not change but is not well now', async () => {
    target.revisions.set('/shop/db', { changed: false })
    const sick = status('/shop/db', {
      instances: [instance('a', { ready: false, health: 'unhealthy' })],
    })
    target.live.set('/shop/db', sick)
    await apply([app('db'), app('web', { dependsOn: { db: 'healthy' } })])
    await settle()
    target.rollout('/shop/db').end('succeeded', 'no change', sick)
    await clock.advance(20_000)
    expect(target.changes).toEqual(['apply /shop/db db:1'])
    target.live.set('/shop/db', status('/shop/db'))
    await clock.advance(5_000)
    expect(target.changes).toContain('apply /shop/web web:1')
  })

  it('rolls at most so many apps at once', async () => {
    await apply([app('a'), app('b'), app('c')], { concurrency: 2 })
    await settle()
    expect(target.changes).toEqual(['apply /shop/a a:1', 'apply /shop/b b:1'])
    target.rollout('/shop/b').end('succeeded')
    await settle()
    expect(target.changes).toHaveLength(3)
  })

  it('puts secrets and configs before the first app', async () => {
    target.atOnce = true
    const group = await apply({
      group: '/shop',
      secrets: { 'db-password': 'x' },
      configs: { settings: 'y' },
      apps: { web: { image: 'web:1' } },
    })
    await group.done()
    expect(target.changes).toEqual([
      'secret db-password',
      'config settings',
      'apply /shop/web web:1',
    ])
  })

  it('passes on what apply is asked to accept', async () => {
    const asked: unknown[] = []
    target.apply = async (given, options) => {
      asked.push(options)
      return FakeGroupTarget.prototype.apply.call(target, given, options)
    }
    target.atOnce = true
    const group = await apply([app('web')], { losses: 'lenient', force: true, failFast: true })
    await group.done()
    expect(asked).toMatchObject([{ losses: 'lenient', force: true, failFast: true }])
  })
})

describe('nothing is applied', () => {
  it('when one app would be refused', async () => {
    const prepare = ({ id }: App) => {
      if (id === '/shop/web')
        throw new IntermodalError('UNSUPPORTED', '/shop/web cannot be carried', { app: id })
    }
    await expect(apply(chain, { prepare })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: '/shop/web cannot be carried',
    })
    expect(target.changes).toEqual([])
  })

  it('when several would be, and the error names them all', async () => {
    const prepare = ({ id }: App) => {
      if (id !== '/shop/db') throw new IntermodalError('UNSUPPORTED', `${id} cannot be carried`)
    }
    await expect(apply(chain, { prepare })).rejects.toThrow(
      'nothing was applied to prod, for 2 reasons:\n- /shop/api cannot be carried\n- /shop/web cannot be carried',
    )
    expect(target.changes).toEqual([])
  })

  it('when a dependency is neither in the group nor on the cluster', async () => {
    const web = app('web', { dependsOn: { '/infra/queue': 'started' } })
    await expect(apply([web])).rejects.toMatchObject({
      code: 'APP_INVALID',
      message: '/shop/web depends on /infra/queue, which is neither in the group nor on prod',
    })
    expect(target.changes).toEqual([])
  })

  it('when it has secrets and the engine takes none', async () => {
    target.capabilities.material = false
    await expect(
      apply({ group: '/shop', secrets: { a: 'x' }, apps: { web: { image: 'web:1' } } }),
    ).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    expect(target.changes).toEqual([])
  })

  it('when it is aborted before', async () => {
    const reason = new Error('never mind')
    await expect(apply(chain, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(target.calls).toEqual([])
  })
})

describe('a dependency outside of the group', () => {
  const web = app('web', { dependsOn: { '/infra/queue': 'healthy' } })
  const starting = status('/infra/queue', {
    instances: [instance('q', { state: 'starting', ready: false })],
  })

  it('is waited for until it is there', async () => {
    target.live.set('/infra/queue', starting)
    await apply([web])
    await clock.advance(60_000)
    expect(target.changes).toEqual([])
    target.live.set('/infra/queue', status('/infra/queue'))
    await clock.advance(5_000)
    expect(target.changes).toEqual(['apply /shop/web web:1'])
  })

  it('is waited for as long as the app may go without progress', async () => {
    target.live.set('/infra/queue', starting)
    const group = await apply([{ ...web, update: { progressDeadline: '2m' } }])
    await clock.advance(130_000)
    await expect(group.done()).rejects.toMatchObject({
      code: 'TIMEOUT',
      app: '/shop/web',
      message: '/shop/web waited 2m for /infra/queue on prod to be healthy; it is deploying',
    })
    expect(target.changes).toEqual([])
  })

  it('is not waited for when it is suspended', async () => {
    target.live.set('/infra/queue', status('/infra/queue', { desired: 0, instances: [] }))
    const group = await apply([web])
    await expect(group.done()).rejects.toMatchObject({
      code: 'ROLLOUT_FAILED',
      message: '/shop/web needs /infra/queue, which is suspended',
    })
  })

  it('is asked again when the cluster does not answer for a moment', async () => {
    target.live.set('/infra/queue', starting)
    const group = await apply([web])
    await settle()
    const { status: answer } = FakeGroupTarget.prototype
    target.status = () =>
      Promise.reject(new IntermodalError('UNAVAILABLE', 'prod cannot be reached'))
    await clock.advance(20_000)
    target.status = answer
    target.live.set('/infra/queue', status('/infra/queue'))
    target.atOnce = true
    await clock.advance(5_000)
    await expect(group.done()).resolves.toMatchObject({ outcome: 'succeeded' })
  })
})

describe('the steps of a group', () => {
  it('are told from the first to those who come late, and then live', async () => {
    const group = await apply([app('db'), app('web', { dependsOn: { db: 'healthy' } })])
    await settle()
    target.rollout('/shop/db').step('0 of 1 ready')
    target.rollout('/shop/db').end('succeeded', '1 of 1 ready')
    await settle()
    const late = steps(group)
    await settle()
    target.rollout('/shop/web').end('succeeded', 'done')
    const expected = [
      '/shop/web waits for /shop/db',
      '/shop/db applied',
      '/shop/db: 0 of 1 ready',
      '/shop/db: 1 of 1 ready',
      '/shop/web applied',
      '/shop/web: done',
    ]
    expect(await late).toEqual(expected)
    expect(await steps(group)).toEqual(expected)
  })

  it('take no more memory when the same is said again and again', async () => {
    const group = await apply([app('db')])
    await settle()
    for (let round = 0; round < 50; round++) {
      target.rollout('/shop/db').step('0 of 1 ready')
      target.rollout('/shop/db').step('1 of 1 ready')
    }
    target.rollout('/shop/db').step('0 of 1 ready')
    await settle()
    target.rollout('/shop/db').end('succeeded', 'done')
    await group.done()
    expect(await steps(group)).toEqual([
      '/shop/db applied',
      '/shop/db: 1 of 1 ready',
      '/shop/db: 0 of 1 ready',
      '/shop/db: done',
    ])
  })

  it('may be left, and the group goes on', async () => {
    const group = await apply([app('db'), app('web', { dependsOn: { db: 'healthy' } })])
    for await (const step of group) if (step.type === 'waiting') break
    await settle()
    target.rollout('/shop/db').end('succeeded')
    await settle()
    expect(target.changes).toContain('apply /shop/web web:1')
  })
})

describe('when an app of a group fails', () => {
  it('those that depend on it are skipped, also indirectly, and others go on', async () => {
    const group = await apply([...chain, app('other')])
    await settle()
    target.rollout('/shop/db').end('failed', 'image not found')
    target.rollout('/shop/other').end('succeeded', 'done')
    const result = await group.result()
    expect(result).toMatchObject({
      outcome: 'failed',
      message: '1 of 4 apps rolled out on prod; /shop/db failed: image not found',
    })
    expect(result.apps['/shop/web']).toBeUndefined()
    expect(await steps(group)).toEqual(
      expect.arrayContaining([
        '/shop/api skipped: /shop/db, which it depends on, did not come up',
        '/shop/web skipped: /shop/api, which it depends on, did not come up',
      ]),
    )
    expect(target.changes).toEqual(['apply /shop/db db:1', 'apply /shop/other other:1'])
  })

  it('done throws the rollout error of the first', async () => {
    const group = await apply(chain)
    await settle()
    target.rollout('/shop/db').end('rolledBack', 'went back')
    const error = await group.done().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RolloutError)
    expect(error).toMatchObject({ app: '/shop/db', outcome: 'rolledBack' })
  })

  it('an app that the cluster refuses is a failure with its error', async () => {
    const refusal = new IntermodalError('CONFLICT', '/shop/db was changed meanwhile')
    target.onApply = () => {
      throw refusal
    }
    const group = await apply(chain)
    await expect(group.done()).rejects.toBe(refusal)
    await expect(group.result()).resolves.toMatchObject({
      outcome: 'failed',
      errors: { '/shop/db': refusal },
    })
    expect(await steps(group)).toContain('/shop/db failed: /shop/db was changed meanwhile')
  })

  it('an error that is none of ours ends the group as it is', async () => {
    const bug = new TypeError('not a function')
    target.onApply = () => {
      throw bug
    }
    const group = await apply(chain)
    await expect(group.result()).rejects.toBe(bug)
    await expect(steps(group)).rejects.toBe(bug)
  })
})

describe('a group that is put back on failure', () => {
  const rollback = { onFailure: 'rollback' } as const

  it('removes what it created and rolls back what it changed, the last first', async () => {
    target.live.set('/shop/db', status('/shop/db'))
    target.exported.set('/shop/db', defineApp({ id: '/shop/db', image: 'db:0' }))
    const group = await apply(chain, rollback)
    await settle()
    target.rollout('/shop/db').end('succeeded')
    await settle()
    target.rollout('/shop/api').end('failed', 'crash loop')
    await expect(group.result()).resolves.toMatchObject({
      outcome: 'rolledBack',
      message:
        '1 of 3 apps rolled out on prod; /shop/api failed: crash loop; what had been applied is back as it was',
    })
    expect(target.changes.slice(2)).toEqual(['remove /shop/api', 'rollback /shop/db to r0'])
    expect((await steps(group)).slice(-2)).toEqual([
      '/shop/api undone: removed, as it was not there before',
      '/shop/db undone: rolled back to revision r0',
    ])
    await expect(group.done()).rejects.toMatchObject({ app: '/shop/api', outcome: 'failed' })
  })

  it('applies the former app where no revision tells the difference', async () => {
    target.live.set('/shop/db', status('/shop/db'))
    target.exported.set('/shop/db', defineApp({ id: '/shop/db', image: 'db:1', replicas: 2 }))
    target.revisions.set('/shop/db', { previous: 'r1' })
    const group = await apply([app('db', { replicas: 5 })], rollback)
    await settle()
    target.rollout('/shop/db').end('failed')
    target.atOnce = true
    await group.result()
    expect(target.changes).toEqual(['apply /shop/db db:1', 'apply /shop/db db:1'])
    expect(await steps(group)).toContain('/shop/db undone: applied as it was before')
  })

  it('leaves alone what did not change and what the engine has put back', async () => {
    for (const name of ['same', 'bad'] as const) {
      target.live.set(`/shop/${name}`, status(`/shop/${name}`))
      target.exported.set(`/shop/${name}`, defineApp({ id: `/shop/${name}`, image: 'x:0' }))
    }
    target.revisions.set('/shop/same', { changed: false })
    const group = await apply([app('same'), app('bad')], rollback)
    await settle()
    target.rollout('/shop/same').end('succeeded')
    target.rollout('/shop/bad').end('rolledBack')
    await expect(group.result()).resolves.toMatchObject({ outcome: 'rolledBack' })
    expect(target.changes).toEqual(['apply /shop/same same:1', 'apply /shop/bad bad:1'])
  })

  it('begins nothing new after the failure', async () => {
    const group = await apply([app('a'), app('b')], { ...rollback, concurrency: 1 })
    await settle()
    target.rollout('/shop/a').end('failed', 'no place')
    await group.result()
    expect(target.changes).toEqual(['apply /shop/a a:1', 'remove /shop/a'])
    expect(await steps(group)).toContain(
      '/shop/b skipped: /shop/a failed, and the group is put back',
    )
  })

  it('says what could not be put back', async () => {
    target.remove = () => Promise.reject(new IntermodalError('FORBIDDEN', 'may not remove /shop/a'))
    const group = await apply([app('a')], rollback)
    await settle()
    target.rollout('/shop/a').end('failed', 'no place')
    await expect(group.result()).resolves.toMatchObject({
      outcome: 'failed',
      message:
        '0 of 1 app rolled out on prod; /shop/a failed: no place; not everything could be put back: may not remove /shop/a',
    })
  })
})

describe('who waits for a group', () => {
  it('may give up after a while, and it goes on', async () => {
    const group = await apply(chain)
    const waiting = group.result({ timeout: '5m' })
    const strict = group.done({ timeout: '5m' }).catch((reason: unknown) => reason)
    await clock.advance(300_000)
    await expect(waiting).resolves.toMatchObject({
      outcome: 'timedOut',
      message: 'the 3 apps are not done after 5m; they go on rolling out on prod',
    })
    expect(await strict).toMatchObject({ code: 'TIMEOUT' })
    target.atOnce = true
    target.rollout('/shop/db').end('succeeded')
    await expect(group.result()).resolves.toMatchObject({ outcome: 'succeeded' })
  })

  it('is thrown the reason of an abort, unwrapped, and the group goes on', async () => {
    const group = await apply(chain)
    const leaving = new AbortController()
    const waiting = group.done({ signal: leaving.signal })
    const reason = new Error('Ctrl-C')
    leaving.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    target.atOnce = true
    target.rollout('/shop/db').end('succeeded')
    await expect(group.result()).resolves.toMatchObject({ outcome: 'succeeded' })
  })

  it('sees everything end with the reason when the group itself is aborted, and nothing more is begun', async () => {
    const leaving = new AbortController()
    const group = await apply([...chain, app('other')], { signal: leaving.signal, concurrency: 1 })
    const told = steps(group).catch((reason: unknown) => reason)
    const waiting = group.result().catch((reason: unknown) => reason)
    await settle()
    const reason = new Error('Ctrl-C')
    leaving.abort(reason)
    expect(await waiting).toBe(reason)
    expect(await told).toBe(reason)
    target.rollout('/shop/db').end('succeeded')
    await settle()
    expect(target.changes).toEqual(['apply /shop/db db:1'])
  })
})
