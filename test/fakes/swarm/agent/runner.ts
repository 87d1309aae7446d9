import type { World } from '../../../../adapters/simulated/world.ts'
import { graceOf } from '../spec/policy.ts'
import { COMPLETE, isOver, RUNNING, rank, type TaskRecord } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import type { Time } from '../time.ts'
import { attachNetworks } from './attachments.ts'
import { Container } from './container.ts'
import { HealthChecks, healthRules } from './health.ts'
import { effectsOn, lasting, spend } from './levers.ts'
import { type Exit, Process } from './process.ts'

export interface Surroundings {
  readonly world: World
  readonly time: Time
  readonly store: Store
  /** Told what happens to containers: `create`, `start`, `die` … */
  readonly tell: (
    container: Container,
    action: string,
    more?: Readonly<Record<string, string>>,
  ) => void
}

/** From the moment an agent has been told to stop a container to the moment it says so. */
const NOTICE = 100
/** A task that is prepared and may start takes a moment to do so. */
const READY_REST = 30

/** One task on its node, from being assigned to its end, step by step. */
export class Runner {
  readonly task: TaskRecord
  readonly #around: Surroundings
  container: Container | undefined
  #process: Process | undefined
  #health: HealthChecks | undefined
  #stop: () => void = () => {}
  /** The state whose next step is under way. */
  #doing: string | undefined
  #stopping = false
  #sick = false
  /** The node does not answer: what happens on it is not heard of. */
  #silent = false
  #unheard: (() => void) | undefined

  constructor(around: Surroundings, task: TaskRecord) {
    this.#around = around
    this.task = task
  }

