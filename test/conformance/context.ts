import { randomUUID } from 'node:crypto'
import {
  type Adapter,
  type App,
  type AppId,
  type AppInput,
  type AppState,
  type AppStatus,
  type Capabilities,
  type Change,
  type ChangeCall,
  type Client,
  type ConnectOptions,
  connect,
  defineApp,
  type Revision,
  type Selector,
} from 'intermodal'
import { Pace } from './pace.ts'
import { Tape } from './tape.ts'
import type { Faults, Target, Workload } from './target.ts'

/** What a call is made with, and the means to abort it. */
export interface TestCall extends ChangeCall {
  readonly abort: (reason: unknown) => void
}

/** What one test works with: an adapter of its own, a group of its own, and a broom. */
export class Context implements AsyncDisposable {
  readonly adapter: Adapter
  readonly target: Target
  readonly pace: Pace
  /** Everything the test makes is in here. */
  readonly group: AppId
  readonly #cleanups: (() => Promise<void>)[] = []
  readonly #made = new Set<AppId>()
  /** Disposed by the test: once more is for the one test that is about it. */
  readonly #disposed = new WeakSet<Adapter>()
  #client: Client | undefined

  private constructor(adapter: Adapter, target: Target, group: AppId) {
    this.adapter = adapter
    this.target = target
    this.group = group
    this.pace = new Pace(adapter, target.time, target.patience)
  }

  static async open(target: Target, group: AppId): Promise<Context> {
    const opened = await openAdapter(target)
    const context = new Context(opened.adapter, target, group)
    context.later(() => context.#close(opened))
    return context
  }

  get capabilities(): Capabilities {
    return this.adapter.capabilities
  }

  /** Called last in, first out, after the test. */
  later(cleanup: () => Promise<void>): void {
    this.#cleanups.push(cleanup)
  }

  id(name: string): AppId {
    const id: AppId = `${this.group}/${name}`
    this.#made.add(id)
    return id
  }

  /** An app that runs a workload; `fields` win over what the workload brings. */
  app(name: string, workload: Workload, fields: Partial<AppInput> = {}): App {
    const base = typeof workload === 'string' ? { image: workload } : workload
    return defineApp({ ...base, ...fields, id: this.id(name) } as AppInput)
  }

  call(options: { readonly force?: boolean } = {}): TestCall {
    const controller = new AbortController()
    return {
      signal: controller.signal,
      deadline: this.pace.now() + 30_000,
      force: options.force ?? false,
      abort: (reason) => controller.abort(reason),
    }
  }

  apply(app: App, options: { readonly force?: boolean } = {}): Promise<Revision> {
    return this.pace.settle(this.adapter.apply(app, this.call(options)), `apply ${app.id}`)
  }

  remove(id: AppId): Promise<boolean> {
    return this.pace.settle(this.adapter.remove(id, this.call()), `remove ${id}`)
  }

  observe(id: AppId): Promise<AppStatus | undefined> {
    return this.pace.settle(this.adapter.observe(id, this.call()), `observe ${id}`)
  }

  list(selector: Selector): Promise<AppStatus[]> {
    return this.pace.settle(collect(this.adapter.list(selector, this.call())), 'list')
  }

  /** Waits until the app is as wanted, and says what it was when it never is. */
  reach(
    id: AppId,
    what: string,
    fits: (status: AppStatus) => boolean,
    limit?: number,
  ): Promise<AppStatus> {
    let last: AppStatus | undefined
    return this.pace.until(
      () => `${id} ${what}; it is ${last ? tell(last) : 'not there'}`,
      async () => {
        last = await this.observe(id)
        return last && fits(last) ? last : undefined
      },
      limit,
    )
  }

  /** Waits until the revision is judged to be in the state. */
  settled(revision: Revision, state: AppState = 'running'): Promise<AppStatus> {
    return this.reach(
      revision.app,
      `gets ${state} with ${revision.id}`,
      (status) =>
        status.state === state &&
        status.revision === revision.id &&
        status.generation.desired >= revision.generation,
    )
  }

  async running(app: App): Promise<AppStatus> {
    return this.settled(await this.apply(app))
  }

  gone(id: AppId): Promise<boolean> {
    return this.pace.until(`${id} is gone`, async () => (await this.observe(id)) === undefined)
  }

  /** Reads the adapter's stream in the background, of this test's group unless told otherwise. */
  watch(selector: Selector = { group: this.group }): Tape<Change> {
    const abort = new AbortController()
    const call = { signal: abort.signal, deadline: Number.POSITIVE_INFINITY }
    return this.#tape(new Tape(this.adapter.watch(selector, call), abort))
  }

  tape<T>(open: (signal: AbortSignal) => AsyncIterable<T>): Tape<T> {
    const abort = new AbortController()
    return this.#tape(new Tape(open(abort.signal), abort))
  }

  #tape<T>(tape: Tape<T>): Tape<T> {
    this.later(() => tape.stop(this.pace))
    return tape
  }

