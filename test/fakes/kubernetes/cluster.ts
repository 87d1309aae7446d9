import type { Timeline } from '../../../adapters/simulated/world/clock.ts'
import type { NodeRecord, Timings } from '../../../adapters/simulated/world/model.ts'
import { nextRandom, spread } from '../../../adapters/simulated/world/random.ts'
import type { World } from '../../../adapters/simulated/world.ts'
import { Controllers } from './controllers/controllers.ts'
import { EventBook } from './controllers/events.ts'
import { observed } from './controllers/pods.ts'
import { Managers } from './fields/managers.ts'
import type { JsonObject } from './json.ts'
import {
  CONFIG_MAPS,
  type Kind,
  NAMESPACES,
  PODS,
  PRIORITY_CLASSES,
  SERVICE_ACCOUNTS,
  SERVICES,
  STORAGE_CLASSES,
} from './kinds.ts'
import { Nodes } from './nodes/nodes.ts'
import { type KubeObject, time } from './objects.ts'
import { decode } from './schema/decode.ts'
import { Schemas } from './schema/schema.ts'
import { Store } from './store/store.ts'
import { Admission, DEFAULT_CLASS } from './write/admission.ts'
import { type DeleteOptions, type Removed, remove } from './write/remove.ts'
import { Writer } from './write/writer.ts'

/** Letters for names, without those that could make words. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

/** All of a Kubernetes but its web server: the store, those who write to it, and nodes in a simulated world. */
export class Cluster {
  readonly world: World
  readonly schemas = new Schemas()
  readonly store = new Store(1000)
  readonly writer: Writer
  readonly events: EventBook
  readonly nodes: Nodes
  readonly #controllers: Controllers
  readonly #compaction: () => void

  constructor(world: World) {
    this.world = world
    const suffix = (length: number) => this.letters(length)
    this.writer = new Writer({
      store: this.store,
      schemas: this.schemas,
      managers: new Managers(this.schemas),
      admission: new Admission(this.store, suffix),
      now: () => this.now,
      uid: () => this.uid(),
      suffix,
    })
    this.events = new EventBook(this)
    this.#controllers = new Controllers(this)
    this.nodes = new Nodes(this)
    for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease'])
      this.make(NAMESPACES, undefined, { metadata: { name } }, 'kube-apiserver')
    this.make(SERVICES, 'default', APISERVER, 'kube-apiserver')
    for (const [name, value, description] of CRITICAL)
      this.make(
        PRIORITY_CLASSES,
        undefined,
        { metadata: { name }, value, description },
        'kube-apiserver',
      )
    this.make(STORAGE_CLASSES, undefined, STANDARD, 'kubectl')
    this.nodes.start()
    this.#compaction = this.#compactNowAndThen()
  }

  get timeline(): Timeline {
    return this.world.engine.timeline
  }

  get now(): number {
    return this.timeline.now()
  }

  /** Within the world's time; the world's own timers keep no process alive. */
  after(milliseconds: number, run: () => void): () => void {
    return this.timeline.at(this.timeline.now() + milliseconds, run)
  }

  get timings(): Timings {
    return this.world.engine.state.timings
  }

  /** A duration of the world, spread by its seed. */
  spread(milliseconds: number): number {
    return spread(this.world.engine.state, milliseconds, this.timings.jitter)
  }

  random(): number {
    return nextRandom(this.world.engine.state)
  }

  letters(length: number): string {
    return Array.from({ length }, () => LETTERS[Math.floor(this.random() * LETTERS.length)]).join(
      '',
    )
  }

