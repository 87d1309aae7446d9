import { gzipSync } from 'node:zlib'
import { IntermodalError } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { type Answerer, adapterFor, call, json, marathonLike, serve } from './server.ts'

const SECRET = 'hunter2'

async function failing(answer: Answerer, options = {}) {
  await using server = await serve(answer)
  await using adapter = adapterFor(server.url, options)
  const error: unknown = await adapter
    .observe('/shop/web', call())
    .catch((thrown: unknown) => thrown)
  if (!IntermodalError.is(error)) throw new Error(`no error of ours: ${error}`)
  return error
}

const answering =
  (status: number, body: string, headers = {}): Answerer =>
  (_, response) => {
    response.writeHead(status, headers)
    response.end(body)
  }

describe('a failed call', () => {
  it.each([
    [
      'an unknown route, which is 500',
      500,
      '{"message":"URI not found"}',
      'UNSUPPORTED',
      'does not know the call',
    ],
    [
      'a page of a proxy without a leader',
      502,
      '<html><h1>Could not determine the current leader</h1></html>',
      'UNAVAILABLE',
      'leader',
    ],
    ['an empty 503', 503, '', 'UNAVAILABLE', 'overloaded'],
    ['a page from too many requests', 503, '<html>Error 503</html>', 'UNAVAILABLE', 'overloaded'],
    [
      'wrong credentials',
      401,
      '{"message":"Invalid username or password."}',
      'UNAUTHENTICATED',
      'does not know us',
    ],
    ['a page that asks for credentials', 401, '<html>', 'UNAUTHENTICATED', 'does not know us'],
    [
      'missing rights',
      403,
      '{"message":"Not Authorized to perform this action!"}',
      'FORBIDDEN',
      'Not Authorized',
    ],
    [
      'no JSON',
      400,
      '{"message":"Invalid JSON","details":"Unexpected character"}',
      'APP_INVALID',
      'Unexpected character',
    ],
    [
      'a field that is wrong',
      422,
      '{"message":"Object is not valid","details":[{"path":"/cpus","errors":["got 0"]}]}',
      'APP_INVALID',
      '/cpus: got 0',
    ],
    [
      'the words from before 0.15',
      422,
      '{"errors":[{"attribute":"mem","error":"too low"}]}',
      'APP_INVALID',
      'mem: too low',
    ],
    ['a failure within', 500, '{"message":null}', 'UNAVAILABLE', 'answered 500'],
    [
      'a page that is not there, which says nothing of an app',
      404,
      '<html>nginx</html>',
      'PROTOCOL',
      'no Marathon answers there',
    ],
    ['an answer of another service', 200, '<html>hello</html>', 'PROTOCOL', 'no JSON'],
    ['an answer that is cut in the middle of its JSON', 200, '{"app":', 'PROTOCOL', 'no JSON'],
  ])('is told in our words: %s', async (_, status, body, code, message) => {
    const error = await failing(answering(status, body))
    expect(error.code).toBe(code)
    expect(error.message).toContain(message)
    expect(error.message).not.toContain('<')
    expect(error.remedy).toBeTruthy()
  })

  it('names the deployments that lock an app, and tells a lock from a conflict', async () => {
    const locked = await failing(
      answering(409, '{"message":"App is locked","deployments":[{"id":"5ed4c0c5"}]}'),
    )
    expect([locked.code, locked.retryable]).toEqual(['LOCKED', true])
    expect(locked.message).toContain('5ed4c0c5')
    const conflict = await failing(
      answering(409, '{"message":"An app with id [/x] already exists."}'),
    )
    expect(conflict.code).toBe('CONFLICT')
  })

  it('reads the error that pods answer as text within text', async () => {
    const nested = JSON.stringify({ message: JSON.stringify({ message: 'Pod is odd' }) })
    expect((await failing(answering(422, nested))).message).toContain('Pod is odd')
  })

  it('never tells credentials, also not in what it keeps as the cause', async () => {
    const basic = { username: 'me', password: SECRET }
    const error = await failing(answering(401, ''), { basic })
    expect(JSON.stringify([error, error.cause, error.message])).not.toContain(SECRET)
  })

  it('is a broken connection when the answer ends too early', async () => {
    const error = await failing((_, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"app":')
      setImmediate(() => response.destroy())
    })
    expect([error.code, error.retryable]).toEqual(['UNAVAILABLE', true])
  })

  it('is a broken connection when the page of a 404 ends too early, for only that says what is absent', async () => {
    const error = await failing((_, response) => {
      response.writeHead(404, { 'content-length': '1000' })
      response.write('{"message":"App')
      setImmediate(() => response.destroy())
    })
    expect([error.code, error.retryable]).toEqual(['UNAVAILABLE', true])
  })

  it('refuses an answer that is larger than it will read', async () => {
    const error = await failing(
      (_, response) => {
        response.writeHead(200)
        response.end(`{"app":{"id":"${'x'.repeat(200_000)}"}}`)
      },
      { maxAnswer: 100_000 },
    )
    expect([error.code, error.message]).toEqual(['PROTOCOL', expect.stringContaining('too large')])
  })

  it('is the reason of the abort when it was aborted', async () => {
    await using server = await serve(() => {})
    await using adapter = adapterFor(server.url)
    const waiting = call()
    const observing = adapter.observe('/shop/web', waiting)
    const reason = new Error('enough')
    waiting.abort(reason)
    await expect(observing).rejects.toBe(reason)
  })
})