  /** Something changed: takes the next step, unless it is under way. */
  look(): void {
    if (this.#silent || isOver(this.task)) return
    if (rank(this.task.DesiredState) > COMPLETE) {
      this.#shutDown()
      return
    }
    const { State } = this.task.Status
    if (this.#doing === State) return
    if (State === 'ready' && rank(this.task.DesiredState) < RUNNING) return
    this.#doing = State
    if (State === 'assigned') this.#then('assign', () => this.#prepare())
    if (State === 'ready') this.#then(READY_REST, () => this.#start())
  }

  feel(): void {
    this.#process?.feel()
    this.#health?.wake()
  }

  silence(silent: boolean): void {
    this.#silent = silent
    if (silent) return
    const unheard = this.#unheard
    this.#unheard = undefined
    unheard?.()
    this.look()
  }

  kill(): void {
    if (this.container) this.#around.tell(this.container, 'kill', { signal: '9' })
    this.#process?.kill()
  }

  /** The task is gone from the store, and its container with it. */
  close(): void {
    this.#stop()
    this.#health?.close()
    this.#process?.abandon()
    if (!this.container) return
    this.container.endLog()
    this.#around.tell(this.container, 'destroy')
  }

  #then(what: 'assign' | 'pull' | 'start' | number, run: () => void): void {
    const length = typeof what === 'number' ? what : lasting(this.#around.world, this.task, what)
    this.#stop()
    this.#stop = this.#around.time.after(length, () => {
      if (this.#silent) this.#unheard = run
      else if (!isOver(this.task)) run()
    })
  }

  #prepare(): void {
    this.#set('preparing', 'preparing')
    const { engine } = this.#around.world
    const image = this.task.Spec.ContainerSpec?.Image ?? ''
    // Levers know images by their names: a command line client adds what the registry says they are today.
    const known = image.replace(/@.*$/, '')
    const node = this.#around.store.nodes.get(this.task.NodeID ?? '')?.record
    const fault = () => engine.state.images.get(known)?.fault
    const has = node?.images.includes(image) === true
    const pull = has ? NOTICE : (engine.state.images.get(known)?.pull ?? 'pull')
    this.#then(fault() ? NOTICE : pull, () => {
      if (fault() && !has) {
        // Whatever the registry says, this is what the engine says of it.
        this.#set('rejected', 'preparing', `No such image: ${tagged(image)}`, none())
        return
      }
      if (!has) node?.images.push(image)
      this.#set('ready', 'prepared')
    })
  }

  #start(): void {
    const { store, tell, world } = this.#around
    const { stamps, ids } = store
    const node = store.nodes.get(this.task.NodeID ?? '')?.record.name ?? ''
    const container = new Container(ids.local(), this.task, stamps.next(), node)
    this.container = container
    tell(container, 'create')
    this.#set('starting', 'starting')
    this.#then('start', () => {
      const missing = missingMaterial(store, this.task)
      if (missing) {
        container.state = 'exited'
        container.exitCode = 128
        this.#set('failed', 'starting', `starting container failed: ${missing}`)
        return
      }
      const broken = effectsOn(world, this.task).find(({ type }) => type === 'startFails')
      if (broken?.type === 'startFails') {
        spend(broken)
        container.state = 'exited'
        container.exitCode = 127
        const cause = `starting container failed: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${broken.message}: unknown`
        this.#set('failed', 'starting', cause)
        return
      }
      this.#up(container)
    })
  }

  #up(container: Container): void {
    const { world, time, store, tell } = this.#around
    container.state = 'running'
    container.started = store.stamps.next()
    container.pid = 2000 + store.ids.below(30_000)
    tell(container, 'start')
    const rules = healthRules(this.task)
    const exits: Exit[] = []
    const tty = this.task.Spec.ContainerSpec?.TTY === true
    this.#process = new Process(world, time, container, {
      write: (stream, text) =>
        container.write({ at: store.stamps.next(), stream: tty ? 'stdout' : stream, text }),
      exit: (exit) => {
        exits.push(exit)
        this.#ended(exit)
      },
    })
    if (exits.length > 0) return
    if (!rules) {
      this.#set('running', 'started')
      return
    }
    this.#health = new HealthChecks(this.#around, container, rules, (health) => {
      tell(container, `health_status: ${health}`)
      if (health === 'healthy') {
        if (this.task.Status.State === 'starting') this.#hear(() => this.#set('running', 'started'))
        return
      }
      this.#sick = true
      tell(container, 'kill', { signal: '15' })
      this.#process?.terminate(graceOf(this.task.Spec))
    })
  }

  #ended({ code, oom }: Exit): void {
    const { container, task } = this
    if (!container) return
    this.#health?.close()
    container.state = 'exited'
    container.pid = 0
    container.exitCode = code
    container.oom = oom
    container.finished = this.#around.store.stamps.next()
    if (oom) this.#around.tell(container, 'oom')
    this.#around.tell(container, 'die', { exitCode: String(code) })
    if (this.#stopping) this.#around.tell(container, 'stop')
    container.endLog()
    this.#hear(() => {
      if (this.#stopping) return this.#set('shutdown', 'shutdown')
      if (code !== 0) {
        const cause = this.#sick ? ': dockerexec: unhealthy container' : ''
        return this.#set(
          'failed',
          task.Status.Message ?? '',
          `task: non-zero exit (${code})${cause}`,
        )
      }
      if (task.Status.State === 'starting') this.#set('running', 'started')
      this.#set('complete', 'finished')
    })
  }

  #shutDown(): void {
    if (this.#stopping) return
    this.#stopping = true
    const { container } = this
    if (container?.state !== 'running') {
      this.#then(NOTICE, () =>
        this.#set('shutdown', 'shutdown', undefined, container ? undefined : none()),
      )
      return
    }
    this.#health?.close()
    this.#then(NOTICE, () => {
      if (container.state === 'running') {
        container.exitCode = -1
        this.#set(this.task.Status.State, this.task.Status.Message ?? '')
      }
    })
    this.#around.tell(container, 'kill', { signal: '15' })
    this.#process?.terminate(graceOf(this.task.Spec))
  }

  /** What happens on a node that does not answer is learnt when it answers again. */
  #hear(run: () => void): void {
    if (this.#silent) this.#unheard = run
    else run()
  }

  #set(
    State: TaskRecord['Status']['State'],
    Message: string,
    Err?: string,
    status = this.#containerStatus(),
  ): void {
    const { store } = this.#around
    if (store.tasks.get(this.task.ID) !== this.task) return
    const attachments = attachNetworks(store, this.task)
    store.setTask(this.task, {
      Status: {
        Timestamp: store.stamps.text(),
        State,
        Message,
        ...(Err === undefined ? {} : { Err }),
        ...(status ? { ContainerStatus: status } : {}),
        PortStatus: this.#ports(State),
      },
      ...(attachments ? { NetworksAttachments: attachments } : {}),
    })
  }

  #containerStatus() {
    if (!this.container) return undefined
    const { id, pid, exitCode } = this.container
    return { ContainerID: id, PID: pid, ExitCode: exitCode }
  }

  #ports(state: string): NonNullable<TaskRecord['Status']['PortStatus']> {
    const own = (this.task.endpoint?.Ports ?? []).filter(
      ({ PublishMode }) => PublishMode === 'host',
    )
    return state === 'running' && own.length > 0 ? { Ports: own } : {}
  }
}

function none() {
  return { ContainerID: '', PID: 0, ExitCode: 0 }
}

/** What a node says whom the manager cannot give a secret or config that is gone. */
function missingMaterial(store: Store, { Spec }: TaskRecord): string | undefined {
  const { Secrets = [], Configs = [] } = Spec.ContainerSpec ?? {}
  const told = (kind: string, id: string) =>
    `unable to get ${kind} from ${kind} store: ${kind} ${id} not found`
  const secret = Secrets.find(({ SecretID }) => !store.secrets.has(SecretID ?? ''))
  if (secret) return told('secret', secret.SecretID ?? '')
  const config = Configs.find(({ ConfigID }) => !store.configs.has(ConfigID ?? ''))
  return config && told('config', config.ConfigID ?? '')
}

/** Images without a tag are looked for as the latest. */
function tagged(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1)
  return /[:@]/.test(last) ? image : `${image}:latest`
}
