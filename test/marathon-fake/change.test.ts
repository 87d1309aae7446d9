import { describe, expect, it } from 'vitest'
import { at, start } from './setup.ts'
import { running, WEB } from './web.ts'

describe('updates', () => {
  it('replace whole fields and can unset none, unless they are whole', async () => {
    const server = await start()
    await running(server, { ...WEB, env: { A: '1', B: '2' }, user: 'nobody' })
    await server.send('PATCH', '/v2/apps/web', { env: { C: '3' }, user: null })
    await server.world.settle()
    expect(at(await server.get('/v2/apps/web'), 'app')).toMatchObject({
      env: { C: '3' },
      user: 'nobody',
    })
    await server.send('PUT', '/v2/apps/web?partialUpdate=false', WEB)
    await server.world.settle()
    const app = at(await server.get('/v2/apps/web'), 'app')
    expect([at(app, 'user'), at(app, 'env')]).toEqual([undefined, undefined])
  })

  it('lose two fields that they do not name', async () => {
    const server = await start()
    await running(server, { ...WEB, resourceLimits: { mem: 'unlimited' } })
    await server.send('PATCH', '/v2/apps/web', { instances: 3 })
    expect(at(await server.get('/v2/apps/web'), 'app.resourceLimits')).toBeUndefined()
  })

  it('of an app nobody made are a 404 with PATCH and make it with PUT', async () => {
    const server = await start()
    expect((await server.send('PATCH', '/v2/apps/web', WEB)).status).toBe(404)
    expect((await server.send('PUT', '/v2/apps/web', WEB)).status).toBe(201)
  })

  it('ignore what they do not know', async () => {
    const server = await start()
    const answer = await server.send('POST', '/v2/apps', { ...WEB, instnaces: 5, docker: {} })
    expect([answer.status, at(answer, 'instances')]).toEqual([201, 2])
  })
})

describe('killing', () => {
  it('replaces the task, whose number grows, from 1.8 on', async () => {
    const server = await start()
    await running(server, { ...WEB, instances: 1 })
    const id = async () => String(at(await server.get('/v2/apps/web/tasks'), 'tasks.0.id'))
    const before = await id()
    expect(before).toMatch(/^web\.instance-[0-9a-f-]{36}\._app\.1$/)
    const answer = await server.send('DELETE', `/v2/apps/web/tasks/${before}`)
    expect(at(answer, 'task.id')).toBe(before)
    await server.world.settle()
    expect(await id()).toBe(before.replace(/1$/, '2'))
  })

  it('with scale wants one less, and that one goes', async () => {
    const server = await start()
    await running(server, { ...WEB, instances: 3 })
    const tasks = async () =>
      (at(await server.get('/v2/apps/web/tasks'), 'tasks') as { id: string }[]).map(({ id }) => id)
    const [first = '', ...others] = await tasks()
    const answer = await server.send('POST', '/v2/tasks/delete?scale=true', {
      ids: [first, 'web.none'],
    })
    expect(at(answer, 'deploymentId')).toBeTypeOf('string')
    await server.world.settle()
    expect((await tasks()).sort()).toEqual(others.sort())
    const both = await server.send('POST', '/v2/tasks/delete?scale=true&wipe=true', { ids: others })
    expect([both.status, both.json]).toEqual([
      400,
      { message: 'You cannot use scale and wipe at the same time.' },
    ])
    const none = await server.send('DELETE', '/v2/apps/web/tasks/none')
    expect(none.json).toEqual({ message: "Task 'none' does not exist" })
  })
})
