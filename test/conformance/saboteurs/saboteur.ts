import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Adapter, AppId, Revision } from 'intermodal'

/** What the broken adapters of one run of the suite have in common. */
export class Run {
  readonly updates = new Map<AppId, Promise<Revision>>()
  readonly timers = new Set<NodeJS.Timeout>()
  readonly #sockets = new Set<Socket | Server>()

  /** A connection that nobody closes. */
  leak(): void {
    const server = createServer((socket) => this.#sockets.add(socket)).listen(0)
    const { port } = server.address() as AddressInfo
    this.#sockets.add(server).add(connect(port, '127.0.0.1'))
  }

  /** Ends what was leaked on purpose. */
  mopUp(): void {
    for (const timer of this.timers) clearInterval(timer)
    for (const socket of this.#sockets) {
      if ('close' in socket) socket.close()
      else socket.destroy()
    }
  }
}

/** An adapter that is broken in one way, and the groups that have to notice it: these, and no other. */
export interface Saboteur {
  readonly name: string
  readonly fails: readonly string[]
  /** Called for each adapter the suite opens; all of them stand on the same sound one. */
  spoil(adapter: Adapter, run: Run): Adapter
}
