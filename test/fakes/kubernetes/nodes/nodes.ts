import type { NodeRecord } from '../../../../adapters/simulated/world/model.ts'
import type { Cluster } from '../cluster.ts'
import type { Condition } from '../controllers/pods.ts'
import { Refused } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { NODES, PODS } from '../kinds.ts'
import { controllerOf, isGoing, type KubeObject, time } from '../objects.ts'
import { evict } from '../write/evict.ts'
import { Kubelet } from './kubelet.ts'
import { type Taint, taintOf, tolerated } from './taints.ts'

const LOOK = 1_000
/** A node that is not heard of for so long is taken for lost. */
const PATIENCE = 40_000
const UNREACHABLE = 'node.kubernetes.io/unreachable'
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'

/** The world's nodes as objects of the API, and what runs on them. */
export class Nodes {
  readonly kubelet: Kubelet
  readonly #cluster: Cluster
  readonly #addresses = new Map<string, string>()
  readonly #silentSince = new Map<string, number>()
  readonly #known = new Map<string, string>()
  #levers = ''
  #cancel = () => {}

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.kubelet = new Kubelet(cluster, (node) => !this.#silentSince.has(node))
    cluster.store.onChange(({ kind, object, type }) => {
      if (kind === PODS)
        this.kubelet.see(object.metadata.uid, type === 'DELETED' ? undefined : object)
    })
  }

  start(): void {
    this.#look()
  }

  addressOf(node: string): string {
    return this.#addresses.get(node) ?? '10.0.0.1'
  }

  /** What ran in a pod that is going has ended: only its finalizers still hold it. */
  hasStopped(pod: KubeObject): boolean {
    return !pod.spec?.nodeName || pod.metadata.deletionGracePeriodSeconds === 0
  }

