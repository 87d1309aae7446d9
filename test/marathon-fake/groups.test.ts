import { describe, expect, it } from 'vitest'
import { at, start } from './setup.ts'
import { running, WEB } from './web.ts'

describe('groups', () => {
  const SHOP = {
    id: '/shop',
    groups: [{ id: 'back', apps: [{ ...WEB, id: 'db' }] }],
    apps: [{ ...WEB, id: 'web' }],
  }

  it('are made, shown, scaled, taken back and removed whole', async () => {
    const server = await start()
    expect((await server.send('POST', '/v2/groups', SHOP)).status).toBe(201)
    await server.world.settle()
    const version = at(await server.get('/v2/groups/shop'), 'version')
    expect((await server.get('/v2/groups/shop')).json).toMatchObject({
      id: '/shop',
      apps: [{ id: '/shop/web' }],
      groups: [{ id: '/shop/back', apps: [{ id: '/shop/back/db' }] }],
    })
    expect((await server.send('POST', '/v2/groups', SHOP)).json).toEqual({
      message: 'Group /shop is already created. Use PUT to change this group.',
    })
    await server.send('PUT', '/v2/groups/shop', { scaleBy: 2 })
    await server.world.settle()
    expect(at(await server.get('/v2/apps/shop/back/db'), 'app.instances')).toBe(4)
    await server.send('PUT', '/v2/groups/shop', { version })
    await server.world.settle()
    expect(at(await server.get('/v2/apps/shop/web'), 'app.instances')).toBe(2)
    expect((await server.send('DELETE', '/v2/groups/shop')).status).toBe(200)
    await server.world.settle()
    expect((await server.get('/v2/groups/shop')).json).toEqual({
      message: "Group '/shop' does not exist",
    })
  })

  it('can be tried without doing it', async () => {
    const server = await start()
    const answer = await server.send('PUT', '/v2/groups/shop?dryRun=true', SHOP)
    expect(at(answer, 'steps')).toMatchObject([
      { actions: [{ action: 'StartApplication' }, {}] },
      { actions: [{}, {}] },
    ])
    expect((await server.get('/v2/groups/shop')).status).toBe(404)
  })

  it('tell where in them something is wrong', async () => {
    const server = await start()
    const answer = await server.send('POST', '/v2/groups', {
      id: '/x',
      apps: [WEB, { id: 'a', cmd: 5 }],
    })
    expect(answer.json).toEqual({
      message: 'Invalid JSON',
      details: [{ path: '/apps(1)/cmd', errors: ['error.expected.jsstring'] }],
    })
  })

  it('share no path with an app', async () => {
    const server = await start()
    await running(server)
    const answer = await server.send('POST', '/v2/apps', { ...WEB, id: '/web/inner' })
    expect([answer.status, at(answer, 'details.0.errors.0')]).toEqual([
      422,
      'Groups and Applications may not have the same identifier.',
    ])
  })
})
