import {
  type Adapter,
  type AppId,
  type AppInput,
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
  /** How many cases were tried, by what they are about. */
  readonly tally = new Map<string, number>()
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

  count(what: string, cases: number): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + cases)
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
  async together<T>(what: string, cases: readonly (() => Promise<T>)[]): Promise<readonly T[]> {
    const all = Promise.all(cases.map((run) => run()))
    return this.conductor.settle(all, what, LIMIT)
  }

  /** The same, so many at a time. */
  async inTurns<T>(
    what: string,
    cases: readonly (() => Promise<T>)[],
    size: number,
  ): Promise<readonly T[]> {
    const results: T[] = []
    for (let from = 0; from < cases.length; from += size)
      results.push(...(await this.together(what, cases.slice(from, from + size))))
    return results
  }

  /** Makes the app past every fault, and waits until it runs. */
  async make(inputs: readonly AppInput[]): Promise<void> {
    for (const input of inputs) await this.direct.apply(defineApp(input), this.call())
    await this.rest()
  }

  async remove(ids: readonly AppId[]): Promise<void> {
    for (const id of ids) await this.direct.remove(id, this.call())
    await this.rest()
  }

  /** Nothing in the cluster is on its way any more. */
  async rest(): Promise<void> {
    await this.conductor.calm()
    await this.target.world.settle()
    await this.conductor.calm()
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
