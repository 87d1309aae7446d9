import { createWorld, type World } from 'intermodal/simulated'
import type { Wire } from '../http/wire.ts'
import type { AuthOptions } from './http/auth.ts'
import { type Exchange, WebServers } from './http/server.ts'
import { Marathon } from './marathon.ts'
import type { MarathonVersion } from './versions.ts'

export type { Match, Undo, Wire } from '../http/wire.ts'
export type { Answer } from './errors.ts'
export type { AuthOptions } from './http/auth.ts'
export type { Exchange } from './http/server.ts'
export type { MarathonVersion } from './versions.ts'

/** What a fake Marathon is like. Every field has a default. */
export interface FakeMarathonOptions {
  /** What it runs on. @default a new world of three nodes, at 60 virtual seconds a second */
  readonly world?: World | undefined
  /** Whose API it speaks: fields, forms, ids and faults are those of this version. @default '1.11' */
  readonly version?: MarathonVersion | undefined
  readonly auth?: AuthOptions | undefined
  /** Of the first server; the others take those after it. @default a free one */
  readonly port?: number | undefined
  /** @default '127.0.0.1' */
  readonly host?: string | undefined
  /** How many servers there are: the first leads, the others pass on what they are asked. @default 1 */
  readonly members?: number | undefined
  /** `--mesos_role`. @default '*' */
  readonly role?: string | undefined
  /** `--default_network_name`. */
  readonly network?: string | undefined
  /** `--enable_features`. @default secrets, external_volumes, gpu_resources, vips, task_killing */
  readonly features?: readonly string[] | undefined
  /** Whether DC/OS' secret store is there too, on the same address. Values are kept in memory. @default false */
  readonly dcos?: boolean | undefined
  /** `--max_running_deployments`. @default 100 */
  readonly maxDeployments?: number | undefined
  /** `--event_stream_max_outstanding_messages`. @default 1024 */
  readonly maxOutstanding?: number | undefined
  /** Whether answers are zipped for those who take it: off is `--disable_http_compression`. @default true */
  readonly compression?: boolean | undefined
  /** Told each request with its answer: for recording, and for checking against a schema. */
  readonly onExchange?: ((exchange: Exchange) => void) | undefined
}

/** A running fake Marathon. `await using` ends it at the end of the block. */
export interface FakeMarathon extends AsyncDisposable {
  /** Of the first server: `http://127.0.0.1:41234`. */
  readonly url: string
  /** Of all of them. */
  readonly urls: readonly string[]
  /** What it runs on: levers for apps, images and nodes are here, and time. */
  readonly world: World
  /** What can befall requests and streams on their way. */
  readonly wire: Wire
  /** Who is let in from now on. */
  auth: AuthOptions | undefined
  /** How many event streams are open. */
  readonly streams: number
  /** How many requests were read and not answered yet. */
  readonly busy: number
  /**
   * The next server leads. As with a real one, connections to the old leader are reset, all event streams end, and what
   * health checks said is forgotten until they have run again; deployments go on under their ids.
   */
  changeLeader(): void
  /** Nobody leads: every request is a 502, until the function returned is called and the next server leads. */
  loseLeader(): () => void
  /** Ends all connections and stops listening. A world that was made for it stands still from then on. */
  close(): Promise<void>
}

/**
 * A Marathon to test against: an HTTP server on loopback that speaks Marathon's API, on a simulated world. Whatever talks
 * to Marathon can be pointed at it.
 *
 * ```ts
 * await using fake = await fakeMarathon({ version: '1.9', world: createWorld({ clock: 'manual' }) })
 * const headers = { 'content-type': 'application/json' }
 * const body = JSON.stringify({ id: '/web', cmd: 'sleep 100' })
 * await fetch(`${fake.url}/v2/apps`, { method: 'POST', headers, body })
 * await fake.world.settle()
 * ```
 *
 * Time is the world's: deployments, back-offs, health checks and heartbeats of streams go on as it passes, so with
 * `clock: 'manual'` nothing happens until the test says so. Apps of the world that did not come through this server take
 * room like those of another Mesos framework, and are not seen by it.
 *
 * Throws a `RangeError` for a version there is none of, and what `listen` throws when the port is taken.
 */
export async function fakeMarathon(options: FakeMarathonOptions = {}): Promise<FakeMarathon> {
  const world = options.world ?? createWorld()
  let auth = options.auth
  const marathon = new Marathon({
    world,
    version: options.version ?? '1.11',
    role: options.role ?? '*',
    network: options.network,
    features: options.features ?? FEATURES,
    dcos: options.dcos ?? false,
    maxDeployments: options.maxDeployments ?? 100,
  })
  const servers = new WebServers({
    marathon,
    auth: () => auth,
    maxOutstanding: options.maxOutstanding ?? 1024,
    compression: options.compression ?? true,
    onExchange: options.onExchange,
  })
  await servers.listen(options.members ?? 1, options.port ?? 0, options.host ?? '127.0.0.1')
  const close = async () => {
    marathon.close()
    await servers.close()
    if (!options.world) world.close()
  }
  const lead = (member: number | undefined) => {
    servers.lead(member)
    world.faults.forgetHealth()
  }
  return {
    url: servers.urls[0] as string,
    urls: servers.urls,
    world,
    wire: servers.wire,
    get auth() {
      return auth
    },
    set auth(next) {
      auth = next
    },
    get streams() {
      return servers.streams
    },
    get busy() {
      return servers.busy
    },
    changeLeader: () => lead(servers.next()),
    loseLeader() {
      const next = servers.next()
      lead(undefined)
      return () => {
        if (servers.leader === undefined) servers.lead(next)
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

const FEATURES = ['secrets', 'external_volumes', 'gpu_resources', 'vips', 'task_killing'] as const
