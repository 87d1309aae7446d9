import type { Cluster } from '../cluster.ts'
import { sameJson } from '../json.ts'
import { PODS } from '../kinds.ts'
import { isGoing, type KubeObject } from '../objects.ts'
import { PodLevers } from './levers.ts'
import { born, type ContainerLife, isOver, isSidecar, type PodLife } from './life.ts'
import { programOf } from './program.ts'
import { phaseOf, statusOf } from './report.ts'
import { ContainerSteps } from './steps.ts'

const NEVER = Number.POSITIVE_INFINITY

/** Lives the lives of the pods that are bound to nodes. */
export class Kubelet {
  readonly levers: PodLevers
  readonly #steps: ContainerSteps
  readonly #cluster: Cluster
  readonly #lives = new Map<string, PodLife>()
  readonly #isUp: (node: string) => boolean
  #addresses = 0

  constructor(cluster: Cluster, isUp: (node: string) => boolean) {
    this.#cluster = cluster
    this.#isUp = isUp
    this.levers = new PodLevers(cluster)
    this.#steps = new ContainerSteps(cluster, this.levers)
  }

  /** A pod as it is now; `undefined` once it is gone. */
  see(uid: string, pod: KubeObject | undefined): void {
    const life = this.#lives.get(uid)
    if (!pod) {
      life?.cancel()
      this.#lives.delete(uid)
      return
    }
    if (!pod.spec?.nodeName) return
    if (!life) {
      this.#addresses++
      const ip = `10.244.${(this.#addresses >> 8) & 255}.${this.#addresses & 255}`
      this.#lives.set(uid, born(pod, ip, this.#cluster.now))
      this.levers.begin(pod)
      this.#wake(uid, this.#cluster.now + this.levers.duration(pod, 'assign'))
      return
    }
    const before = life.pod
    life.pod = pod
    if (isGoing(pod) && life.stopsAt === undefined) this.#wake(uid, this.#cluster.now)
    else if (
      isGoing(pod) &&
      pod.metadata.deletionGracePeriodSeconds !== before.metadata.deletionGracePeriodSeconds
    )
      this.#wake(uid, this.#cluster.now)
  }

  /** Everything on a node that is heard of again. */
  wake(node: string): void {
    for (const [uid, { pod }] of this.#lives)
      if (pod.spec?.nodeName === node) this.#wake(uid, this.#cluster.now)
  }

  /** Somebody pulled a lever: what runs notices. */
  feel(): void {
    for (const [uid, life] of this.#lives) {
      for (const one of life.containers)
        if (one.phase === 'running' && !one.init) this.#steps.planEnd(life, one)
      this.#wake(uid, this.#cluster.now)
    }
  }

  containerOf(uid: string, name: string): ContainerLife | undefined {
    return this.#lives.get(uid)?.containers.find(({ spec }) => spec.name === name)
  }

  #wake(uid: string, at: number): void {
    const life = this.#lives.get(uid)
    if (!life) return
    life.cancel()
    if (at === NEVER) return
    life.cancel = this.#cluster.after(Math.max(0, at - this.#cluster.now), () =>
      this.#turn(uid, life),
    )
  }

  #turn(uid: string, life: PodLife): void {
    if (this.#lives.get(uid) !== life || !this.#isUp(String(life.pod.spec?.nodeName))) return
    if (isGoing(life.pod)) {
      this.#stop(uid, life)
      return
    }
    this.#advance(life)
    this.#report(life)
    const due = Math.min(...life.containers.map((one) => one.due))
    const over = ['Succeeded', 'Failed'].includes(phaseOf(life))
    this.#wake(uid, over ? NEVER : due)
  }

  #report(life: PodLife): void {
    const host = this.#cluster.nodes.addressOf(String(life.pod.spec?.nodeName))
    const status = statusOf(life, this.#cluster.now, host)
    if (sameJson(status, life.pod.status)) return
    const written = this.#cluster.change(
      PODS,
      life.pod,
      (one) => ({ ...one, status }),
      'kubelet',
      'status',
    )
    if (written) life.pod = written
  }

  #stop(uid: string, life: PodLife): void {
    const { now } = this.#cluster
    const grace = (life.pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000
    if (life.stopsAt === undefined) {
      const running = life.containers.filter(({ phase }) => phase === 'running')
      for (const one of running)
        this.#steps.tell(life, one, 'Normal', 'Killing', `Stopping container ${one.spec.name}`)
      const deaf = running.some(({ spec }) => !programOf(spec).listensToStop)
      const wanted =
        running.length === 0 ? 0 : deaf ? grace : this.levers.duration(life.pod, 'stop')
      life.stopsAt = now + Math.min(grace, wanted)
    }
    life.stopsAt = Math.min(life.stopsAt, now + grace)
    if (now < life.stopsAt) {
      this.#wake(uid, life.stopsAt)
      return
    }
    for (const one of life.containers)
      if (one.phase === 'running')
        this.#steps.end(life, one, programOf(one.spec).listensToStop ? 0 : 137)
    this.#report(life)
    const pod = this.#cluster.store.get(PODS, life.pod.metadata.namespace, life.pod.metadata.name)
    if (pod?.metadata.uid === uid) this.#cluster.remove(PODS, pod, { gracePeriodSeconds: 0 })
  }

  #advance(life: PodLife): void {
    const main = life.containers.filter(({ init }) => !init)
    for (const one of life.containers) {
      if (!one.init && !this.#isOpen(life)) {
        one.due = NEVER
        continue
      }
      if (one.init && !this.#isTurnOf(life, one)) {
        one.due = NEVER
        continue
      }
      if (one.due === NEVER && one.phase === 'waiting') one.due = this.#cluster.now
      for (let guard = 0; guard < 20 && one.due <= this.#cluster.now; guard++)
        this.#steps.step(life, one)
    }
    if (main.every((one) => isOver(life.pod, one)))
      for (const one of life.containers.filter(isSidecar))
        if (one.phase === 'running') this.#steps.end(life, one, 0)
  }

  #isOpen({ containers }: PodLife): boolean {
    return containers
      .filter(({ init }) => init)
      .every((one) => (isSidecar(one) ? one.started : one.phase === 'ended' && one.end?.code === 0))
  }

  #isTurnOf({ containers }: PodLife, one: ContainerLife): boolean {
    return containers
      .slice(0, containers.indexOf(one))
      .every((each) =>
        isSidecar(each) ? each.started : each.phase === 'ended' && each.end?.code === 0,
      )
  }

  close(): void {
    for (const { cancel } of this.#lives.values()) cancel()
    this.#lives.clear()
  }
}
