import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { type Adapter, type AppId, defineApp, type IntermodalError } from 'intermodal'
import { kubernetes } from 'intermodal/kubernetes'
import { describe, expect, it, onTestFinished } from 'vitest'
import { call } from './calls.ts'
import { type Answer, empty, fakeApi, json, kubeconfigFor, refuse, TOKEN } from './fake-api.ts'

const ID = '/web' as AppId

async function adapterOn(answer: Answer): Promise<Adapter> {
  const api = await fakeApi((asked, response) => answer(asked, response))
  const adapter = kubernetes({ kubeconfig: api.kubeconfig })
  onTestFinished(async () => {
    await adapter[Symbol.asyncDispose]()
    await api[Symbol.asyncDispose]()
  })
  return adapter
}

async function failure(promise: Promise<unknown>): Promise<IntermodalError> {
  return promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: IntermodalError) => error,
  )
}

function refusing(code: number, reason: string, message: string, details?: object): Answer {
  return (_, response) => refuse(response, code, reason, message, details)
}

describe('what the server answers', () => {
  it.each([
    [401, 'Unauthorized', 'Unauthorized', 'UNAUTHENTICATED', /does not take the credentials/],
    [
      403,
      'Forbidden',
      'deployments.apps "web" is forbidden: User "me" cannot get resource',
      'FORBIDDEN',
      /no right to get \w+\.\w+ "web" in the namespace "shop"/,
    ],
    [409, 'Conflict', 'Operation cannot be fulfilled', 'CONFLICT', /changed by someone else/],
    [429, 'TooManyRequests', 'please try again later', 'THROTTLED', /too much to do/],
    [500, 'InternalError', 'etcdserver: request timed out', 'UNAVAILABLE', /storage \(etcd\)/],
    [503, 'ServiceUnavailable', 'apiserver is shutting down', 'UNAVAILABLE', /answered 503/],
    [504, 'Timeout', 'Timeout: request did not complete', 'UNAVAILABLE', /too slow/],
    [410, 'Expired', 'too old resource version', 'UNAVAILABLE', /has forgotten/],
  ])('%s %s is said in the model’s words', async (status, reason, message, code, says) => {
    const adapter = await adapterOn(refusing(status, reason, message))
    const error = await failure(adapter.observe(ID, call()))
    expect(error).toMatchObject({ code, app: ID, remedy: expect.any(String) })
    expect(error.message).toMatch(says)
  })

  it('names the verb, the resource and the namespace of a right that is missing', async () => {
    const adapter = await adapterOn(({ path }, response) =>
      path.endsWith('/pods')
        ? refuse(response, 403, 'Forbidden', 'pods is forbidden')
        : empty({ path } as never),
    )
    const error = await failure(collect(adapter.list({}, call())))
    expect(error.message).toContain('no right to list pods in the namespace "shop"')
    expect(error.remedy).toContain('"list" on "pods"')
  })

  it('keeps how long the server wants to be left alone', async () => {
    const adapter = await adapterOn((_, response) => {
      response.setHeader('Retry-After', '7')
      return refuse(response, 429, 'TooManyRequests', 'busy')
    })
    const error = await failure(adapter.observe(ID, call()))
    expect(error).toMatchObject({ code: 'THROTTLED', retryAfter: 7000, retryable: true })
  })

  it('tells a namespace that is not there from an app that is not there', async () => {
    const adapter = await adapterOn((asked, response) => {
      if (asked.method === 'GET' && asked.path.startsWith('/api/v1/namespaces/shop/'))
        return empty(asked)
      if (asked.method === 'GET' && /\/web$/.test(asked.path))
        return refuse(response, 404, 'NotFound', 'deployments.apps "web" not found')
      if (asked.method === 'GET') return empty(asked)
      return refuse(response, 404, 'NotFound', 'namespaces "shop" not found')
    })
    expect(await adapter.observe(ID, call())).toBeUndefined()
    const app = defineApp({ id: ID, image: 'nginx:1' })
    const error = await failure(adapter.apply(app, call()))
    expect(error).toMatchObject({ code: 'APP_INVALID' })
    expect(error.message).toContain('namespaces "shop" not found')
  })

  it('is not taken for an answer when it is the page of a proxy', async () => {
    const adapter = await adapterOn((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' })
      response.end('<html>please log in</html>')
    })
    const error = await failure(adapter.observe(ID, call()))
    expect(error).toMatchObject({ code: 'PROTOCOL' })
    expect(error.message).not.toContain('log in')
  })

  it.each(['observe', 'read'] as const)(
    'is no object when there is nothing in it, which is no answer to %s',
    async (question) => {
      const adapter = await adapterOn((_, response) => json(response, 200, null))
      const error = await failure(adapter[question](ID, call()))
      expect(error.code).toBe('PROTOCOL')
      expect(error.message).toMatch(/^cannot [\w "/]+: \S/)
    },
  )

  it('is refused when it is longer than what is read', async () => {
    const api = await fakeApi(() => ({ filler: 'x'.repeat(5000) }))
    const adapter = kubernetes({ kubeconfig: api.kubeconfig, maxBytes: 1000 })
    onTestFinished(async () => {
      await adapter[Symbol.asyncDispose]()
      await api[Symbol.asyncDispose]()
    })
    expect(await failure(adapter.observe(ID, call()))).toMatchObject({ code: 'PROTOCOL' })
  })

  it('is incomplete when the connection breaks inside it', async () => {
    const adapter = await adapterOn((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' })
      response.write('{"kind":')
      setImmediate(() => response.destroy())
    })
    const error = await failure(adapter.observe(ID, call()))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    expect(error.message).toContain('broke before')
  })
})

describe('a server that cannot be reached', () => {
  async function reaching(server: string): Promise<IntermodalError> {
    const adapter = kubernetes({ kubeconfig: kubeconfigFor(server) })
    onTestFinished(() => adapter[Symbol.asyncDispose]())
    return failure(adapter.observe(ID, call()))
  }

  it('says that nothing listens', async () => {
    const server = http.createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const error = await reaching(`http://127.0.0.1:${port}`)
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    expect(error.message).toContain('nothing listens there')
  })

  it('says that its name is unknown', async () => {
    const error = await reaching('http://no-such-host.invalid')
    expect(error).toMatchObject({ code: 'UNAVAILABLE' })
    expect(error.message).toMatch(/the name cannot be resolved/)
  })

  it('says that the two do not agree about TLS', async () => {
    const server = http.createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const error = await reaching(`https://127.0.0.1:${port}`)
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(error.message).toContain('certificate')
  })

  it('costs a call no more than its deadline, and rethrows the reason itself', async () => {
    const adapter = await adapterOn(() => undefined)
    const controller = new AbortController()
    const reason = new Error('enough')
    const pending = failure(adapter.observe(ID, call(controller.signal)))
    setImmediate(() => controller.abort(reason))
    expect(await pending).toBe(reason)
  })
})

describe('no error', () => {
  it('holds a token, a header or a body', async () => {
    const adapter = await adapterOn((asked, response) => {
      expect(asked.headers.authorization).toBe(`Bearer ${TOKEN}`)
      return json(response, 418, { secret: TOKEN, message: TOKEN })
    })
    const error = await failure(adapter.observe(ID, call()))
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(TOKEN)
  })
})

async function collect(iterable: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = []
  for await (const item of iterable) items.push(item)
  return items
}
