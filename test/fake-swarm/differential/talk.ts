import type { Engine } from './engine.ts'
import { plain } from './shape.ts'
import { parsed, type Step, stepOf, versioned } from './step.ts'

/** One task through its life, as far as somebody looked. */
export interface Path {
  readonly slot: number
  /** `ready/preparing`: what is wanted, and what is. */
  readonly states: readonly string[]
  readonly end: {
    readonly state: string
    readonly message: string
    readonly err?: string
    readonly exitCode?: number
  }
}

export interface Heard {
  readonly steps: readonly Step[]
  /** Events of the swarm, in their order: `service update diff-web updatestate.new=updating`. */
  readonly events: readonly string[]
  readonly tasks: readonly Path[]
}

export interface Task {
  readonly ID: string
  readonly Slot?: number
  readonly CreatedAt: string
  readonly DesiredState: string
  readonly Spec: { readonly ContainerSpec: { readonly Image: string } }
  readonly Status: {
    readonly State: string
    readonly Message?: string
    readonly Err?: string
    readonly ContainerStatus?: { readonly ContainerID?: string; readonly ExitCode?: number }
  }
}

interface Node {
  readonly ID: string
  readonly Version: { readonly Index: number }
  readonly Spec: {
    readonly Availability: string
    readonly Labels?: Readonly<Record<string, string>>
  }
}

export interface NodeChange {
  readonly availability: 'active' | 'pause' | 'drain'
  readonly label?: string
}

/** Of somebody whose machine is busy; a fake one's time costs nothing. */
const PATIENCE = 60_000
/** Those with a change: an engine tells of others when a node joins or leaves a network. */
const NODE = /"Type":"node","Action":"update".*"\w+\.new":/
/** The last event of all: when it is there, those before it are. */
const END = 'diff-end'

/** A conversation with an engine: what is asked is noted, with all that tasks and events do meanwhile. */
export class Talk {
  readonly #engine: Engine
  #since = 0
  /** Of conversations before this one: tasks of a job outlive it. */
  readonly #older = new Set<string>()
  readonly #steps: Step[] = []
  readonly #paths = new Map<
    string,
    { readonly task: Task; readonly states: string[]; last: Task }
  >()
  #watches = true

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** What a conversation that failed has left is removed first. */
  async begin(): Promise<void> {
    const filters = encodeURIComponent(JSON.stringify({ name: ['diff-'] }))
    for (const kind of ['services', 'networks', 'secrets', 'configs']) {
      const path = `/${kind}?filters=${filters}`
      const left = (await this.peek(path)) as readonly {
        readonly ID?: string
        readonly Id?: string
      }[]
      for (const { ID, Id } of left) await this.#do('DELETE', `/${kind}/${ID ?? Id}`)
      if (kind === 'services' && left.length > 0)
        await this.until('tasks of old services have ended', (tasks) =>
          tasks.every(({ Status }) => ENDED.has(Status.State)),
        )
    }
    for (const node of (await this.peek('/nodes')) as readonly Node[])
      if (node.Spec.Availability !== 'active' || node.Spec.Labels?.diff !== undefined)
        await this.setNode({ availability: 'active' })
    for (const { ID } of await this.#all()) this.#older.add(ID)
    this.#paths.clear()
    this.#steps.length = 0
    this.#since = this.#engine.now()
  }

  /** Asks, notes, and gives the body, parsed if it is JSON. */
  async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.#engine.ask({ method, path: versioned(path), body })
    const json = parsed(answer)
    this.#steps.push(stepOf(`${method} ${withoutMoment(path)}`, answer, json))
    await this.#look()
    return json
  }

  /** The same without a note: for what depends on the moment. */
  async peek(path: string): Promise<unknown> {
    return parsed(await this.#engine.ask({ method: 'GET', path: versioned(path) }))
  }

  /** Reads what goes on until it has said enough, or all; what was said by then is noted. `meanwhile` is when it is open. */
  async follow(
    path: string,
    enough: (text: string) => boolean,
    meanwhile: () => Promise<void> = async () => {},
  ): Promise<void> {
    const heard = await this.#engine.open(versioned(path))
    await meanwhile()
    const done = () => heard.ended || enough(heard.text)
    await this.until(`${path} has said enough`, done)
    this.#steps.push(
      stepOf(`GET ${withoutMoment(path)}${heard.ended ? ' to its end' : ''}`, heard, heard.text),
    )
    heard.close()
  }

  /** Notes one thing of which an answer's shape tells nothing. */
  tell(asked: string, text: string): void {
    this.#steps.push({ asked, status: 0, text: plain(text) })
  }

  /** From here on what becomes of the tasks is chance, and is not noted. */
  looksAway(): void {
    this.#watches = false
  }

