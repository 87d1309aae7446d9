import type { Bus } from './bus.ts'
import { deploymentNotFound, locked, tooManyDeployments } from './errors.ts'
import type { PathId } from './normal/paths.ts'
import { type Action, stepsBetween } from './store/plan.ts'
import type { Root, Spec } from './store/root.ts'
import type { Cluster } from './world/cluster.ts'
import { uuidOf } from './world/ids.ts'

export interface Deployment {
  readonly id: string
  readonly version: string
  readonly original: Root
  readonly target: Root
  readonly steps: readonly (readonly Action[])[]
  readonly affected: ReadonlyMap<PathId, Spec['kind']>
  /** Of `steps`, from 0; -1 before the first. */
  step: number
}

/** `app` or `pod`, as in all that is written of an action. */
export function actionJson({ type, spec }: Action): object {
  return spec.kind === 'app'
    ? { action: `${type}Application`, app: spec.id }
    : { action: `${type}Pod`, pod: spec.id }
}

export function stepJson(step: readonly Action[]): object {
  return { actions: step.map(actionJson) }
}

/** Plans under way. Each goes on to its next step when the world has done all of the current one. */
export class Deployments {
  readonly #running: Deployment[] = []
  readonly #cluster: Cluster
  readonly #bus: Bus
  readonly #most: number
  readonly #heavy: (root: Root) => object
  #count = 0
  #advancing = false

  constructor(
    cluster: Cluster,
    bus: Bus,
    /** `--max_running_deployments`. */
    most: number,
    /** A root group in full: what plans of old events carry twice. */
    heavy: (root: Root) => object,
  ) {
    this.#cluster = cluster
    this.#bus = bus
    this.#most = most
    this.#heavy = heavy
  }

  /** Oldest first. */
  get running(): readonly Deployment[] {
    return this.#running
  }

  find(id: string): Deployment {
    const found = this.#running.find((one) => one.id === id)
    if (!found) throw deploymentNotFound(id)
    return found
  }

  of(spec: PathId): readonly Deployment[] {
    return this.#running.filter(({ affected }) => affected.has(spec))
  }

  /** A plan, not begun. Throws the refusal when others hold what it is about, unless they are to be forced aside. */
  plan(original: Root, target: Root, force: boolean): Deployment {
    const steps = stepsBetween(original, target)
    const affected = new Map(
      steps.flatMap((step) => step.map(({ spec }) => [spec.id, spec.kind] as const)),
    )
    const inTheWay = this.#inTheWay(affected)
    if (inTheWay.length > 0 && !force) throw locked(inTheWay.map(({ id }) => id))
    if (this.#running.length >= this.#most && !force) throw tooManyDeployments(this.#most)
    const id = uuidOf(`deployment ${++this.#count} ${target.version}`)
    return { id, version: target.version, original, target, steps, affected, step: -1 }
  }

  #inTheWay(affected: ReadonlyMap<PathId, unknown>): readonly Deployment[] {
    return this.#running.filter((one) => [...one.affected.keys()].some((id) => affected.has(id)))
  }

  /** Begins it; those in its way are cancelled. */
  start(deployment: Deployment): void {
    for (const other of this.#inTheWay(deployment.affected)) this.#fail(other)
    this.#running.push(deployment)
    this.advance()
  }

  /** Ends it where it is. */
  cancel(deployment: Deployment): void {
    for (const id of deployment.affected.keys()) this.#cluster.halt(id)
    this.#fail(deployment)
  }

  #fail(deployment: Deployment): void {
    this.#running.splice(this.#running.indexOf(deployment), 1)
    const { id } = deployment
    const step = deployment.steps[deployment.step]
    if (step) this.#tell('deployment_step_failure', deployment, { currentStep: stepJson(step) })
    this.#tell('deployment_failed', deployment, { id, reason: 'The upgrade has been cancelled' })
  }

  /** Looks at all of them: called when something in the world has changed. */
  advance(): void {
    // What a step does to the world is told at once, and would come back here.
    if (this.#advancing) return
    this.#advancing = true
    try {
      for (const deployment of [...this.#running]) this.#advance(deployment)
    } finally {
      this.#advancing = false
    }
  }

  #advance(deployment: Deployment): void {
    const { steps } = deployment
    for (;;) {
      const current = steps[deployment.step]
      if (current && !current.every((action) => this.#cluster.isDone(action))) return
      if (current)
        this.#tell('deployment_step_success', deployment, { currentStep: stepJson(current) })
      const next = steps[++deployment.step]
      if (!next) break
      this.#tell('deployment_info', deployment, { currentStep: stepJson(next) })
      for (const action of next) this.#cluster.begin(action)
    }
    this.#running.splice(this.#running.indexOf(deployment), 1)
    this.#tell('deployment_success', deployment, { id: deployment.id })
  }

  #tell(type: string, deployment: Deployment, fields: object): void {
    const { id, version, steps, original, target } = deployment
    const plan = { id, steps: steps.map(stepJson), version }
    this.#bus.publish(type, { ...fields, plan }, () => ({
      ...fields,
      plan: { ...plan, original: this.#heavy(original), target: this.#heavy(target) },
    }))
  }
}
