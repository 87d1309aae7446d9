import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { openStream } from './raw-stream.ts'
import { ask, at, type Reply, start } from './setup.ts'
import { running, WEB } from './web.ts'

describe('who is let in', () => {
  const basic = (user: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  })
  const status = async (url: string, headers: Readonly<Record<string, string>>) =>
    (await fetch(`${url}/v2/apps`, { headers })).status

  it('is who knows the password', async () => {
    const { fake, get } = await start({ auth: { basic: { user: 'ops', password: 'secret' } } })
    const refused = await get('/v2/apps')
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toBe('basic realm="Mesosphere"')
    expect(refused.text).toContain('HTTP ERROR 401')
    expect(await status(fake.url, basic('ops', 'wrong'))).toBe(401)
    expect(await status(fake.url, basic('ops', 'secret'))).toBe(200)
  })

  it('is who has the token of DC/OS, until it is another', async () => {
    const { fake, get } = await start({ auth: { token: 'a' } })
    expect((await get('/v2/apps')).json).toEqual({ message: 'Invalid username or password.' })
    expect(await status(fake.url, { authorization: 'Bearer a' })).toBe(401)
    expect(await status(fake.url, { authorization: 'token=a' })).toBe(200)
    fake.auth = { token: 'b' }
    expect(await status(fake.url, { authorization: 'token=a' })).toBe(401)
  })

  it('is not who is forbidden', async () => {
    const { get, send } = await start({ auth: { allow: (method) => method === 'GET' } })
    expect((await get('/v2/apps')).status).toBe(200)
    expect((await send('POST', '/v2/apps', WEB)).status).toBe(403)
  })
})

describe('answers', () => {
  it('are zipped for who takes it, and their length is told', async () => {
    const { fake } = await start()
    const plain = await raw(fake.url, { 'accept-encoding': 'identity' })
    expect(plain.headers['content-length']).toBe(String(plain.body.length))
    expect(plain.headers['cache-control']).toContain('no-store')
    const zipped = await raw(fake.url, { 'accept-encoding': 'gzip' })
    expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
    expect(zipped.body.length).toBeLessThan(plain.body.length)
  })

  it.each<[path: string, accept: string, status: number, body: string]>([
    ['/ping', '*/*', 200, 'pong'],
    ['/ping', 'application/json', 200, '"pong"'],
    ['/ping', 'image/png', 204, ''],
    [
      '/v2/pods/none',
      '*/*',
      404,
      '{"message":"{\\"message\\":\\"Pod \'/none\' does not exist\\"}"}',
    ],
    ['/v2/nothing', '*/*', 500, '{"message":"URI not found"}'],
    ['/v2/apps?label=a%20b', '*/*', 422, ''],
    ['/v2/apps/', '*/*', 200, '{"apps":[]}'],
  ])('to %s for %s are %d', async (path, accept, status, body) => {
    const { fake } = await start()
    const answer = await fetch(fake.url + path, { headers: { accept } })
    expect(answer.status).toBe(status)
    if (body !== '' || status === 204) expect(await answer.text()).toBe(body)
  })

  it('to bodies that are no JSON say so, with details that are text', async () => {
    const { fake } = await start()
    const post = (body: string, type: string) =>
      fetch(`${fake.url}/v2/apps`, { method: 'POST', body, headers: { 'content-type': type } })
    const broken = await post('{"id":', 'application/json')
    expect(broken.status).toBe(400)
    expect(await broken.json()).toMatchObject({
      message: 'Invalid JSON',
      details: expect.any(String),
    })
    expect((await post('id=1', 'application/x-www-form-urlencoded')).status).toBe(415)
    expect((await fetch(`${fake.url}/v2/queue`, { method: 'POST' })).status).toBe(405)
  })
})

describe('the secret store of DC/OS', () => {
  const path = '/secrets/v1/secret/default/shop/password'

  it('keeps, changes and forgets values', async () => {
    const { get, send } = await start({ dcos: true })
    expect((await get(path)).status).toBe(404)
    expect((await send('PATCH', path, { value: 'a' })).status).toBe(404)
    expect((await send('PUT', path, { value: 'a' })).status).toBe(201)
    expect((await send('PUT', path, { value: 'b' })).status).toBe(409)
    expect((await send('PATCH', path, { value: 'b' })).status).toBe(204)
    expect((await get(path)).json).toEqual({ value: 'b' })
    expect((await send('DELETE', path)).status).toBe(204)
    expect((await get(path)).status).toBe(404)
  })

  it('is not there unless it was asked for', async () => {
    const { get } = await start()
    expect((await get(path)).json).toEqual({ message: 'URI not found' })
  })
})

