import { createWorld, type World } from 'intermodal/simulated'
import type { Wire } from '../http/wire.ts'
import { EngineServers, type Exchange } from './http/server.ts'
import { Swarm } from './swarm.ts'

export type { Exchange } from './http/server.ts'

/** What a fake Swarm is like. Every field has a default. */
export interface FakeSwarmOptions {
  /** What it runs on. @default a new world of three nodes, at 60 virtual seconds a second */
  readonly world?: World | undefined
  /** Of the first engine; the others take those after it. @default a free one */
  readonly port?: number | undefined
  /** @default '127.0.0.1' */
  readonly host?: string | undefined
  /** The path of a socket on which the first engine listens too. It must not exist. @default none */
  readonly socket?: string | undefined
  /** How many nodes manage the swarm: the first ones. @default 1 */
  readonly managers?: number | undefined
  /** How many nodes can be talked to, each by an address of its own. @default 1 */
  readonly engines?: number | undefined
  /** Told each request with its answer: for recording, and for looking on. */
  readonly onExchange?: ((exchange: Exchange) => void) | undefined
}

/** A running fake Swarm. `await using` ends it at the end of the block. */
export interface FakeSwarm extends AsyncDisposable {
  /** Of the first engine, a manager: `http://127.0.0.1:41234`. As `DOCKER_HOST` it begins with `tcp:`. */
  readonly url: string
  /** Of all engines, in the order of the world's nodes. */
  readonly urls: readonly string[]
  /** `tcp://127.0.0.1:41234`. */
  readonly dockerHost: string
  /** What it runs on: levers for apps, images and nodes are here, and time. */
  readonly world: World
  /** What can befall requests and streams on their way. */
  readonly wire: Wire
  /** How many streams are open: events, logs that are followed, commands that run. */
  readonly streams: number
  /** How many requests were read and not answered yet. */
  readonly busy: number
  /** The engine of a node, the first unless it is named, is in no swarm until the function returned is called. */
  leave(node?: string): () => void
  /** Ends all connections and stops listening. A world that was made for it stands still from then on. */
  close(): Promise<void>
}

/** As many bytes as every system has room for. Some would cut a longer one and listen elsewhere. */
const LONGEST = 103

/**
 * A Docker Swarm to test against: an HTTP server on loopback that speaks the Docker Engine API as version 20.10 does, on
 * a simulated world. Whatever talks to Docker can be pointed at it, the `docker` command too.
 *
 * ```ts
 * await using fake = await fakeSwarm({ world: createWorld({ clock: 'manual' }) })
 * const body = JSON.stringify({ Name: 'web', TaskTemplate: { ContainerSpec: { Image: 'nginx:1' } } })
 * const headers = { 'content-type': 'application/json' }
 * await fetch(`${fake.url}/v1.41/services/create`, { method: 'POST', headers, body })
 * await fake.world.advance('10s')
 * ```
 *
 * Time is the world's: tasks, updates, restarts and health checks go on as it passes, so with `clock: 'manual'` nothing
 * happens until the test says so. A lever of `world.app('/web')` works on the service `web`, or on the one our own
 * adapter made for the app `/web`.
 *
 * What is known to differ from the engine, as it is not played: joining, leaving and promoting members; containers,
 * images and plugins that no service needs; a node's event each time it is attached to a network; warnings for clients
 * of API versions before 1.30, for which the engine asks a registry; networks other than overlays.
 * Whatever the API has and this one has not is refused with 501 and a sentence.
 *
 * Throws what `listen` throws when the port or the path is taken, and a `RangeError` for more engines or managers than
 * the world has nodes, and for the path of a socket that is longer than 103 bytes.
 */
export async function fakeSwarm(options: FakeSwarmOptions = {}): Promise<FakeSwarm> {
  const { managers = 1, engines = 1, host = '127.0.0.1', port = 0, socket } = options
  const world = options.world ?? createWorld()
  const count = world.nodes().length
  if (managers > count || engines > count || managers < 1 || engines < 1)
    throw new RangeError(`the world has ${count} nodes: managers and engines are from 1 to as many`)
  if (socket !== undefined && Buffer.byteLength(socket) > LONGEST)
    throw new RangeError(
      `the path of a socket has ${LONGEST} bytes at most, this one ${Buffer.byteLength(socket)}: ${socket}`,
    )
  const swarm = new Swarm({ world, managers })
  const servers = new EngineServers({ swarm, onExchange: options.onExchange })
  const close = async () => {
    swarm.close()
    await servers.close()
    if (!options.world) world.close()
  }
  try {
    for (let index = 0; index < engines; index++)
      await servers.listen(index, { port: port === 0 ? 0 : port + index, host })
    if (socket !== undefined) await servers.listen(0, { path: socket })
  } catch (error) {
    await close()
    throw error
  }
  const url = servers.urls[0] as string
  return {
    url,
    urls: servers.urls,
    dockerHost: url.replace('http:', 'tcp:'),
    world,
    wire: servers.wire,
    get streams() {
      return servers.streams
    },
    get busy() {
      return servers.busy
    },
    leave(name) {
      const node = swarm.nodes.all.find(({ record }) => record.name === name) ?? swarm.nodes.all[0]
      if (!node || (name !== undefined && node.record.name !== name))
        throw new RangeError(`there is no node ${name}`)
      return swarm.leave(node)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