  /** Lets time pass until it is so. */
  async until(
    what: string,
    look: (tasks: readonly Task[]) => Promise<boolean> | boolean,
  ): Promise<void> {
    const end = this.#engine.now() + PATIENCE
    for (;;) {
      if (await look(await this.#look())) return
      if (this.#engine.now() > end) throw new Error(`${what}: not within ${PATIENCE} ms`)
      await this.#engine.rest()
    }
  }

  /** Of the first node; labels of others stay. */
  async setNode({ availability, label }: NodeChange): Promise<void> {
    const [node] = (await this.peek('/nodes')) as readonly Node[]
    if (!node) throw new Error('there is no node')
    const { diff: _, ...others } = node.Spec.Labels ?? {}
    const Labels = label === undefined ? others : { ...others, diff: label }
    const path = `/nodes/${node.ID}/update?version=${node.Version.Index}`
    await this.ask('POST', path, { ...node.Spec, Availability: availability, Labels })
  }

  /** The version to update a service with. */
  async version(service: string): Promise<number> {
    const { Version } = (await this.peek(`/services/${service}`)) as {
      readonly Version: { readonly Index: number }
    }
    return Version.Index
  }

  async updateState(service: string): Promise<string | undefined> {
    const { UpdateStatus } = (await this.peek(`/services/${service}`)) as {
      readonly UpdateStatus?: { readonly State?: string }
    }
    return UpdateStatus?.State
  }

  async heard(): Promise<Heard> {
    return { steps: this.#steps, events: await this.#events(), tasks: this.#told() }
  }

  /** Everything here is called `diff-…`: others may use the engine too. */
  async #look(): Promise<readonly Task[]> {
    const tasks = (await this.#all()).filter(({ ID }) => !this.#older.has(ID))
    for (const task of this.#watches ? tasks : []) {
      const state = `${task.DesiredState}/${task.Status.State}`
      const path = this.#paths.get(task.ID)
      if (!path) this.#paths.set(task.ID, { task, states: [state], last: task })
      else {
        if (path.states.at(-1) !== state) path.states.push(state)
        path.last = task
      }
    }
    return tasks
  }

  async #all(): Promise<readonly Task[]> {
    const filters = encodeURIComponent(JSON.stringify({ label: ['diff'] }))
    return (await this.peek(`/tasks?filters=${filters}`)) as readonly Task[]
  }

  #told(): readonly Path[] {
    return [...this.#paths.values()]
      .sort(
        ({ task: a }, { task: b }) =>
          (a.Slot ?? 0) - (b.Slot ?? 0) || (a.CreatedAt < b.CreatedAt ? -1 : 1),
      )
      .map(({ states, last: { Slot = 0, Status } }) => ({
        slot: Slot,
        states,
        end: {
          state: Status.State,
          message: Status.Message ?? '',
          ...(Status.Err === undefined ? {} : { err: plain(Status.Err) }),
          ...(Status.ContainerStatus?.ExitCode === undefined
            ? {}
            : { exitCode: Status.ContainerStatus.ExitCode }),
        },
      }))
  }

  async #do(method: string, path: string, body?: unknown): Promise<void> {
    await this.#engine.ask({ method, path: versioned(path), body })
  }

  async #events(): Promise<readonly string[]> {
    await this.#do('POST', '/configs/create', { Name: END, Data: 'YQ==' })
    let events: readonly string[] = []
    await this.until('the last event is there', async () => {
      events = await this.#eventsSoFar()
      return events.at(-1) === `config create ${END}`
    })
    await this.#do('DELETE', `/configs/${END}`)
    return events.slice(0, -1)
  }

  async #eventsSoFar(): Promise<readonly string[]> {
    const filters = encodeURIComponent(JSON.stringify({ scope: ['swarm'] }))
    const until = ((this.#engine.now() - 1) / 1000).toFixed(3)
    const since = (this.#since / 1000).toFixed(3)
    const path = versioned(`/events?since=${since}&until=${until}&filters=${filters}`)
    const { text } = await this.#engine.ask({ method: 'GET', path })
    return text
      .split('\n')
      .filter((line) => line.includes('"name":"diff-') || NODE.test(line))
      .map((line) => {
        const { Type, Action, Actor } = JSON.parse(line) as {
          readonly Type: string
          readonly Action: string
          readonly Actor: { readonly Attributes: Readonly<Record<string, string>> }
        }
        const { name, ...rest } = Actor.Attributes
        const told = Object.entries(rest).map(([key, value]) => `${key}=${value}`)
        return [Type, Action, ...(Type === 'node' ? [] : [name]), ...told.sort()].join(' ')
      })
  }
}

const ENDED = new Set(['complete', 'shutdown', 'failed', 'rejected'])

function withoutMoment(path: string): string {
  return plain(path)
    .replaceAll(/version=\d+/g, 'version=<n>')
    .replaceAll(/since=\d+[^&]*/g, 'since=<time>')
}