  uid(): string {
    const digits = Array.from({ length: 32 }, () =>
      Math.floor(this.random() * 16).toString(16),
    ).join('')
    const variant = '89ab'[Math.floor(this.random() * 4)]
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`
  }

  worldNodes(): ReadonlyMap<string, NodeRecord> {
    return this.world.engine.state.nodes
  }

  /** By one of the cluster's own programs. */
  make(kind: Kind, namespace: string | undefined, object: unknown, manager: string): KubeObject {
    return this.writer.create(kind, namespace, object as JsonObject, { author: { manager } })
  }

  /** Changes the newest state of an object, when it is still there. */
  change(
    kind: Kind,
    { metadata: { namespace, name, uid } }: KubeObject,
    change: (object: KubeObject) => KubeObject,
    manager: string,
    subresource?: string,
  ): KubeObject | undefined {
    const current = this.store.get(kind, namespace, name)
    if (current?.metadata.uid !== uid) return undefined
    const author = subresource === undefined ? { manager } : { manager, subresource }
    return this.writer.update(kind, namespace, name, change(current) as unknown as JsonObject, {
      author,
    })
  }

  remove(kind: Kind, object: KubeObject, options: DeleteOptions = {}): Removed {
    return remove(this.store, this.now, kind, object, options)
  }

  bind(pod: KubeObject, nodeName: string): void {
    this.store.put(PODS, {
      ...pod,
      spec: { ...pod.spec, nodeName },
      status: {
        ...pod.status,
        conditions: [
          {
            type: 'PodScheduled',
            status: 'True',
            ...observed(pod),
            lastProbeTime: null,
            lastTransitionTime: time(this.now),
          },
        ],
      },
    })
  }

  /** A path in an object that the API knows nothing of. */
  unknownIn(kind: Kind, object: JsonObject): string | undefined {
    return decode(this.schemas, kind, object).unknown[0]
  }

  /** What every namespace has from the beginning. */
  furnish(namespace: string): void {
    if (!this.store.get(SERVICE_ACCOUNTS, namespace, 'default'))
      this.make(
        SERVICE_ACCOUNTS,
        namespace,
        { metadata: { name: 'default' } },
        'kube-controller-manager',
      )
    if (!this.store.get(CONFIG_MAPS, namespace, 'kube-root-ca.crt'))
      this.make(CONFIG_MAPS, namespace, ROOT_CERTIFICATE, 'kube-controller-manager')
  }

  log(namespace: string, name: string, container: string | undefined, text: string): void {
    const pod = this.store.get(PODS, namespace, name)
    const containers = (pod?.spec?.containers ?? []) as readonly { readonly name: string }[]
    const life =
      pod &&
      this.nodes.kubelet.containerOf(pod.metadata.uid, container ?? containers[0]?.name ?? '')
    if (life?.phase !== 'running')
      throw new RangeError(`no container ${container ?? ''} of ${namespace}/${name} is running`)
    life.log.push({ time: this.now, stream: 'stdout', text })
  }

  close(): void {
    this.#compaction()
    this.#controllers.close()
    this.nodes.close()
  }

  /** As the API server does every five minutes: what happened before the last time is forgotten. */
  #compactNowAndThen(): () => void {
    let last = this.store.revision
    let stop = () => {}
    const next = () => {
      stop = this.after(300_000, () => {
        this.store.compact(last)
        last = this.store.revision
        next()
      })
    }
    next()
    return () => stop()
  }
}

const ROOT_CERTIFICATE = {
  metadata: {
    name: 'kube-root-ca.crt',
    annotations: {
      'kubernetes.io/description':
        'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
    },
  },
  data: { 'ca.crt': 'none: this server speaks plain HTTP\n' },
}

const APISERVER = {
  metadata: { name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } },
  spec: { ports: [{ name: 'https', port: 443, targetPort: 6443 }] },
}

const CRITICAL = [
  [
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ],
  [
    'system-node-critical',
    2_000_001_000,
    'Used for system critical pods that must not be moved from their current node.',
  ],
] as const

const STANDARD = {
  metadata: { name: 'standard', annotations: { [DEFAULT_CLASS]: 'true' } },
  provisioner: 'intermodal.dev/simulated',
}
