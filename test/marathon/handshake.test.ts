import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { adapterFor, call } from './server.ts'

afterEach(() => {
  vi.useRealTimers()
})

it('a handshake that nobody answers is closed with the adapter, whatever its own clock says', async () => {
  // The HTTP client's own limit for a handshake would close it too, later.
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] })
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const adapter = adapterFor(`https://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const { signal, abort, ...rest } = call()
  const asked = once(server, 'connection')
  const answer = adapter.observe('/shop/web', { signal, ...rest })
  const [socket] = (await asked) as [Socket]
  const closed = once(
    socket.resume().on('error', () => {}),
    'close',
  )
  const reason = new Error('enough')
  abort(reason)
  await expect(answer).rejects.toBe(reason)
  await adapter[Symbol.asyncDispose]()
  await closed
  server.close()
  await once(server, 'close')
})
