import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** What somebody wants to run. */
export interface Crate {
  readonly name: string
  readonly image: string
  readonly count?: number | undefined
  readonly env: Readonly<Record<string, unknown>>
  readonly labels: Readonly<Record<string, string>>
  readonly notes: Readonly<Record<string, string>>
}

/** What the yard knows of it. */
export interface Entry {
  readonly crate: Crate
  /** Grows with every change. */
  readonly version: number
  /** When it was changed last, milliseconds since the epoch. */
  readonly since: number
  /** The crate that runs: the one before, while the image of the newest cannot be had. */
  readonly running?: Crate | undefined
}

/** An orchestrator that runs images by name and count, and tells of them over HTTP. */
export class Yard {
  readonly #entries = new Map<string, Entry>()
  readonly #now: () => number
  readonly #server = createServer((request, response) => void this.#take(request, response))
  /** What befalls requests, for those who test against it. */
  trouble: 'refuse' | 'hang' | 'lose' | undefined

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { trouble } = this
    if (trouble === 'hang') return
    const { method = 'GET', socket } = request
    const body = method === 'PUT' ? ((await json(request)) as Crate) : undefined
    if (trouble === 'refuse') return void socket.destroy()
    const [status, answer] = this.#answer(method, request, body)
    if (trouble === 'lose' && method !== 'GET') return void socket.destroy()
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  }

  #answer(
    method: string,
    { url = '', headers }: IncomingMessage,
    crate?: Crate,
  ): [number, unknown] {
    const name = decodeURIComponent(url.replace(/^\/crates\/?/, ''))
    if (name === '') return [200, [...this.#entries.values()]]
    const entry = this.#entries.get(name)
    if (crate) {
      // Whoever has read an older one does not know what he would write over.
      if (headers['if-match'] !== String(entry?.version ?? 0)) return [412, {}]
      const running = crate.image.startsWith('nowhere/') ? entry?.running : crate
      const version = (entry?.version ?? 0) + 1
      this.#entries.set(name, { crate, version, since: this.#now(), running })
      return [200, this.#entries.get(name)]
    }
    if (!entry) return [404, {}]
    if (method === 'DELETE') this.#entries.delete(name)
    return [200, entry]
  }
}