  #look(): void {
    for (const [name, node] of this.#cluster.worldNodes()) {
      if (!this.#known.has(name)) this.#add(node)
      const state = JSON.stringify([node.state, node.taints])
      if (this.#known.get(name) !== state) this.#changed(name, node)
      this.#known.set(name, state)
      this.#judge(name)
      if (node.state === 'draining') this.#drain(name)
    }
    this.#evict()
    // The world does not tell of levers on what it does not run itself.
    const levers = JSON.stringify([...this.#cluster.world.engine.state.levers])
    if (levers !== this.#levers) {
      this.#levers = levers
      this.kubelet.feel()
    }
    this.#cancel = this.#cluster.after(LOOK, () => this.#look())
  }

  #add({ name, capacity, attributes, taints }: NodeRecord): void {
    this.#addresses.set(
      name,
      `10.0.${this.#addresses.size >> 8}.${(this.#addresses.size & 255) + 1}`,
    )
    const amounts = {
      cpu: `${capacity.cpu}m`,
      memory: String(capacity.memory),
      'ephemeral-storage': String(capacity.disk),
      pods: '110',
      ...(capacity.gpus > 0 ? { 'nvidia.com/gpu': String(capacity.gpus) } : {}),
    }
    const { zone, region, ...others } = attributes
    this.#cluster.make(
      NODES,
      undefined,
      {
        metadata: {
          name,
          labels: {
            'kubernetes.io/hostname': name,
            'kubernetes.io/os': 'linux',
            'kubernetes.io/arch': 'amd64',
            ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }),
            ...(region === undefined ? {} : { 'topology.kubernetes.io/region': region }),
            ...attributes,
            ...others,
          },
        },
        ...(taints.length > 0 ? { spec: { taints: taints.map(taintOf) } } : {}),
        status: {
          capacity: amounts,
          allocatable: amounts,
          conditions: this.#conditions('True', 'KubeletReady', 'kubelet is posting ready status'),
          addresses: [
            { type: 'InternalIP', address: this.addressOf(name) },
            { type: 'Hostname', address: name },
          ],
          nodeInfo: {
            kubeletVersion: 'v1.34.4',
            kubeProxyVersion: '',
            operatingSystem: 'linux',
            architecture: 'amd64',
            osImage: 'simulated',
            kernelVersion: '6.1.0',
            containerRuntimeVersion: 'containerd://2.1.0',
            machineID: name,
            systemUUID: name,
            bootID: name,
          },
        },
      },
      'kubelet',
    )
  }

  #conditions(status: string, reason: string, message: string): readonly JsonObject[] {
    const now = time(this.#cluster.now)
    const condition = (type: string, holds: string, why: string, told: string) => ({
      type,
      status: holds,
      lastHeartbeatTime: now,
      lastTransitionTime: now,
      reason: why,
      message: told,
    })
    const lost = status === 'Unknown'
    const healthy = (type: string, why: string, told: string) =>
      lost ? condition(type, 'Unknown', reason, message) : condition(type, 'False', why, told)
    return [
      healthy(
        'MemoryPressure',
        'KubeletHasSufficientMemory',
        'kubelet has sufficient memory available',
      ),
      healthy('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      healthy('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      condition('Ready', status, reason, message),
    ]
  }

  #changed(name: string, node: NodeRecord): void {
    if (!this.#known.has(name)) return
    const { now } = this.#cluster
    if (node.state === 'down') {
      if (!this.#silentSince.has(name)) this.#silentSince.set(name, now)
    } else if (this.#silentSince.delete(name)) {
      this.#ready(name, 'True', 'KubeletReady', 'kubelet is posting ready status')
      this.kubelet.wake(name)
    }
    const own = node.taints.map(taintOf)
    const cordon = node.state === 'draining'
    this.#spec(name, (spec) => {
      const kept = ((spec.taints ?? []) as unknown as readonly Taint[]).filter(
        ({ key }) =>
          key.startsWith('node.kubernetes.io/') &&
          !(key === UNREACHABLE && node.state !== 'down') &&
          (key !== UNSCHEDULABLE || cordon),
      )
      const added =
        cordon && !kept.some(({ key }) => key === UNSCHEDULABLE)
          ? [{ key: UNSCHEDULABLE, effect: 'NoSchedule', timeAdded: time(now) }]
          : []
      const taints = [...kept, ...added, ...own]
      const { taints: _, unschedulable: __, ...rest } = spec
      return {
        ...rest,
        ...(cordon ? { unschedulable: true } : {}),
        ...(taints.length > 0 ? { taints } : {}),
      } as JsonObject
    })
  }

  #spec(name: string, change: (spec: JsonObject) => JsonObject): void {
    const node = this.#cluster.store.get(NODES, undefined, name)
    if (!node) return
    this.#cluster.change(
      NODES,
      node,
      (one) => ({ ...one, spec: change(one.spec ?? {}) }),
      'kube-controller-manager',
    )
  }

  #ready(name: string, status: string, reason: string, message: string): void {
    const node = this.#cluster.store.get(NODES, undefined, name)
    if (!node) return
    const conditions = this.#conditions(status, reason, message)
    this.#cluster.change(
      NODES,
      node,
      (one) => ({ ...one, status: { ...one.status, conditions } }),
      status === 'True' ? 'kubelet' : 'kube-controller-manager',
      'status',
    )
  }

  /** Silence for too long: the node is unknown, and so is what runs on it. */
  #judge(name: string): void {
    const since = this.#silentSince.get(name)
    const { now } = this.#cluster
    if (since === undefined || now - since < PATIENCE) return
    const node = this.#cluster.store.get(NODES, undefined, name)
    const conditions = (node?.status?.conditions ?? []) as unknown as readonly Condition[]
    if (!node || conditions.some(({ type, status }) => type === 'Ready' && status === 'Unknown'))
      return
    this.#ready(name, 'Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.')
    const at = time(now)
    this.#spec(name, (spec) => ({
      ...spec,
      taints: [
        ...((spec.taints ?? []) as JsonObject[]),
        { key: UNREACHABLE, effect: 'NoSchedule', timeAdded: at },
        { key: UNREACHABLE, effect: 'NoExecute', timeAdded: at },
      ],
    }))
    for (const pod of this.#podsOn(name)) this.#unready(pod)
    this.#cluster.events.tell(NODES, node, {
      reason: 'NodeNotReady',
      message: `Node ${name} status is now: NodeNotReady`,
      component: 'node-controller',
    })
  }

  #unready(pod: KubeObject): void {
    const now = time(this.#cluster.now)
    const conditions = ((pod.status?.conditions ?? []) as unknown as readonly Condition[]).map(
      (one) =>
        one.type === 'Ready' && one.status === 'True'
          ? { ...one, status: 'False', lastTransitionTime: now }
          : one,
    )
    this.#cluster.change(
      PODS,
      pod,
      (one) => ({
        ...one,
        status: { ...one.status, conditions: conditions as unknown as JsonObject[] },
      }),
      'kube-controller-manager',
      'status',
    )
  }

  #podsOn(name: string): readonly KubeObject[] {
    return [...this.#cluster.store.all(PODS)].filter(({ spec }) => spec?.nodeName === name)
  }

  #drain(name: string): void {
    for (const pod of this.#podsOn(name))
      if (!isGoing(pod) && controllerOf(pod)?.kind !== 'DaemonSet') this.#sendAway(pod)
  }

  #sendAway(pod: KubeObject): void {
    try {
      evict(this.#cluster, pod)
    } catch (error) {
      // A budget keeps it where it is.
      if (!(error instanceof Refused)) throw error
    }
  }

  /** Pods that do not put up with a taint, or not any longer, go. */
  #evict(): void {
    const { now, store } = this.#cluster
    for (const node of store.all(NODES)) {
      const taints = ((node.spec?.taints ?? []) as unknown as readonly Taint[]).filter(
        ({ effect }) => effect === 'NoExecute',
      )
      if (taints.length === 0) continue
      for (const pod of this.#podsOn(node.metadata.name)) {
        if (isGoing(pod)) continue
        const patience = Math.min(...taints.map((taint) => tolerated(pod, taint, now)))
        if (patience > 0) continue
        this.#cluster.events.tell(PODS, pod, {
          reason: 'TaintManagerEviction',
          message: `Marking for deletion Pod ${pod.metadata.namespace}/${pod.metadata.name}`,
          component: 'taint-eviction-controller',
        })
        this.#cluster.remove(PODS, pod)
      }
    }
  }

  close(): void {
    this.#cancel()
    this.kubelet.close()
  }
}
