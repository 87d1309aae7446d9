import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import {
  type AddressInfo,
  connect,
  createServer,
  type ListenOptions,
  type Server,
  type Socket,
} from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setImmediate as immediate } from 'node:timers/promises'

/** Stands between an adapter and an engine, and can lose, refuse or hold up what goes through it. */
export interface FaultyProxy extends AsyncDisposable {
  /** `unix://…`, or the engine's `https://…` with another port. */
  readonly host: string
  /** Ends every connection at once. Resolves when whoever holds one in this process has noticed. */
  cut(): Promise<void>
  /** Ends every connection, and each new one as soon as it is made. Undone by the function it returns. */
  refuse(): () => void
  /** Takes connections and passes nothing on. Undone by the function it returns. */
  hang(): () => void
  /**
   * Ends a connection instead of passing on the answer to a write. Undone by the function it returns. Not over TLS, where
   * nobody on the way can tell a write.
   */
  lose(): () => void
}

const WRITE = /^(?:POST|PUT|PATCH|DELETE) /

export async function faultyProxy(engine: string): Promise<FaultyProxy> {
  const directory = await mkdtemp(path.join(tmpdir(), 'intermodal-proxy-'))
  const target = targetOf(engine)
  const open = new Set<Socket>()
  let refusing = false
  let held = false
  let losing = false

  const cut = async () => {
    const ending = [...open].map((socket) => once(socket.destroy(), 'close'))
    await Promise.all(ending)
    // A turn of the event loop for the other ends, whose end comes through the kernel.
    for (let turn = 0; turn < 2; turn++) await immediate()
  }
  const server = createServer({ pauseOnConnect: true }, (near) => {
    if (refusing) return near.destroy()
    const far = connect(target)
    for (const socket of [near, far]) {
      open.add(socket)
      // Whatever ends one side ends the other: an error is only one of the ways.
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    let writes = false
    near.on('data', (data) => {
      writes = losing && WRITE.test(data.toString('latin1'))
      far.write(data)
    })
    near.on('end', () => far.end())
    far.on('data', (data) => (writes ? near.destroy() : near.write(data)))
    far.on('end', () => near.end())
    if (held) far.pause()
    else near.resume()
  })
  const address = path.join(directory, 'docker.sock')
  await listen(server, engine.startsWith('https:') ? { host: '127.0.0.1', port: 0 } : address)

  return {
    host: hostOf(engine, server.address()),
    cut,
    refuse() {
      refusing = true
      void cut()
      return () => {
        refusing = false
      }
    },
    hang() {
      held = true
      for (const socket of open) socket.pause()
      return () => {
        held = false
        for (const socket of open) socket.resume()
      }
    },
    lose() {
      losing = true
      return () => {
        losing = false
      }
    },
    async [Symbol.asyncDispose]() {
      server.close()
      await cut()
      await rm(directory, { recursive: true })
    },
  }
}

function targetOf(engine: string): { readonly path: string } | { host: string; port: number } {
  const url = new URL(engine)
  if (url.protocol === 'unix:') return { path: url.pathname }
  return { host: url.hostname, port: Number(url.port) }
}

function hostOf(engine: string, address: string | AddressInfo | null): string {
  if (typeof address === 'string') return `unix://${address}`
  const url = new URL(engine)
  url.port = String(address?.port)
  return url.origin
}

function listen(server: Server, address: string | ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(typeof address === 'string' ? { path: address } : address, resolve)
  })
}
