import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Answer, exchange, type Wanted } from '../../adapters/kubernetes/exchange.ts'

/** Several of the buffers that unpacking goes by. */
const TEXT = JSON.stringify(Array.from({ length: 20_000 }, (_, index) => ({ index })))
const PACKED = gzipSync(TEXT)

async function ask(answer: http.RequestListener, wanted: Wanted): Promise<Answer> {
  const server = http.createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = new http.Agent({ keepAlive: true })
  onTestFinished(() => {
    agent.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return (await exchange({
    url: new URL(`http://127.0.0.1:${port}/`),
    options: { agent, headers: {} },
    body: undefined,
    wanted,
    asked: { verb: 'list', resource: 'pods' },
    maxBytes: 1_000_000,
    signal: new AbortController().signal,
  })) as Answer
}

const packed: http.RequestListener = (_, response) => {
  response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(PACKED)
}

describe('an answer that comes packed', () => {
  it('is read whole', async () => {
    const { body } = await ask(packed, 'answer')
    expect(body.equals(Buffer.from(TEXT))).toBe(true)
  })

  it('is handed over piece by piece', async () => {
    const pieces: Buffer[] = []
    await ask(packed, (piece) => pieces.push(piece))
    expect(Buffer.concat(pieces).equals(Buffer.from(TEXT))).toBe(true)
  })

  it('is known to be cut, on the wire and before it', async () => {
    const cut: http.RequestListener = (_, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': PACKED.length })
      response.write(PACKED.subarray(0, 1000), () => response.destroy())
    }
    await expect(ask(cut, 'answer')).rejects.toMatchObject({ kind: 'truncated' })
    const short: http.RequestListener = (_, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(PACKED.subarray(0, 1000))
    }
    await expect(ask(short, 'answer')).rejects.toMatchObject({ kind: 'truncated' })
  })
})
