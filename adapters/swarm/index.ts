import { type Adapter, type Clock, systemClock } from 'intermodal'
import { type RegistryAuth, swarmAdapter } from './adapter.ts'
import { Engine } from './client.ts'
import { parseConnection, type SwarmConnection, type TlsOptions } from './connection.ts'
import { type ResolveDockerOptions, resolveDocker } from './context.ts'
import type { DockerLike } from './docker-like.ts'
import type { SwarmNative } from './native.ts'
import { Transport } from './transport.ts'
import { Tunnel } from './tunnel.ts'

export {
  type DockerLike,
  type RegistryAuth,
  type ResolveDockerOptions,
  resolveDocker,
  type SwarmConnection,
  type SwarmNative,
  type TlsOptions,
}

/**
 * Where the engine is, and how to treat it. Nothing is read from the environment or from files: pass what
 * `resolveDocker()` finds to go where the `docker` command goes.
 */
export interface SwarmOptions extends SwarmConnection {
  /**
   * A live dockerode client instead of an address. Its transport is used as it is, so three things are lost: the API
   * version is not negotiated (give the client one, `version: 'v1.41'`), answers have no largest size, and a call
   * that the client leaves pending is only given up, not ended. Deadlines and signals hold all the same.
   */
  readonly docker?: DockerLike | undefined
  /**
   * Credentials of registries, by the name an app's `registryAuth: { secret }` uses: Swarm cannot read a secret back.
   * The engine keeps them with the service.
   */
  readonly registries?: Readonly<Record<string, RegistryAuth>> | undefined
  /**
   * How apps reach each other by name. `vip` needs IPVS in the nodes' kernels, `dnsrr` nothing. Ports published on
   * every node are always `vip`. @default 'dnsrr'
   */
  readonly endpointMode?: 'vip' | 'dnsrr' | undefined
  /** How often everything is listed while something changes, milliseconds. @default 500 */
  readonly pollBusy?: number | undefined
  /** The same while nothing does. Events of the swarm make it earlier. @default 3000 */
  readonly pollQuiet?: number | undefined
  /** Connections for ordinary calls: what a hung engine costs at most. @default 12 */
  readonly maxSockets?: number | undefined
  /** The ssh program, for `ssh://` hosts. @default 'ssh' */
  readonly sshCommand?: string | undefined
  readonly clock?: Clock | undefined
  /** From 0 to 1, for jitter. @default Math.random */
  readonly random?: (() => number) | undefined
}

/**
 * Docker Swarm, from Docker 20.10 (API 1.41) on, through one manager.
 *
 * Needs the package `dockerode`, which is loaded with the first call. Opens no connection before that; disposing
 * closes all of them, the ssh tunnel too. Throws `UNSUPPORTED` for an address of a kind nobody speaks.
 */
export function swarm(options: SwarmOptions = {}): Adapter<SwarmNative> {
  const clock = options.clock ?? systemClock
  const { docker } = options
  if (docker) {
    return swarmAdapter({ ...options, clock, engine: new Engine({ docker, clock }), close })
  }
  const endpoint = parseConnection(options)
  const tunnel =
    endpoint.ssh && new Tunnel(endpoint.ssh, endpoint.at, clock, options.sshCommand ?? 'ssh')
  const transport = new Transport({ endpoint, tunnel, maxSockets: options.maxSockets })
  return swarmAdapter({
    ...options,
    clock,
    engine: new Engine({ transport, clock }),
    close: async () => {
      transport.destroy()
      await tunnel?.close()
    },
  })
}

/** A client that was given belongs to the giver. */
async function close(): Promise<void> {}
