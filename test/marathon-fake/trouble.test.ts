import { describe, expect, it } from 'vitest'
import { at, start } from './setup.ts'
import { deployments, running, WEB } from './web.ts'

describe('trouble', () => {
  it('of a crashing app shows as its last failure and a growing delay, and the deployment stays', async () => {
    const server = await start()
    server.world.app('/web').crashLoop({ after: '0s', exitCode: 3 })
    await server.send('POST', '/v2/apps', { ...WEB, backoffSeconds: 5, backoffFactor: 2 })
    await server.world.advance('4s')
    const delay = async () =>
      at(await server.get('/v2/queue'), 'queue.0.delay') as { timeLeftSeconds: number }
    const first = await delay()
    expect(first).toMatchObject({ overdue: false })
    await server.world.advance('8s')
    expect((await delay()).timeLeftSeconds).toBeGreaterThan(first.timeLeftSeconds)
    expect((await server.get('/v2/apps/web')).json).toMatchObject({
      app: { lastTaskFailure: { state: 'TASK_FAILED', message: 'Container exited with status 3' } },
    })
    await server.world.advance('1h')
    expect(await deployments(server)).toHaveLength(1)
  })

  it('of a delay is over when it is reset', async () => {
    const server = await start()
    server.world.app('/web').crashLoop({ after: '0s', times: 1 })
    await server.send('POST', '/v2/apps', { ...WEB, instances: 1, backoffSeconds: 1000 })
    await server.world.advance('10s')
    expect(at(await server.get('/v2/queue'), 'queue.0.delay.overdue')).toBe(false)
    expect((await server.send('DELETE', '/v2/queue/web/delay')).status).toBe(204)
    await server.world.settle()
    expect((await server.get('/v2/apps/web')).json).toMatchObject({ app: { tasksRunning: 1 } })
    const gone = await server.send('DELETE', '/v2/queue/web/delay')
    expect([gone.status, at(gone, 'message')]).toEqual([
      404,
      'Application /web not found in tasks queue.',
    ])
  })

  it('of an image nobody has is a task that fails, again and again', async () => {
    const server = await start()
    server.world.images.missing('shop/web:2')
    const container = { type: 'DOCKER', docker: { image: 'shop/web:2' } }
    await server.send('POST', '/v2/apps', { ...WEB, cmd: undefined, container })
    await server.world.advance('5s')
    expect(at(await server.get('/v2/apps/web'), 'app.lastTaskFailure.message')).toContain(
      "pull shop/web:2': exited with status 1",
    )
    expect(at(await server.get('/v2/queue'), 'queue.0.delay.overdue')).toBe(false)
  })

  it.each<[what: string, app: object, reason: string]>([
    ['cpus', { cpus: 64 }, 'InsufficientCpus'],
    ['memory', { mem: 1_000_000 }, 'InsufficientMemory'],
    ['constraints', { constraints: [['rack', 'LIKE', 'r1']] }, 'UnfulfilledConstraint'],
    [
      'ports',
      { requirePorts: true, portDefinitions: [{ port: 80 }], instances: 4 },
      'InsufficientPorts',
    ],
  ])('of %s that nobody offers shows in the funnel of offers', async (_, fields, reason) => {
    const server = await start()
    await server.send('POST', '/v2/apps', { ...WEB, ...fields })
    await server.world.advance('30s')
    const [item] = at(await server.get('/v2/queue'), 'queue') as {
      delay: { overdue: boolean }
      processedOffersSummary: { rejectSummaryLastOffers: { reason: string; declined: number }[] }
    }[]
    expect(item?.delay.overdue).toBe(true)
    const declined = item?.processedOffersSummary.rejectSummaryLastOffers.filter(
      (one) => one.declined > 0,
    )
    expect(declined).toMatchObject([{ reason, declined: 3 }])
    expect(await deployments(server)).toHaveLength(1)
  })

  it('of an unhealthy instance gets it killed and replaced', async () => {
    const server = await start()
    const check = {
      protocol: 'HTTP',
      intervalSeconds: 1,
      maxConsecutiveFailures: 2,
      gracePeriodSeconds: 0,
    }
    await running(server, { ...WEB, healthChecks: [check] })
    const [sick] = server.world.instances('/web')
    server.world.app('/web').unhealthy({ on: { instance: sick?.id ?? '' } })
    await server.world.advance('1500ms')
    expect((await server.get('/v2/apps/web')).json).toMatchObject({ app: { tasksUnhealthy: 1 } })
    await server.world.advance('30s')
    const after = (await server.get('/v2/apps/web')).json
    expect(after).toMatchObject({ app: { tasksRunning: 2, tasksHealthy: 2 } })
    expect(at(after, 'app.lastTaskFailure')).toBeUndefined()
  })
})
