import type { LogEntry, ProbeKind } from '../../../../adapters/simulated/world/model.ts'
import type { Cluster } from '../cluster.ts'
import { sameJson } from '../json.ts'
import { PODS } from '../kinds.ts'
import { isGoing, type KubeObject } from '../objects.ts'
import { imageFault, missingMaterial } from './images.ts'
import { PodLevers } from './levers.ts'
import { born, type ContainerLife, isOver, isSidecar, type PodLife, policyOf } from './life.ts'
import { failureOf, PROBES, period, probeOf } from './probes.ts'
import { type Program, programOf } from './program.ts'
import { idOf, phaseOf, statusOf } from './report.ts'

const NEVER = Number.POSITIVE_INFINITY
const FIRST_BACK_OFF = 10_000
const LONGEST_BACK_OFF = 300_000

/** Lives the lives of the pods that are bound to nodes. */
export class Kubelet {
  readonly levers: PodLevers
  readonly #cluster: Cluster
  readonly #lives = new Map<string, PodLife>()
  readonly #isUp: (node: string) => boolean
  #addresses = 0

  constructor(cluster: Cluster, isUp: (node: string) => boolean) {
    this.#cluster = cluster
    this.#isUp = isUp
    this.levers = new PodLevers(cluster)
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
        if (one.phase === 'running' && !one.init) this.#planEnd(life, one)
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
        this.#tell(life, one, 'Normal', 'Killing', `Stopping container ${one.spec.name}`)
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
      if (one.phase === 'running') this.#end(life, one, programOf(one.spec).listensToStop ? 0 : 137)
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
      for (let guard = 0; guard < 20 && one.due <= this.#cluster.now; guard++) this.#step(life, one)
    }
    if (main.every((one) => isOver(life.pod, one)))
      for (const one of life.containers.filter(isSidecar))
        if (one.phase === 'running') this.#end(life, one, 0)
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

  #step(life: PodLife, one: ContainerLife): void {
    const { now } = this.#cluster
    switch (one.phase) {
      case 'waiting':
      case 'pullBackOff':
        this.#pull(life, one)
        return
      case 'pulling':
        this.#pulled(life, one)
        return
      case 'pullFailed':
        this.#to(
          one,
          'pullBackOff',
          backOff(one.attempts),
          `Back-off pulling image "${one.spec.image}"${one.message ? `: ErrImagePull: ${one.message}` : ''}`,
        )
        return
      case 'misconfigured':
      case 'creating':
        this.#start(life, one)
        return
      case 'running':
        if (one.endsAt && one.endsAt.at <= now) {
          if (one.endsAt.lever !== undefined) this.levers.spend(life.pod, one.endsAt.lever)
          this.#end(life, one, one.endsAt.code, one.endsAt.oom ? 'OOMKilled' : undefined)
          return
        }
        this.#probe(life, one)
        return
      case 'ended': {
        if (isOver(life.pod, one)) {
          one.due = NEVER
          return
        }
        if (one.restarts === 0) {
          this.#restart(life, one)
          return
        }
        const wait = Math.min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** (one.restarts - 1))
        const { name, namespace, uid } = life.pod.metadata
        const message = `back-off ${shown(wait)} restarting failed container=${one.spec.name} pod=${name}_${namespace}(${uid})`
        this.#tell(
          life,
          one,
          'Warning',
          'BackOff',
          `Back-off restarting failed container ${one.spec.name} in pod ${name}_${namespace}(${uid})`,
        )
        this.#to(one, 'backOff', wait, message)
        return
      }
      case 'backOff':
        this.#restart(life, one)
        return
    }
  }

  #to(one: ContainerLife, phase: ContainerLife['phase'], wait: number, message?: string): void {
    const { now } = this.#cluster
    one.phase = phase
    one.since = now
    one.due = wait === NEVER ? NEVER : now + wait
    one.message = message
  }

  #pull(life: PodLife, one: ContainerLife): void {
    const node = this.#cluster.worldNodes().get(String(life.pod.spec?.nodeName))
    const { image, imagePullPolicy } = one.spec
    const present = node?.images.includes(image) === true
    if (imagePullPolicy === 'Never' && !present) {
      this.#to(
        one,
        'pullFailed',
        1000,
        `Container image "${image}" is not present with pull policy of Never`,
      )
      return
    }
    if (present && imagePullPolicy !== 'Always') {
      this.#tell(
        life,
        one,
        'Normal',
        'Pulled',
        `Container image "${image}" already present on machine`,
      )
      this.#to(one, 'creating', this.levers.duration(life.pod, 'start'))
      return
    }
    one.attempts++
    this.#tell(life, one, 'Normal', 'Pulling', `Pulling image "${image}"`)
    const usual = this.levers.duration(life.pod, 'pull')
    const known = this.#cluster.world.engine.state.images.get(image)?.pull
    this.#to(one, 'pulling', present ? 0 : (known ?? usual))
  }

  #pulled(life: PodLife, one: ContainerLife): void {
    const { image } = one.spec
    const fault = imageFault(this.#cluster, image)
    if (fault !== undefined) {
      this.#tell(life, one, 'Warning', 'Failed', `Failed to pull image "${image}": ${fault}`)
      this.#tell(life, one, 'Warning', 'Failed', 'Error: ErrImagePull')
      this.#to(one, 'pullFailed', 1000, fault)
      return
    }
    const node = this.#cluster.worldNodes().get(String(life.pod.spec?.nodeName))
    if (node && !node.images.includes(image)) node.images.push(image)
    this.#tell(life, one, 'Normal', 'Pulled', `Successfully pulled image "${image}"`)
    this.#to(one, 'creating', this.levers.duration(life.pod, 'start'))
  }

  #start(life: PodLife, one: ContainerLife): void {
    const { pod } = life
    const { now } = this.#cluster
    const missing = missingMaterial(this.#cluster, pod, one)
    if (missing !== undefined) {
      this.#tell(life, one, 'Warning', 'Failed', `Error: ${missing}`)
      this.#to(one, 'misconfigured', 5000, missing)
      return
    }
    this.#tell(life, one, 'Normal', 'Created', `Created container: ${one.spec.name}`)
    const broken = this.levers.startFailure(pod)
    if (broken && !one.init) {
      this.levers.spend(pod, broken.lever)
      one.since = now
      const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${broken.message}`
      this.#tell(life, one, 'Warning', 'Failed', `Error: ${message}`)
      this.#end(life, one, 128, 'StartError', message)
      return
    }
    this.#tell(life, one, 'Normal', 'Started', `Started container ${one.spec.name}`)
    const program = this.#program(life, one)
    const lines = [...program.says, ...this.levers.lines(pod)]
    one.log = lines.map((text): LogEntry => ({ time: now, stream: 'stdout', text }))
    this.#to(one, 'running', 0)
    one.probes = {}
    for (const kind of PROBES) {
      const probe = probeOf(one, kind)
      if (!probe) continue
      const first =
        now + (probe.initialDelaySeconds ?? 0) * 1000 + this.levers.duration(pod, 'check')
      one.probes[kind] = { nextAt: first, failures: 0, successes: 0 }
    }
    one.started = !one.probes.startup
    one.ready = one.started && !one.probes.readiness
    this.#planEnd(life, one)
    this.#probe(life, one)
  }

  #program(life: PodLife, one: ContainerLife): Program {
    const program = programOf(one.spec)
    const warmUp = this.levers.duration(life.pod, 'warmUp')
    return { ...program, listensAfter: Math.max(program.listensAfter, warmUp) }
  }

  #planEnd(life: PodLife, one: ContainerLife): void {
    const { end } = programOf(one.spec)
    const lever = one.init ? undefined : this.levers.exit(life.pod)
    if (lever) {
      const at = Math.max(this.#cluster.now, one.since + lever.after)
      one.endsAt = { at, code: lever.code, oom: lever.oom, lever: lever.lever }
    } else if (end)
      one.endsAt = { at: one.since + end.after, code: end.code, oom: end.oom === true }
    else if (policyOf(life.pod, one) !== 'Always')
      one.endsAt ??= { at: one.since + this.levers.duration(life.pod, 'run'), code: 0, oom: false }
    else one.endsAt = undefined
    one.due = Math.min(one.due, one.endsAt?.at ?? NEVER)
  }

  #probe(life: PodLife, one: ContainerLife): void {
    const { now } = this.#cluster
    const program = this.#program(life, one)
    for (const kind of PROBES) {
      const state = one.probes[kind]
      const probe = probeOf(one, kind)
      if (!state || !probe || state.nextAt > now) continue
      if (kind !== 'startup' && !one.started) continue
      if (kind === 'startup' && one.started) {
        state.nextAt = NEVER
        continue
      }
      state.nextAt = now + period(probe)
      const forced = this.levers.fails(life.pod, kind)
      const failure = failureOf(probe, one, program, now - one.since, forced, life.ip)
      state.failures = failure === undefined ? 0 : state.failures + 1
      state.successes = failure === undefined ? state.successes + 1 : 0
      if (failure !== undefined) {
        const word = `${(kind[0] as string).toUpperCase()}${kind.slice(1)}`
        this.#tell(life, one, 'Warning', 'Unhealthy', `${word} probe failed: ${failure}`)
      }
      if (this.#judge(life, one, kind)) return
    }
    const next = PROBES.flatMap((kind) => {
      const state = one.probes[kind]
      return state && (kind === 'startup' || one.started) ? [state.nextAt] : []
    })
    one.due = Math.min(one.endsAt?.at ?? NEVER, ...next)
  }

  /** What the thresholds make of it. True: the container was ended for it. */
  #judge(life: PodLife, one: ContainerLife, kind: ProbeKind): boolean {
    const probe = probeOf(one, kind)
    const state = one.probes[kind]
    if (!probe || !state) return false
    const passed = state.successes >= (probe.successThreshold ?? 1)
    const failed = state.failures >= (probe.failureThreshold ?? 3)
    if (kind === 'startup' && passed) {
      one.started = true
      one.ready ||= !one.probes.readiness
      for (const other of PROBES) {
        const following = one.probes[other]
        if (other !== 'startup' && following)
          following.nextAt = Math.max(following.nextAt, this.#cluster.now)
      }
    }
    if (kind === 'readiness') one.ready = passed || (one.ready && !failed)
    if (kind === 'readiness' || !failed) return false
    const message = `Container ${one.spec.name} failed ${kind} probe, will be restarted`
    this.#tell(life, one, 'Normal', 'Killing', message)
    this.#end(life, one, programOf(one.spec).listensToStop ? 143 : 137)
    return true
  }

  #end(life: PodLife, one: ContainerLife, code: number, reason?: string, message?: string): void {
    const { now } = this.#cluster
    const word = reason ?? (code === 0 ? 'Completed' : 'Error')
    one.last = one.end
    one.end = { code, reason: word, message, startedAt: one.since, at: now, id: idOf(life, one) }
    one.phase = 'ended'
    one.since = now
    one.ready = false
    one.started = false
    one.endsAt = undefined
    one.message = undefined
    // Long enough for the end to be seen before the next beginning.
    one.due = isOver(life.pod, one) ? NEVER : now + 1000
  }

  #restart(life: PodLife, one: ContainerLife): void {
    one.restarts++
    one.previousLog = one.log
    this.#start(life, one)
  }

  #tell(
    life: PodLife,
    one: ContainerLife,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    const list = one.init ? 'initContainers' : 'containers'
    this.#cluster.events.tell(PODS, life.pod, {
      type,
      reason,
      message,
      component: 'kubelet',
      host: String(life.pod.spec?.nodeName),
      fieldPath: `spec.${list}{${one.spec.name}}`,
    })
  }

  close(): void {
    for (const { cancel } of this.#lives.values()) cancel()
    this.#lives.clear()
  }
}

function backOff(attempts: number): number {
  return Math.min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** (attempts - 1))
}

function shown(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  const minutes = Math.floor(seconds / 60)
  return minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`
}