describe('a call', () => {
  it('is refused to a Marathon that is too old for all that is asked of it', async () => {
    const info = { 'GET /v2/info': { name: 'marathon', version: '0.15.3' } }
    await using server = await serve(marathonLike(info))
    await using adapter = adapterFor(server.url)
    await expect(adapter.observe('/shop/web', call())).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('Marathon 0.15.3'),
    })
  })

  const web = { id: '/shop/web', instances: 0, version: '2026-01-01T00:00:00.000Z', tasks: [] }

  it('takes answers in gzip, and asks for them', async () => {
    await using server = await serve(
      marathonLike({
        'GET /v2/apps/shop/web': (_: unknown, response: Parameters<Answerer>[1]) => {
          response.writeHead(200, { 'content-encoding': 'gzip' })
          response.end(gzipSync(JSON.stringify({ app: web })))
        },
      }),
    )
    await using adapter = adapterFor(server.url)
    expect((await adapter.observe('/shop/web', call()))?.state).toBe('suspended')
    expect(server.seen[0]?.headers['accept-encoding']).toBe('gzip')
  })

  it('goes to another Marathon when one cannot be reached, and stays there', async () => {
    await using server = await serve(marathonLike({ 'GET /v2/apps/shop/web': { app: web } }))
    const gone = await serve(() => {})
    await gone.close()
    await using adapter = adapterFor([gone.url, server.url])
    expect(await adapter.observe('/shop/web', call())).toBeDefined()
    expect(await adapter.observe('/shop/web', call())).toBeDefined()
  })

  it('follows the leader’s address with its credentials, and no further than the same call', async () => {
    await using leader = await serve(marathonLike({ 'GET /v2/apps/shop/web': { app: web } }))
    await using standby = await serve((seen, response) => {
      response.writeHead(302, { location: `${leader.url}${seen.url}` })
      response.end()
    })
    await using adapter = adapterFor(standby.url, { token: 'abc' })
    expect(await adapter.observe('/shop/web', call())).toBeDefined()
    expect(leader.seen[0]?.headers.authorization).toBe('token=abc')
    await using lost = await serve((_, response) => {
      response.writeHead(302, { location: `${leader.url}/elsewhere` })
      response.end()
    })
    await using other = adapterFor(lost.url, { token: 'abc' })
    await expect(other.observe('/shop/web', call())).rejects.toMatchObject({ code: 'PROTOCOL' })
    expect(leader.seen.some(({ url }) => url.includes('elsewhere'))).toBe(false)
  })

  it('asks for another token once, when the one it had is no longer accepted', async () => {
    const tokens = ['old', 'new']
    await using server = await serve((seen, response) => {
      if (seen.headers.authorization !== 'token=new') json(response, 401, {})
      else marathonLike({ 'GET /v2/apps/shop/web': { app: web } })(seen, response)
    })
    await using adapter = adapterFor(server.url, {
      token: () => (tokens.length > 1 ? (tokens.shift() ?? '') : 'new'),
    })
    expect(await adapter.observe('/shop/web', call())).toBeDefined()
  })

  it('finds its Marathon below a path', async () => {
    await using server = await serve((seen, response) =>
      marathonLike({ 'GET /v2/apps/shop/web': { app: web } })(
        { ...seen, url: seen.url.replace('/service/marathon', '') },
        response,
      ),
    )
    await using adapter = adapterFor(`${server.url}/service/marathon/`)
    expect(await adapter.observe('/shop/web', call())).toBeDefined()
    expect(server.seen.every(({ url }) => url.startsWith('/service/marathon/v2/'))).toBe(true)
  })

  it.each([
    ['ftp://host', 'unknown kind'],
    ['http://me:hunter2@host', 'carries credentials'],
    ['nothing', 'no address'],
  ])('is not made to an address like %s', (url, message) => {
    expect(() => adapterFor(url)).toThrow(message)
    expect(() => adapterFor(url)).not.toThrow(SECRET)
  })
})