  /** The same one each time: an adapter belongs to one client, which ends it. */
  client(options: ConnectOptions = {}): Client {
    if (this.#client) return this.#client
    const client = connect(this.adapter, { name: 'conformance', random: () => 0.5, ...options })
    this.#client = client
    this.later(async () => {
      this.#disposed.add(this.adapter)
      await this.pace.settle(Promise.resolve(client[Symbol.asyncDispose]()), 'dispose')
    })
    return client
  }

  /** A second adapter on the same cluster. */
  async another(): Promise<Adapter> {
    const opened = await openAdapter(this.target)
    this.later(() => this.#close(opened))
    return opened.adapter
  }

  /** By the test itself; the clean-up then leaves it alone. */
  async dispose(adapter: Adapter = this.adapter): Promise<void> {
    this.#disposed.add(adapter)
    await this.pace.settle(Promise.resolve(adapter[Symbol.asyncDispose]()), 'dispose')
  }

  async #close({ adapter, dispose }: Opened): Promise<void> {
    if (!this.#disposed.has(adapter)) await this.dispose(adapter)
    await dispose?.()
  }

  /** Breaks the cluster until the function returned is called, or the test is over. */
  async fault(kind: 'refuse' | 'hang' | 'lose'): Promise<() => Promise<void>> {
    const undo = await needed(this.target.faults, kind)()
    let pending = true
    const once = async () => {
      if (!pending) return
      pending = false
      await undo()
    }
    this.later(once)
    return once
  }

  async cut(): Promise<void> {
    await needed(this.target.faults, 'cut')()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const [dispose, ...rest] = this.#cleanups.splice(0)
    const steps = [
      ...rest.reverse(),
      dispose,
      this.#made.size > 0 ? () => this.#sweep() : undefined,
    ]
    const failures: unknown[] = []
    // Every step, whatever became of the one before: a fault that stays would fail all tests after this one.
    for (const step of steps) await step?.().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }

  /** By an adapter of its own: the test's may be disposed. */
  async #sweep(): Promise<void> {
    const broom = await openAdapter(this.target)
    const { settle, until } = bound(this.pace)
    try {
      for (const id of this.#made) await settle(broom.adapter.remove(id, this.call()), 'sweeping')
      await until(`nothing is left in ${this.group}`, async () => {
        const left = await collect(broom.adapter.list({ group: this.group }, this.call()))
        return left.length === 0
      })
    } finally {
      await this.#close(broom)
    }
  }
}

interface Opened {
  readonly adapter: Adapter
  readonly dispose?: () => Promise<void>
}

async function openAdapter(target: Target): Promise<Opened> {
  const made = await target.connect()
  return 'adapter' in made ? made : { adapter: made }
}

function bound(pace: Pace): Pick<Pace, 'settle' | 'until'> {
  return { settle: pace.settle.bind(pace), until: pace.until.bind(pace) }
}

function needed<Key extends keyof Faults>(
  faults: Faults | undefined,
  kind: Key,
): NonNullable<Faults[Key]> {
  const fault = faults?.[kind]
  if (!fault) throw new Error(`the target has no way to "${kind}"; the group asks for it`)
  return fault
}

export async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of iterable) items.push(item)
  return items
}

export function randomGroup(): AppId {
  return `/c${randomUUID().slice(0, 6)}`
}

function tell({ state, revision, generation, counts, reasons }: AppStatus): string {
  const why = reasons.map(({ code }) => code).join(', ')
  return `${state} with revision ${revision} (${generation.observed} of ${generation.desired} observed, ${counts.ready} of ${counts.desired} ready${why && `: ${why}`})`
}
