import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { Transport } from '../../adapters/swarm/transport.ts'
import { type FakeEngine, fakeEngine, json } from './fake-engine.ts'

const READ = { path: '/services?', method: 'GET' }
const WRITE = { path: '/services/create', method: 'POST', options: { Name: 'web' } }

/** Answers the first request of each connection; `second` is what befalls the next. */
function answersOnce(second: (request: IncomingMessage) => void): Promise<FakeEngine> {
  const served = new WeakSet<object>()
  return fakeEngine((request: IncomingMessage, response: ServerResponse) => {
    if (served.has(request.socket)) return second(request)
    served.add(request.socket)
    json(response, 200, [])
  })
}

function dialer(engine: FakeEngine) {
  const transport = new Transport({
    endpoint: { at: 'unix://fake', socketPath: engine.socketPath },
  })
  return (options: { readonly path: string; readonly method: string }): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const abortSignal = new AbortController().signal
      transport.dial({ abortSignal, ...options }, (error, result) =>
        error ? reject(error) : resolve(result),
      )
    })
}

const linesOf = ({ requests }: FakeEngine) => requests.map(({ line }) => line.split(' ')[0])

describe('on a kept connection that is closed as it is used again', () => {
  it.each([
    ['closed', (request: IncomingMessage) => void request.socket.end()],
    ['reset', (request: IncomingMessage) => void request.socket.destroy()],
  ])('a read is repeated on a new one when it is %s', async (_, second) => {
    await using engine = await answersOnce(second)
    const dial = dialer(engine)
    expect(await dial(READ)).toEqual([])
    expect(await dial(READ)).toEqual([])
    expect(linesOf(engine)).toEqual(['GET', 'GET', 'GET'])
  })

  it('a read is repeated once and no more', async () => {
    let answered = 0
    await using engine = await fakeEngine((request, response) => {
      if (answered++ === 0) json(response, 200, [])
      else request.socket.destroy()
    })
    const dial = dialer(engine)
    await dial(READ)
    await expect(dial(READ)).rejects.toMatchObject({ kind: 'truncated' })
    expect(linesOf(engine)).toEqual(['GET', 'GET', 'GET'])
  })

  it('a read of whose answer anything came is not repeated', async () => {
    await using engine = await answersOnce(({ socket }) => void socket.end('HTTP/1.1 200 O'))
    const dial = dialer(engine)
    await dial(READ)
    await expect(dial(READ)).rejects.toMatchObject({ kind: 'truncated' })
    expect(linesOf(engine)).toEqual(['GET', 'GET'])
  })

  it('a write is not repeated: it may have been done', async () => {
    await using engine = await answersOnce(({ socket }) => void socket.destroy())
    const dial = dialer(engine)
    await dial(READ)
    await expect(dial(WRITE)).rejects.toMatchObject({ kind: 'truncated' })
    expect(linesOf(engine)).toEqual(['GET', 'POST'])
  })
})
