import { createWorld, type World } from 'intermodal/simulated'
import type { Undo, Wire } from '../http/wire.ts'
import { Cluster } from './cluster.ts'
import type { AuthOptions } from './http/auth.ts'
import { type Exchange, WebServer } from './http/server.ts'
import { kubeconfigFor } from './kubeconfig.ts'

export type { AuthOptions, Rule } from './http/auth.ts'
export type { Exchange } from './http/server.ts'
export type { Undo, Wire }

/** What a fake Kubernetes is like. Every field has a default. */
export interface FakeKubernetesOptions {
  /** What it runs on. @default a new world of three nodes, at 60 virtual seconds a second */
  readonly world?: World | undefined
  /** Who is let in, and to what. @default everyone, to everything */
  readonly auth?: AuthOptions | undefined
  /** @default a free one */
  readonly port?: number | undefined
  /** @default '127.0.0.1' */
  readonly host?: string | undefined
  /** Told each request with the status of its answer. */
  readonly onExchange?: ((exchange: Exchange) => void) | undefined
}

/** A running fake Kubernetes. `await using` ends it at the end of the block. */
export interface FakeKubernetes extends AsyncDisposable {
  /** `http://127.0.0.1:41234`. */
  readonly url: string
  /** What kubectl and client libraries are pointed at it with. */
  readonly kubeconfig: string
  /** What it runs on: levers for images and nodes are here, and time; `world.app('/shop/web')` is the workload `web` of the namespace `shop`. */
  readonly world: World
  /** What can befall requests and watches on their way. */
  readonly wire: Wire
  /** Who is let in from now on. */
  auth: AuthOptions | undefined
  /** How many watches and followed logs are open. */
  readonly streams: number
  /** How many requests were read and not answered yet. */
  readonly busy: number
  /** The cluster behind the server; for the suite, not for tests. */
  readonly server: WebServer
  /** A container writes a line. Throws a `RangeError` when there is none of that name that runs. */
  log(pod: string, text: string, options?: LogOptions): void
  /** Forgets all changes up to now: whoever goes on from one of them gets a 410. */
  compact(): void
  /** Ends every watch with a 410, after forgetting all changes up to now. */
  expireWatches(): void
  /** Ends all connections and stops listening. A world that was made for it stands still from then on. */
  close(): Promise<void>
}

export interface LogOptions {
  /** @default 'default' */
  readonly namespace?: string | undefined
  /** @default the first one */
  readonly container?: string | undefined
}

/**
 * A Kubernetes to test against: an HTTP server on loopback that speaks the API of 1.34, with controllers, a scheduler and
 * nodes in a simulated world. Client libraries and kubectl can be pointed at it.
 *
 * ```ts
 * await using fake = await fakeKubernetes({ world: createWorld({ clock: 'manual' }) })
 * const config = new KubeConfig()
 * config.loadFromString(fake.kubeconfig)
 * ```
 *
 * Time is the world's: rollouts, probes, back-offs, deadlines and bookmarks go on as it passes, so with `clock: 'manual'`
 * nothing happens until the test says so. Apps of the world that did not come through this server take room on its nodes,
 * and are not seen by it.
 *
 * Throws what `listen` throws when the port is taken.
 */
export async function fakeKubernetes(options: FakeKubernetesOptions = {}): Promise<FakeKubernetes> {
  const world = options.world ?? createWorld()
  let auth = options.auth
  const cluster = new Cluster(world)
  const server = new WebServer({ cluster, auth: () => auth, onExchange: options.onExchange })
  await server.listen(options.port ?? 0, options.host ?? '127.0.0.1')
  const url = `http://${server.address}`
  const close = async () => {
    cluster.close()
    await server.close()
    if (!options.world) world.close()
  }
  return {
    url,
    get kubeconfig() {
      return kubeconfigFor(url, auth?.tokens?.[0])
    },
    world,
    wire: server.wire,
    get auth() {
      return auth
    },
    set auth(next) {
      auth = next
    },
    get streams() {
      return server.streams
    },
    get busy() {
      return server.busy
    },
    server,
    log: (pod, text, { namespace = 'default', container } = {}) =>
      cluster.log(namespace, pod, container, text),
    compact: () => cluster.store.compact(),
    expireWatches() {
      cluster.store.compact()
      server.expireWatches()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
