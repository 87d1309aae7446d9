import type { AppRecord, InstanceRecord } from '../../../../adapters/simulated/world/model.ts'
import type { PathId } from '../normal/paths.ts'
import type { Spec } from '../store/root.ts'
import type { Book, Entry } from './book.ts'
import type { Cluster } from './cluster.ts'
import { portName } from './ports.ts'
import { endMessage } from './tasks.ts'

/** An instance in Marathon's words, as far as tasks and events share them. */
export interface Described {
  readonly appId: PathId
  readonly instanceId: string
  /** One task for an app, one for each container of a pod. */
  readonly tasks: readonly string[]
  /** Which definition it was started from. */
  readonly version: string
  readonly host?: string | undefined
  readonly agentId?: string | undefined
  readonly region?: string | undefined
  readonly zone?: string | undefined
  readonly ports: readonly number[]
  readonly ipAddresses: readonly { readonly ipAddress: string; readonly protocol: 'IPv4' }[]
}

/** Where to find the definitions there are and were, newest first. */
export type Versions = (id: PathId) => readonly Spec[]

export class TaskViews {
  readonly #cluster: Cluster
  readonly #book: Book
  readonly #versions: Versions

  constructor(cluster: Cluster, book: Book, versions: Versions) {
    this.#cluster = cluster
    this.#book = book
    this.#versions = versions
  }

  describe(record: AppRecord, instance: InstanceRecord, entry: Entry): Described {
    const agent = this.#cluster.agentOf(instance)
    const spec = this.#specOf(record, instance)
    // A pod that is being deleted has no definition any more, but its tasks keep their names.
    entry.containers ??=
      spec?.kind === 'pod' ? spec.definition.containers.map(({ name }) => name) : ['_app']
    const attributes = agent?.node.attributes
    return {
      appId: record.id,
      instanceId: entry.instanceId,
      tasks: entry.containers.map((name) => this.#book.taskId(record, entry, name)),
      version: spec?.version ?? this.#cluster.configVersion(record, instance),
      host: agent?.node.name,
      agentId: agent?.id,
      region: attributes?.region,
      zone: attributes?.zone,
      ports: agent ? hostPorts(instance) : [],
      ipAddresses: agent ? [{ ipAddress: ipOf(agent.ip, spec, entry), protocol: 'IPv4' }] : [],
    }
  }

  /** The newest definition of its configuration that there was when it was made. */
  #specOf(record: AppRecord, instance: InstanceRecord): Spec | undefined {
    const config = this.#cluster.configVersion(record, instance)
    const made = new Date(instance.createdAt).toISOString()
    const same = this.#versions(record.id).filter((spec) => spec.lastConfigChangeAt === config)
    return same.find(({ version }) => version <= made) ?? same.at(-1)
  }

  /** What its health check last said; `undefined`: nothing yet, or nothing that is still known. */
  aliveOf({ probes, forgotten, state, fate }: InstanceRecord): boolean | undefined {
    if (fate) return false
    if (forgotten || (state !== 'running' && state !== 'starting')) return undefined
    return probes?.liveness?.last
  }

  endMessage(instance: InstanceRecord, image: string): string {
    return endMessage(instance, image)
  }
}

/** In Marathon's order; those without a host port are left out, as in `ports` of a real task. */
function hostPorts({ ports = {} }: InstanceRecord): readonly number[] {
  const found: number[] = []
  for (let index = 0; found.length < Object.keys(ports).length; index++) {
    const port = ports[portName(index)]
    if (port !== undefined) found.push(port)
  }
  return found
}

/** On a container network it has an address of its own. */
function ipOf(agentIp: string, spec: Spec | undefined, { uuid }: Entry): string {
  const host = spec?.definition.networks.every(({ mode }) => mode === 'host') ?? true
  if (host) return agentIp
  const byte = (at: number) => Number.parseInt(uuid.slice(at, at + 2), 16)
  return `172.17.${byte(0)}.${(byte(2) % 253) + 1}`
}
