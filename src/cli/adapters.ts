import { access, readFile } from 'node:fs/promises'
import { type Adapter, type Clock, IntermodalError } from 'intermodal'
import type { KubernetesNative } from 'intermodal/kubernetes'
import { UsageError } from './exit.ts'
import type { Io } from './io.ts'
import { openKubernetes } from './kubernetes.ts'
import { openMarathon } from './marathon.ts'
import { openSimulated } from './simulated.ts'
import type { Target } from './target.ts'

/** Every engine there is a word for. The only file that knows adapters by name; each is loaded when it is asked for. */
export const ADAPTER_KINDS = ['simulated', 'swarm', 'kubernetes', 'marathon'] as const
export type AdapterKind = (typeof ADAPTER_KINDS)[number]

/** What a command wants to do: only `change` may alter a simulated cluster's state file. */
export type Access = 'look' | 'change'

export interface OpenedAdapter {
  readonly adapter: Adapter
  /** The time the cluster lives by, where that is not the system's. */
  readonly clock?: Clock | undefined
  /** Keeps what happened so far, where this process is the cluster. Soon, and in turn with `close`. */
  save?(): void
  close?(): Promise<void>
}

interface Entry {
  /** `swarm+tcp:`, `swarm+ssh:` … */
  readonly transports: readonly string[]
  open(io: Io, target: Target, access: Access): Promise<OpenedAdapter>
  /** For translation alone: an adapter that is never asked anything. `version` is the engine's, where that makes a difference. */
  offline(version?: string): Promise<Adapter>
  /** What an app becomes as documents that the engine's own tools take; the whole of it as one when absent. */
  documents?(native: unknown): readonly unknown[]
}

const ENTRIES: Readonly<Record<AdapterKind, Entry>> = {
  simulated: {
    transports: [],
    open: openSimulated,
    async offline() {
      const { simulated } = await import('intermodal/simulated')
      return simulated()
    },
  },
  swarm: {
    transports: ['tcp', 'ssh', 'unix'],
    async open(io, target) {
      const { resolveDocker, swarm } = await import('intermodal/swarm')
      const connection = await resolveDocker({
        env: io.env,
        readFile: (path) => readFile(path, 'utf8'),
        exists: (path) =>
          access(path).then(
            () => true,
            () => false,
          ),
        ...(target.transport
          ? { host: `${target.transport}:${target.rest}` }
          : target.rest
            ? { context: target.rest }
            : {}),
      })
      return { adapter: swarm({ ...connection, ...target.options }) }
    },
    async offline() {
      const { swarm } = await import('intermodal/swarm')
      return swarm({})
    },
  },
  kubernetes: {
    transports: [],
    open: openKubernetes,
    async offline() {
      const { kubernetes } = await import('intermodal/kubernetes')
      return kubernetes()
    },
    documents: (native) => (native as KubernetesNative).objects,
  },
  marathon: {
    transports: ['http', 'https'],
    open: openMarathon,
    async offline(version) {
      const { marathon } = await import('intermodal/marathon')
      return marathon({ version })
    },
  },
}

export async function openAdapter(io: Io, target: Target, access: Access): Promise<OpenedAdapter> {
  const entry = ENTRIES[target.kind]
  if (target.transport !== undefined && !entry.transports.includes(target.transport)) {
    const known = entry.transports.map((transport) => `${target.kind}+${transport}:`)
    throw new UsageError(
      `target "${target.shown}": ${target.kind} is not reached by "${target.transport}"`,
      known.length > 0
        ? `it is by ${known.join(', ')} or ${target.kind}:`
        : `write ${target.kind}:`,
    )
  }
  try {
    return await entry.open(io, target, access)
  } catch (error) {
    // Nothing was asked of a cluster yet: what is wrong is how the target is written or set up.
    if (IntermodalError.is(error) && error.code === 'UNSUPPORTED')
      throw new UsageError(`target "${target.shown}": ${error.message}`, error.remedy)
    throw error
  }
}

/** An adapter to translate with, without any cluster. */
export function offlineAdapter(kind: AdapterKind, version?: string): Promise<Adapter> {
  return ENTRIES[kind].offline(version)
}

/** As documents of a YAML stream, which `kubectl apply -f -` takes as they are. */
export function documentsOf(kind: AdapterKind, native: unknown): readonly unknown[] {
  return ENTRIES[kind].documents?.(native) ?? [native]
}
