import type { LogEntry, ProbeKind } from '../../../../adapters/simulated/world/model.ts'
import type { Cluster } from '../cluster.ts'
import { PODS } from '../kinds.ts'
import { imageFault, missingMaterial } from './images.ts'
import type { PodLevers } from './levers.ts'
import { type ContainerLife, isOver, type PodLife, policyOf } from './life.ts'
import { failureOf, PROBES, period, probeOf } from './probes.ts'
import { type Program, programOf } from './program.ts'
import { idOf } from './report.ts'

const NEVER = Number.POSITIVE_INFINITY
const FIRST_BACK_OFF = 10_000
const LONGEST_BACK_OFF = 300_000

/** What containers go through: images, starts, checks, ends and back-offs. Each step sets the time of the next. */
export class ContainerSteps {
  readonly #cluster: Cluster
  readonly #levers: PodLevers

  constructor(cluster: Cluster, levers: PodLevers) {
    this.#cluster = cluster
    this.#levers = levers
  }

  step(life: PodLife, one: ContainerLife): void {
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
          if (one.endsAt.lever !== undefined) this.#levers.spend(life.pod, one.endsAt.lever)
          this.end(life, one, one.endsAt.code, one.endsAt.oom ? 'OOMKilled' : undefined)
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
        this.tell(
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
      this.tell(
        life,
        one,
        'Normal',
        'Pulled',
        `Container image "${image}" already present on machine`,
      )
      this.#to(one, 'creating', this.#levers.duration(life.pod, 'start'))
      return
    }
    one.attempts++
    this.tell(life, one, 'Normal', 'Pulling', `Pulling image "${image}"`)
    const usual = this.#levers.duration(life.pod, 'pull')
    const known = this.#cluster.world.engine.state.images.get(image)?.pull
    this.#to(one, 'pulling', present ? 0 : (known ?? usual))
  }

  #pulled(life: PodLife, one: ContainerLife): void {
    const { image } = one.spec
    const fault = imageFault(this.#cluster, image)
    if (fault !== undefined) {
      this.tell(life, one, 'Warning', 'Failed', `Failed to pull image "${image}": ${fault}`)
      this.tell(life, one, 'Warning', 'Failed', 'Error: ErrImagePull')
      this.#to(one, 'pullFailed', 1000, fault)
      return
    }
    const node = this.#cluster.worldNodes().get(String(life.pod.spec?.nodeName))
    if (node && !node.images.includes(image)) node.images.push(image)
    this.tell(life, one, 'Normal', 'Pulled', `Successfully pulled image "${image}"`)
    this.#to(one, 'creating', this.#levers.duration(life.pod, 'start'))
  }

  #start(life: PodLife, one: ContainerLife): void {
    const { pod } = life
    const { now } = this.#cluster
    const missing = missingMaterial(this.#cluster, pod, one)
    if (missing !== undefined) {
      this.tell(life, one, 'Warning', 'Failed', `Error: ${missing}`)
      this.#to(one, 'misconfigured', 5000, missing)
      return
    }
    this.tell(life, one, 'Normal', 'Created', `Created container: ${one.spec.name}`)
    const broken = this.#levers.startFailure(pod)
    if (broken && !one.init) {
      this.#levers.spend(pod, broken.lever)
      one.since = now
      const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${broken.message}`
      this.tell(life, one, 'Warning', 'Failed', `Error: ${message}`)
      this.end(life, one, 128, 'StartError', message)
      return
    }
    this.tell(life, one, 'Normal', 'Started', `Started container ${one.spec.name}`)
    const program = this.#program(life, one)
    const lines = [...program.says, ...this.#levers.lines(pod)]
    one.log = lines.map((text): LogEntry => ({ time: now, stream: 'stdout', text }))
    this.#to(one, 'running', 0)
    one.probes = {}
    for (const kind of PROBES) {
      const probe = probeOf(one, kind)
      if (!probe) continue
      const first =
        now + (probe.initialDelaySeconds ?? 0) * 1000 + this.#levers.duration(pod, 'check')
      one.probes[kind] = { nextAt: first, failures: 0, successes: 0 }
    }
    one.started = !one.probes.startup
    one.ready = one.started && !one.probes.readiness
    this.planEnd(life, one)
    this.#probe(life, one)
  }

  #program(life: PodLife, one: ContainerLife): Program {
    const program = programOf(one.spec)
    const warmUp = this.#levers.duration(life.pod, 'warmUp')
    return { ...program, listensAfter: Math.max(program.listensAfter, warmUp) }
  }

  planEnd(life: PodLife, one: ContainerLife): void {
    const { end } = programOf(one.spec)
    const lever = one.init ? undefined : this.#levers.exit(life.pod)
    if (lever) {
      const at = Math.max(this.#cluster.now, one.since + lever.after)
      one.endsAt = { at, code: lever.code, oom: lever.oom, lever: lever.lever }
    } else if (end)
      one.endsAt = { at: one.since + end.after, code: end.code, oom: end.oom === true }
    else if (policyOf(life.pod, one) !== 'Always')
      one.endsAt ??= { at: one.since + this.#levers.duration(life.pod, 'run'), code: 0, oom: false }
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
      const forced = this.#levers.fails(life.pod, kind)
      const failure = failureOf(probe, one, program, now - one.since, forced, life.ip)
      state.failures = failure === undefined ? 0 : state.failures + 1
      state.successes = failure === undefined ? state.successes + 1 : 0
      if (failure !== undefined) {
        const word = `${(kind[0] as string).toUpperCase()}${kind.slice(1)}`
        this.tell(life, one, 'Warning', 'Unhealthy', `${word} probe failed: ${failure}`)
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
    this.tell(life, one, 'Normal', 'Killing', message)
    this.end(life, one, programOf(one.spec).listensToStop ? 143 : 137)
    return true
  }

  end(life: PodLife, one: ContainerLife, code: number, reason?: string, message?: string): void {
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

  tell(
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
}

function backOff(attempts: number): number {
  return Math.min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** (attempts - 1))
}

function shown(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  const minutes = Math.floor(seconds / 60)
  return minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`
}