describe('several servers', () => {
  const members = { members: 2 }

  it('pass on what they are asked, and say who leads', async () => {
    const { fake, send } = await start(members)
    const [leader = '', standby = ''] = fake.urls
    await send('POST', '/v2/apps', WEB)
    const answer = await ask(standby, 'GET', '/v2/apps/web')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-marathon-leader')).toBe(leader)
    expect((await ask(leader, 'GET', '/v2/apps')).headers.get('x-marathon-leader')).toBeNull()
    expect((await ask(standby, 'GET', '/v2/leader')).json).toEqual({ leader: leader.slice(7) })
  })

  it('lose a body whose length they are not told', async () => {
    const { fake } = await start(members)
    const chunked = (url: string) =>
      raw(url, { 'content-type': 'application/json' }, JSON.stringify(WEB))
    expect((await chunked(fake.urls[1] ?? '')).status).toBe(400)
    expect((await chunked(fake.urls[0] ?? '')).status).toBe(201)
  })

  it.each([
    ['1.7', 302],
    ['1.6', 200],
  ] as const)('of %s answer a wish for events with %d', async (version, status) => {
    const { fake } = await start({ ...members, version })
    const stream = await openStream(fake.urls[1] ?? '', '?event_type=a')
    expect(stream.status).toBe(status)
    if (status === 302) expect(stream.headers.location).toBe(`${fake.url}/v2/events?event_type=a`)
  })

  it('go on with another leader: streams end, health is forgotten, deployments keep their ids', async () => {
    const server = await start(members)
    const { fake, world, get, send } = server
    const check = { protocol: 'HTTP', intervalSeconds: 30, gracePeriodSeconds: 60 }
    await running(server, { ...WEB, healthChecks: [check] })
    await send('POST', '/v2/apps', { ...WEB, id: '/big', cpus: 64 })
    const before = (await get('/v2/deployments')).json as { id: string }[]
    const stream = await openStream(fake.url)
    fake.changeLeader()
    await stream.until(() => stream.ended)
    expect(at(await get('/v2/leader'), 'leader')).toBe(fake.urls[1]?.slice(7))
    expect(await get('/v2/apps/web').then(healthOf)).toEqual([2, 0, 0])
    expect((await get('/v2/deployments')).json).toMatchObject(before.map(({ id }) => ({ id })))
    await world.advance('31s')
    expect(await get('/v2/apps/web').then(healthOf)).toEqual([2, 2, 0])
  })

  it('are a page of an error while nobody leads', async () => {
    const { fake, get } = await start(members)
    const back = fake.loseLeader()
    const answer = await get('/v2/apps')
    expect(answer.status).toBe(502)
    expect(answer.headers.get('content-type')).toContain('text/html')
    expect(answer.text).toContain('Could not determine the current leader')
    back()
    expect((await get('/v2/apps')).status).toBe(200)
  })

  it('change leader by request', async () => {
    const { fake, get, send } = await start(members)
    expect((await send('DELETE', '/v2/leader')).json).toEqual({ message: 'Leadership abdicated' })
    await new Promise((done) => setImmediate(done))
    expect(at(await get('/v2/leader'), 'leader')).toBe(fake.urls[1]?.slice(7))
  })
})

describe('levers on the wire', () => {
  it('reset connections, before or after the effect', async () => {
    const { fake, get, send } = await start()
    const back = fake.wire.refuse({ method: 'POST' })
    await expect(send('POST', '/v2/apps', WEB)).rejects.toThrow()
    back()
    expect((await get('/v2/apps/web')).status).toBe(404)
    fake.wire.drop({ path: '/v2/apps', times: 1 })
    await expect(send('POST', '/v2/apps', WEB)).rejects.toThrow()
    expect((await get('/v2/apps/web')).status).toBe(200)
  })

  it('hold answers back until they are let go, or so long', async () => {
    const { fake, world, get } = await start()
    const order: string[] = []
    const release = fake.wire.hang({ path: '/v2/apps' })
    const held = get('/v2/apps').then(() => order.push('held'))
    await get('/v2/info')
    order.push('free')
    release()
    await held
    expect(order).toEqual(['free', 'held'])
    fake.wire.delay('5s', { path: '/v2/info' })
    const slow = get('/v2/info').then(() => order.push('slow'))
    while (fake.busy === 0) await get('/ping')
    await world.advance('4s')
    expect(order).not.toContain('slow')
    await world.advance('1s')
    await slow
  })

  it('answer something else, and write what they like into streams', async () => {
    const { fake, get } = await start()
    fake.wire.answer(
      { status: 200, text: '{"apps":[{"id":', type: 'application/json' },
      { path: /^\/v2\/apps/, times: 1 },
    )
    await expect(get('/v2/apps')).rejects.toThrow('JSON')
    expect((await get('/v2/apps')).json).toEqual({ apps: [] })
    const stream = await openStream(fake.url, '?event_type=none')
    fake.wire.writeToStreams('event: half\r\nda')
    await stream.until(() => stream.text().endsWith('da'))
    fake.wire.cutStreams()
    await stream.until(() => stream.ended)
  })
})

function healthOf(answer: Reply): readonly unknown[] {
  return ['Running', 'Healthy', 'Unhealthy'].map((kind) => at(answer, `app.tasks${kind}`))
}

interface Raw {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** As it comes, and with a body in chunks when there is one. */
function raw(url: string, headers: Readonly<Record<string, string>>, body?: string): Promise<Raw> {
  const { promise, resolve, reject } = Promise.withResolvers<Raw>()
  const method = body === undefined ? 'GET' : 'POST'
  const sent = request(`${url}/v2/${body === undefined ? 'info' : 'apps'}`, {
    method,
    headers,
    agent: false,
  })
  sent.on('error', reject)
  sent.on('response', (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () =>
      resolve({
        status: response.statusCode,
        headers: response.headers,
        body: Buffer.concat(chunks),
      }),
    )
  })
  if (body !== undefined) sent.write(body)
  sent.end()
  return promise
}
