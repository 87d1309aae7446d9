import { rm, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { Transport } from '../../adapters/swarm/transport.ts'
import { TransportError } from '../../adapters/swarm/transport-error.ts'
import { type FakeEngine, fakeEngine, json } from './fake-engine.ts'

const never = () => new AbortController().signal

function transportTo(engine: { readonly socketPath: string }, options: { maxBytes?: number } = {}) {
  return new Transport({
    endpoint: { at: 'unix://fake', socketPath: engine.socketPath },
    ...options,
  })
}

function dial(transport: Transport, options: Record<string, unknown> = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    transport.dial(
      { path: '/services?', method: 'GET', abortSignal: never(), ...options },
      (error, result) => (error ? reject(error) : resolve(result)),
    )
  })
}

async function kindOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof TransportError ? error.kind : `${error}`
}

/** Half an answer, then whatever the test does. */
function half(response: import('node:http').ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '100' })
  response.write('[{"ID":')
}

describe('the transport settles a call', () => {
  it('with the JSON of the answer', async () => {
    await using engine = await fakeEngine((_, response) => json(response, 200, [{ ID: 'a' }]))
    expect(await dial(transportTo(engine))).toEqual([{ ID: 'a' }])
  })

  it('with nothing when the answer has no body', async () => {
    await using engine = await fakeEngine((_, response) => response.writeHead(204).end())
    expect(await dial(transportTo(engine))).toBeUndefined()
  })

  it('with text, not with a guess, when the answer is not called JSON', async () => {
    await using engine = await fakeEngine((_, response) => response.end('{"looks":"like"}'))
    expect(await dial(transportTo(engine))).toBe('{"looks":"like"}')
  })

  it('when nothing listens at the address', async () => {
    const gone = await fakeEngine(() => {})
    await gone[Symbol.asyncDispose]()
    expect(await kindOf(dial(transportTo(gone)))).toBe('unreachable')
  })

  it('when the address is a file', async () => {
    const gone = await fakeEngine(() => {})
    await gone[Symbol.asyncDispose]()
    const socketPath = `${import.meta.dirname}/not-a-socket.tmp`
    await writeFile(socketPath, '')
    expect(await kindOf(dial(transportTo({ socketPath })))).toBe('unreachable')
    await rm(socketPath)
  })

  it('when its signal aborts before an answer', async () => {
    await using engine = await fakeEngine(() => {})
    const stop = new AbortController()
    const call = dial(transportTo(engine), { abortSignal: stop.signal })
    await engine.received(1)
    const reason = new Error('enough')
    stop.abort(reason)
    await expect(call).rejects.toBe(reason)
  })

  it('when its signal aborts inside the answer', async () => {
    let begun = () => {}
    const halfway = new Promise<void>((resolve) => {
      begun = resolve
    })
    await using engine = await fakeEngine((_, response) => {
      half(response)
      begun()
    })
    const stop = new AbortController()
    const call = dial(transportTo(engine), { abortSignal: stop.signal })
    await halfway
    const reason = new Error('enough')
    stop.abort(reason)
    await expect(call).rejects.toBe(reason)
  })

  it('when its signal has aborted before it begins, without a connection', async () => {
    await using engine = await fakeEngine((_, response) => json(response, 200, []))
    const reason = new Error('enough')
    const call = dial(transportTo(engine), { abortSignal: AbortSignal.abort(reason) })
    await expect(call).rejects.toBe(reason)
    expect(engine.requests).toEqual([])
  })

  it('when the connection breaks before the answer', async () => {
    await using engine = await fakeEngine((request) => request.socket.destroy())
    expect(await kindOf(dial(transportTo(engine)))).toBe('truncated')
  })

  it('when the connection breaks inside the answer', async () => {
    await using engine = await fakeEngine((request, response) => {
      half(response)
      setImmediate(() => request.socket.destroy())
    })
    expect(await kindOf(dial(transportTo(engine)))).toBe('truncated')
  })

  it('when a chunked answer has no end', async () => {
    await using engine = await fakeEngine((request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' })
      response.write('[]')
      setImmediate(() => request.socket.end())
    })
    expect(await kindOf(dial(transportTo(engine)))).toBe('truncated')
  })

  it('when the answer is no HTTP', async () => {
    await using engine = await fakeEngine((request) => request.socket.end('SSH-2.0-OpenSSH\r\n'))
    expect(await kindOf(dial(transportTo(engine)))).toBe('garbled')
  })

  it('when the JSON is broken, without quoting it', async () => {
    await using engine = await fakeEngine((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' })
      response.end('{"password":"hunter2"')
    })
    const call = dial(transportTo(engine))
    await expect(call).rejects.toMatchObject({ kind: 'garbled' })
    await expect(call).rejects.not.toThrow(/hunter2/)
  })

  it('when the answer is larger than it reads', async () => {
    await using engine = await fakeEngine((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify('x'.repeat(5000)))
    })
    expect(await kindOf(dial(transportTo(engine, { maxBytes: 4096 })))).toBe('too-large')
  })

  it("with the engine's sentence when the status is an error", async () => {
    await using engine = await fakeEngine((_, response) =>
      json(response, 500, { message: 'rpc error: code = Unknown desc = update out of sequence' }),
    )
    await expect(dial(transportTo(engine))).rejects.toMatchObject({
      kind: 'http',
      status: 500,
      text: 'rpc error: code = Unknown desc = update out of sequence',
    })
  })

  it('without the page of a proxy when the status is an error', async () => {
    await using engine = await fakeEngine((_, response) => {
      response.writeHead(502, { 'Content-Type': 'text/html' })
      response.end('<html>internal secrets</html>')
    })
    await expect(dial(transportTo(engine))).rejects.toMatchObject({ status: 502, text: undefined })
  })

  it('when an error answer breaks off', async () => {
    await using engine = await fakeEngine((request, response) => {
      response.writeHead(500, { 'Content-Type': 'application/json', 'Content-Length': '100' })
      response.write('{"mess')
      setImmediate(() => request.socket.destroy())
    })
    expect(await kindOf(dial(transportTo(engine)))).toBe('truncated')
  })
})

