import { describe, expect, it } from 'vitest'
import { at, start } from './setup.ts'
import { deployments, running, WEB } from './web.ts'

describe('taking back', () => {
  it('a creation deletes the app', async () => {
    const server = await start()
    const { headers } = await server.send('POST', '/v2/apps', WEB)
    const id = headers.get('marathon-deployment-id')
    const answer = await server.send('DELETE', `/v2/deployments/${id}`)
    expect(answer.status).toBe(200)
    expect(at(answer, 'deploymentId')).not.toBe(id)
    await server.world.settle()
    expect((await server.get('/v2/apps/web')).status).toBe(404)
  })

  it('an update brings the definition before, as a new version', async () => {
    const server = await start()
    await running(server)
    const before = at(await server.get('/v2/apps/web'), 'app.version')
    const { headers } = await server.send('PUT', '/v2/apps/web', { cmd: 'sleep 2000' })
    await server.send('DELETE', `/v2/deployments/${headers.get('marathon-deployment-id')}`)
    await server.world.settle()
    const after = await server.get('/v2/apps/web')
    expect(at(after, 'app.cmd')).toBe('sleep 1000')
    expect(at(after, 'app.version')).not.toBe(before)
    expect(at(after, 'app.tasksRunning')).toBe(2)
  })

  it('by force only stops, with old and new side by side and the new one wanted', async () => {
    const server = await start()
    await running(server, {
      ...WEB,
      instances: 4,
      upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 },
    })
    server.world.app('/web').crashLoop({ after: '0s' })
    const { headers } = await server.send('PUT', '/v2/apps/web', { cmd: 'sleep 2000' })
    await server.world.advance('3s')
    const answer = await server.send(
      'DELETE',
      `/v2/deployments/${headers.get('marathon-deployment-id')}?force=true`,
    )
    expect([answer.status, answer.text]).toEqual([202, ''])
    await server.world.advance('1m')
    const after = await server.get('/v2/apps/web')
    expect(at(after, 'app.cmd')).toBe('sleep 2000')
    expect(at(after, 'app.tasksRunning')).toBe(2)
    expect((await server.send('DELETE', '/v2/deployments/none')).json).toEqual({
      message: 'DeploymentPlan none does not exist',
    })
  })

  it('is possible to every stored version, by its name alone', async () => {
    const server = await start()
    await running(server)
    const version = at(await server.get('/v2/apps/web'), 'app.version')
    await server.send('PUT', '/v2/apps/web', { cmd: 'sleep 2000' })
    await server.world.settle()
    const mixed = await server.send('PUT', '/v2/apps/web', { version, cmd: 'sleep 3000' })
    expect([mixed.status, at(mixed, 'details.0.errors.0')]).toEqual([
      422,
      "The 'version' field may only be combined with the 'id' field.",
    ])
    expect((await server.send('PUT', '/v2/apps/web', { version })).status).toBe(200)
    await server.world.settle()
    expect(at(await server.get('/v2/apps/web'), 'app.cmd')).toBe('sleep 1000')
    expect(at(await server.get('/v2/apps/web/versions'), 'versions')).toHaveLength(3)
  })
})

describe('versions', () => {
  it('move with what changed', async () => {
    const server = await start()
    await running(server)
    const info = async () =>
      at(await server.get('/v2/apps/web'), 'app') as {
        version: string
        versionInfo: { lastScalingAt: string; lastConfigChangeAt: string }
      }
    const made = await info()
    await server.send('PUT', '/v2/apps/web', { instances: 3 })
    await server.world.settle()
    const scaled = await info()
    expect(scaled.versionInfo).toEqual({
      lastScalingAt: scaled.version,
      lastConfigChangeAt: made.version,
    })
    await server.send('POST', '/v2/apps/web/restart')
    await server.world.settle()
    const restarted = await info()
    expect(restarted.versionInfo).toEqual({
      lastScalingAt: scaled.version,
      lastConfigChangeAt: restarted.version,
    })
    const nothing = await server.send('PUT', '/v2/apps/web', { cmd: 'sleep 1000' })
    expect(at(nothing, 'deploymentId')).toBeTypeOf('string')
    expect(await deployments(server)).toEqual([])
    expect((await info()).version).toBe(restarted.version)
  })

  it('stay with the tasks: a scale keeps those that run', async () => {
    const server = await start()
    await running(server)
    const tasks = async () =>
      at(await server.get('/v2/apps/web'), 'app.tasks') as { id: string; version: string }[]
    const before = await tasks()
    await server.send('PUT', '/v2/apps/web', { instances: 3 })
    await server.world.settle()
    const after = await tasks()
    expect(after).toHaveLength(3)
    expect(after.slice(0, 2)).toMatchObject(before.map(({ id, version }) => ({ id, version })))
    expect((after[2]?.version ?? '') > (before[0]?.version ?? '')).toBe(true)
  })

  it('are gone with their app', async () => {
    const server = await start()
    await running(server)
    await server.send('DELETE', '/v2/apps/web')
    await server.world.settle()
    expect((await server.get('/v2/apps/web/versions')).json).toEqual({
      message: "App '/web' does not exist",
    })
  })
})
