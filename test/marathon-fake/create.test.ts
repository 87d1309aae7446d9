import { describe, expect, it } from 'vitest'
import { at, start } from './setup.ts'
import { deployments, running, WEB } from './web.ts'

describe('creating', () => {
  it('answers at once, and is done when all instances run', async () => {
    const server = await start()
    const answer = await server.send('POST', '/v2/apps', WEB)
    expect(answer.status).toBe(201)
    expect(answer.headers.get('location')).toBe('/web')
    expect(at(answer, 'versionInfo')).toBeUndefined()
    expect(at(answer, 'deployments.0.id')).toBe(answer.headers.get('marathon-deployment-id'))
    expect(await deployments(server)).toMatchObject([{ currentStep: 2, totalSteps: 2 }])
    await server.world.settle()
    expect(await deployments(server)).toEqual([])
    expect((await server.get('/v2/apps/web')).json).toMatchObject({
      app: { tasksRunning: 2, deployments: [], versionInfo: {} },
    })
  })

  it('waits for checks to pass', async () => {
    const server = await start()
    const check = { protocol: 'HTTP', path: '/', intervalSeconds: 2, gracePeriodSeconds: 60 }
    server.world.app('/web').takes({ warmUp: '10s' })
    await server.send('POST', '/v2/apps', { ...WEB, healthChecks: [check] })
    await server.world.advance('8s')
    expect(await deployments(server)).toHaveLength(1)
    expect((await server.get('/v2/apps/web')).json).toMatchObject({
      app: { tasksRunning: 2, tasksHealthy: 0, tasksUnhealthy: 0 },
    })
    await server.world.advance('10s')
    expect(await deployments(server)).toEqual([])
    expect((await server.get('/v2/apps/web')).json).toMatchObject({ app: { tasksHealthy: 2 } })
  })

  it('refuses an id that is taken, without a word of deployments', async () => {
    const server = await start()
    await running(server)
    const answer = await server.send('POST', '/v2/apps', WEB)
    expect(answer.status).toBe(409)
    expect(answer.json).toEqual({ message: 'An app with id [/web] already exists.' })
  })

  it('gives out service ports, and the same ones again for zero', async () => {
    const server = await start()
    await running(server, { ...WEB, portDefinitions: [{ port: 0 }, { port: 0, name: 'b' }] })
    const ports = () =>
      server.get('/v2/apps/web').then((answer) => at(answer, 'app.portDefinitions'))
    const given = await ports()
    expect(given).toMatchObject([{ port: 10_000 }, { port: 10_001 }])
    await server.send('PUT', '/v2/apps/web?force=true', {
      portDefinitions: [{ port: 0 }, { port: 0, name: 'b' }],
    })
    expect(await ports()).toEqual(given)
  })

  it('orders the steps by dependencies', async () => {
    const server = await start()
    const apps = [
      { ...WEB, id: 'web', dependencies: ['api'] },
      { ...WEB, id: 'api', dependencies: ['/shop/db'] },
      { ...WEB, id: 'db' },
    ]
    await server.send('POST', '/v2/groups', { id: '/shop', apps })
    const [deployment] = (await server.get('/v2/deployments')).json as {
      steps: { actions: { app: string }[] }[]
    }[]
    const order = deployment?.steps.map(({ actions }) => actions.map(({ app }) => app))
    expect(order?.slice(1)).toEqual([['/shop/db'], ['/shop/api'], ['/shop/web']])
    const circle = await server.send('POST', '/v2/apps', { ...WEB, id: '/x', dependencies: ['/y'] })
    expect(circle.status).toBe(201)
    const closed = await server.send('POST', '/v2/apps', { ...WEB, id: '/y', dependencies: ['/x'] })
    expect([closed.status, at(closed, 'details.0.errors.0')]).toEqual([
      422,
      'Dependency graph has cyclic dependencies.',
    ])
  })
})

describe('a locked app', () => {
  it('refuses a second write with the ids of what holds it', async () => {
    const server = await start()
    const first = await server.send('POST', '/v2/apps', WEB)
    const id = first.headers.get('marathon-deployment-id')
    const second = await server.send('PUT', '/v2/apps/web', { instances: 3 })
    expect(second.status).toBe(409)
    expect(at(second, 'deployments')).toEqual([{ id }])
  })

  it('gives way to force, and cancels what held it', async () => {
    const server = await start()
    const first = await server.send('POST', '/v2/apps', WEB)
    const second = await server.send('PUT', '/v2/apps/web?force=true', { instances: 3 })
    expect(second.status).toBe(200)
    const ids = (await deployments(server)).map(({ id }) => id)
    expect(ids).toEqual([second.headers.get('marathon-deployment-id')])
    expect(ids).not.toContain(first.headers.get('marathon-deployment-id'))
    await server.world.settle()
    expect((await server.get('/v2/apps/web')).json).toMatchObject({ app: { tasksRunning: 3 } })
  })

  it('may be deleted without asking for force, unless told not to', async () => {
    const server = await start()
    await server.send('POST', '/v2/apps', WEB)
    expect((await server.send('DELETE', '/v2/apps/web?force=false')).status).toBe(409)
    expect((await server.send('DELETE', '/v2/apps/web')).status).toBe(200)
  })

  it('does not hold others', async () => {
    const server = await start()
    await server.send('POST', '/v2/apps', WEB)
    expect((await server.send('POST', '/v2/apps', { ...WEB, id: '/other' })).status).toBe(201)
    expect(await deployments(server)).toHaveLength(2)
  })

  it('is one of at most so many deployments', async () => {
    const server = await start({ maxDeployments: 1 })
    await server.send('POST', '/v2/apps', WEB)
    const second = await server.send('POST', '/v2/apps', { ...WEB, id: '/other' })
    expect(second.status).toBe(403)
    expect(at(second, 'message')).toContain('Max number (1) of running deployments is achieved')
  })
})
