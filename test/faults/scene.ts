import {
  type Adapter,
  type AppId,
  type AppInput,
  type AppState,
  type AppStatus,
  type Client,
  type ConnectOptions,
  connect,
  defineApp,
} from 'intermodal'
import { Conductor } from './conductor.ts'
import { DEADLINE } from './operations.ts'
import { WireProxy } from './proxy.ts'
import type { FaultTarget } from './target.ts'

/** Nothing takes longer than this, milliseconds of virtual time. */
const LIMIT = 20 * 60_000

const AT_REST: ReadonlySet<AppState> = new Set(['completed', 'running', 'suspended', 'paused'])

/** A client with a proxy of its own on the way to the engine. */
export interface Line extends AsyncDisposable {
  readonly proxy: WireProxy
  readonly client: Client
}

/** What every case of one run has in common: the engine, the time, and an adapter that nothing befalls. */
export class Scene implements AsyncDisposable {
  readonly target: FaultTarget
  readonly conductor: Conductor
  readonly direct: Adapter
  readonly strays: unknown[] = []
  #made = 0

  constructor(target: FaultTarget) {
    this.target = target
    this.conductor = new Conductor(target.world)
    this.direct = target.connect(target.backend)
    process.on('unhandledRejection', this.#note)
  }

  readonly #note = (reason: unknown): void => {
    this.strays.push(reason)
  }

  id(): AppId {
    return `/faults/a${++this.#made}`
  }

  app(id: AppId, image = 'faults/app:1'): AppInput {
    return {
      image,
      replicas: 1,
      resources: { requests: { cpu: 0.01, memory: '1Mi' } },
      ...this.target.fields,
      id,
    }
  }

  call() {
    return {
      signal: new AbortController().signal,
      deadline: Number.POSITIVE_INFINITY,
      force: false,
    }
  }

  /** A client whose calls have ten seconds. */
  async line(options: ConnectOptions = {}): Promise<Line> {
    const { isStream, backend } = this.target
    const proxy = await WireProxy.open({ backend, isStream, stir: this.conductor.stir })
    const client = this.client(proxy.address, options)
    return {
      proxy,
      client,
      async [Symbol.asyncDispose]() {
        await client[Symbol.asyncDispose]()
        await proxy[Symbol.asyncDispose]()
      },
    }
  }

  client(address: string, options: ConnectOptions = {}): Client {
    return connect(this.target.connect(address), {
      name: 'faults',
      timeout: `${DEADLINE}ms`,
      random: () => 0.5,
      ...options,
    })
  }

  /** Runs all of them side by side, while time passes for everybody. */
  async together<T>(
    what: string,
    cases: readonly (() => Promise<T>)[],
    limit = LIMIT,
  ): Promise<readonly T[]> {
    return this.conductor.settle(Promise.all(cases.map((run) => run())), what, limit)
  }

  /** Makes the app past every fault, and waits until it runs. */
  async make(inputs: readonly AppInput[]): Promise<void> {
    for (const input of inputs) await this.direct.apply(defineApp(input), this.call())
    await this.rest()
  }

  /** Nothing in the cluster is on its way any more. */
  async rest(): Promise<void> {
    for (const end = this.conductor.now() + LIMIT; ; await this.conductor.pass(2_000)) {
      await this.conductor.calm()
      await this.target.world.settle()
      const moving = (await this.truth()).filter(({ state }) => !AT_REST.has(state))
      if (moving.length === 0) return
      if (this.conductor.now() > end) throw new Error(`${moving[0]?.id} is ${moving[0]?.state}`)
    }
  }

  /** What the engine says to somebody whom nothing befalls. */
  async truth(): Promise<readonly AppStatus[]> {
    return this.conductor.settle(Array.fromAsync(this.direct.list({}, this.call())), 'list', LIMIT)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('unhandledRejection', this.#note)
    await this.direct[Symbol.asyncDispose]()
  }
}
