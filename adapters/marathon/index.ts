import { type Adapter, type Clock, systemClock } from 'intermodal'
import { marathonAdapter } from './adapter.ts'
import { Marathon } from './api.ts'
import { type MarathonConnection, parseEndpoints, type TlsOptions } from './connection.ts'
import { type MarathonGroup, nativesOf } from './groups.ts'
import type { MarathonNative } from './native.ts'
import { SecretStore } from './secret-store.ts'
import { Transport } from './transport.ts'

export {
  type MarathonConnection,
  type MarathonGroup,
  type MarathonNative,
  nativesOf,
  type TlsOptions,
}

/** Where Marathon is, and how to treat it. Nothing is read from the environment or from files. */
export interface MarathonOptions extends MarathonConnection {
  /**
   * What `translate` writes for until the server was asked: below 1.5 the older form of networks and ports. Writes always
   * follow the server's own version. @default what the server says, '1.5' before it was asked
   */
  readonly version?: string | undefined
  /** What to do when a deployment holds the app: throw `LOCKED`, or wait until the call's deadline. @default 'refuse' */
  readonly whenLocked?: 'refuse' | 'wait' | undefined
  /** With so many deployments at work nothing is written, but `THROTTLED` thrown: Marathon itself refuses at 100. @default 90 */
  readonly maxDeployments?: number | undefined
  /** Where `putSecret` and `putConfig` go: the secret store of DC/OS, on the same address. @default none */
  readonly secrets?: 'dcos' | undefined
  /**
   * The largest answer that is read at once, bytes. Lists of apps and pods are read one by one, each up to this size and sixteen
   * times as much in all. @default 33554432
   */
  readonly maxAnswer?: number | undefined
  /** How often everything is looked at while something changes, milliseconds; events make it earlier. @default 2000 */
  readonly pollBusy?: number | undefined
  /** The same while nothing does, for what events have missed. @default 60000 */
  readonly pollQuiet?: number | undefined
  readonly clock?: Clock | undefined
  /** From 0 to 1, for jitter. @default Math.random */
  readonly random?: (() => number) | undefined
}

const LARGEST_ANSWER = 32 * 1024 * 1024

/**
 * Marathon, from 1.1 on; pods from 1.4.
 *
 * Needs the package `undici`, which is loaded with the first call. Opens no connection before that; disposing closes all of them.
 * Throws `UNSUPPORTED` for an address of a kind nobody speaks.
 */
export function marathon(options: MarathonOptions = {}): Adapter<MarathonNative> {
  const clock = options.clock ?? systemClock
  const transport = new Transport({
    endpoints: parseEndpoints(options),
    basic: options.basic,
    token: options.token,
    tls: options.tls,
    clock,
    maxAnswer: options.maxAnswer ?? LARGEST_ANSWER,
  })
  return marathonAdapter({
    marathon: new Marathon(transport),
    secrets: options.secrets === 'dcos' ? new SecretStore(transport) : undefined,
    clock,
    random: options.random ?? Math.random,
    version: options.version,
    whenLocked: options.whenLocked ?? 'refuse',
    maxDeployments: options.maxDeployments ?? 90,
    pollBusy: options.pollBusy ?? 2000,
    pollQuiet: options.pollQuiet ?? 60_000,
  })
}