describe('the transport leaks nothing', () => {
  it('refuses a POST whose body would become part of the URL', async () => {
    await using engine = await fakeEngine((_, response) => json(response, 201, {}))
    const call = dial(transportTo(engine), {
      path: '/secrets/create?',
      method: 'POST',
      options: { Name: 'a', Data: 'aHVudGVyMg==' },
    })
    await expect(call).rejects.toThrow('would put its body into the URL')
    expect(engine.requests).toEqual([])
  })

  it('sends a body as a body and a query as a query', async () => {
    await using engine = await fakeEngine((_, response) => json(response, 200, {}))
    await dial(transportTo(engine), {
      path: '/services/abc/update?',
      method: 'POST',
      options: { _query: { version: 7 }, _body: { Name: 'web' }, abortSignal: never() },
    })
    expect(engine.requests).toMatchObject([
      { line: 'POST /v1.41/services/abc/update?version=7', body: '{"Name":"web"}' },
    ])
  })

  it('sends registry credentials in their header only', async () => {
    await using engine = await fakeEngine((_, response) => json(response, 201, { ID: 'x' }))
    await dial(transportTo(engine), {
      path: '/services/create',
      method: 'POST',
      options: { Name: 'web' },
      authconfig: { username: 'u', password: 'p?>' },
    })
    const [request] = engine.requests
    const header = String(request?.headers['x-registry-auth'])
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      username: 'u',
      password: 'p?>',
    })
    expect(header).not.toMatch(/[+/]/)
    expect(request?.body).toBe('{"Name":"web"}')
  })

  it('refuses a call without a signal, which could wait for ever', async () => {
    await using engine = await fakeEngine((_, response) => json(response, 200, []))
    await expect(dial(transportTo(engine), { abortSignal: undefined })).rejects.toThrow(TypeError)
  })
})

describe('the transport negotiates the version', () => {
  const versionUsed = async (apiVersion: string) => {
    await using engine = await fakeEngine((_, response) => json(response, 200, []), { apiVersion })
    await dial(transportTo(engine))
    return engine.requests[0]?.line
  }

  it('takes the one of an older engine', async () => {
    expect(await versionUsed('1.43')).toBe('GET /v1.43/services')
  })

  it('takes the newest it knows with a newer engine', async () => {
    expect(await versionUsed('1.55')).toBe('GET /v1.51/services')
  })

  it('refuses an engine that is too old', async () => {
    await using engine = await fakeEngine(() => {}, { apiVersion: '1.38' })
    await expect(dial(transportTo(engine))).rejects.toMatchObject({
      kind: 'too-old',
      detail: '1.38',
    })
  })

  it('refuses what answers pings without being an engine', async () => {
    await using engine = await fakeEngine(() => {}, { apiVersion: undefined })
    expect(await kindOf(dial(transportTo(engine)))).toBe('garbled')
  })

  it('asks again when the engine was replaced by another version', async () => {
    let refuse = true
    await using engine = await fakeEngine((_, response) => {
      if (refuse) json(response, 400, { message: 'client version 1.41 is too old' })
      else json(response, 200, [])
    })
    const transport = transportTo(engine)
    await expect(dial(transport)).rejects.toMatchObject({ status: 400 })
    refuse = false
    expect(await dial(transport)).toEqual([])
  })
})

describe('the transport bounds what a hung engine costs', () => {
  it('opens only so many connections and still answers a ping', async () => {
    await using engine = await fakeEngine(() => {})
    const transport = new Transport({
      endpoint: { at: 'unix://fake', socketPath: engine.socketPath },
      maxSockets: 3,
    })
    const stop = new AbortController()
    const calls = Array.from({ length: 20 }, () => dial(transport, { abortSignal: stop.signal }))
    await engine.received(3)
    await transport.ping(never())
    expect(engine.requests.length).toBe(3)
    stop.abort(new Error('enough'))
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  })

  it('ends an open stream when its signal aborts', async () => {
    await using engine = await fakeEngine((_, response) => {
      response.writeHead(200)
      response.write('line\n')
    })
    const stop = new AbortController()
    const stream = (await dial(transportTo(engine), {
      path: '/events?',
      isStream: true,
      abortSignal: stop.signal,
    })) as AsyncIterable<Buffer>
    const reason = new Error('enough')
    const read = async () => {
      for await (const chunk of stream) if (chunk.length > 0) stop.abort(reason)
    }
    await expect(read()).rejects.toBe(reason)
  })

  it('ends an open stream with an error when the engine dies', async () => {
    await using engine: FakeEngine = await fakeEngine((_, response) => {
      response.writeHead(200)
      response.write('line\n')
    })
    const stream = (await dial(transportTo(engine), {
      path: '/events?',
      isStream: true,
    })) as AsyncIterable<Buffer>
    const read = async () => {
      for await (const chunk of stream) if (chunk.length > 0) engine.cut()
    }
    await expect(read()).rejects.toMatchObject({ code: 'ECONNRESET' })
  })
})
