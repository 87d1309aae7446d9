import type { AppStatus, ConnectOptions, Event } from 'intermodal'
import { hold } from '../laws/breach.ts'
import { View } from '../laws/view.ts'
import type { Way } from './proxy.ts'
import type { Line, Scene } from './scene.ts'
import type { Course, StreamFault } from './stream-ways.ts'

/** How long a fault lasts, milliseconds: longer than any watchdog. */
const OUTAGE = 100_000
/** How long everybody has to be whole again afterwards. */
const RECOVERY = 4 * 60_000
/** Requests in a minute of outage. Who asks more often than this hammers a sick server. */
const MOST_A_MINUTE = 180

/** Somebody who reads events through a proxy, believes them, and keeps a view of them. */
export class Reader {
  readonly name: string
  readonly view = new View()
  readonly line: Line
  readonly types: Event['type'][] = []
  /** What has to show whenever the stream says that it is synced. */
  truth: readonly AppStatus[] | undefined
  readonly #open = new Set<{ course: Course }>()
  #failure: unknown
  readonly #leave = new AbortController()
  readonly #reading: Promise<void>

  private constructor(name: string, line: Line) {
    this.name = name
    this.line = line
    this.heal()
    this.#reading = this.#read()
  }

  static async open(scene: Scene, name: string, options?: ConnectOptions): Promise<Reader> {
    return new Reader(name, await scene.line(options))
  }

  async #read(): Promise<void> {
    try {
      for await (const event of this.line.client.events({ signal: this.#leave.signal })) {
        this.types.push(event.type)
        this.view.take(event)
        if (event.type === 'stream.synced' && this.truth) this.view.mustEqual(this.truth)
      }
    } catch (error) {
      if (error !== this.#leave.signal.reason) this.#failure = error
    }
  }

  get synced(): boolean {
    return this.view.synced || this.#failure !== undefined
  }

  /** How many streams were opened. */
  opened = 0

  /** How many streams are open. */
  get open(): number {
    return this.#open.size
  }

  break({ course, opening, everything }: StreamFault): void {
    const { proxy } = this.line
    if (opening) {
      proxy.befall = (turn) => (everything || turn.isStream ? opening : undefined)
      proxy.cut()
    }
    if (course) for (const stream of this.#open) stream.course = course()
  }

  /** Whatever is opened from now on passes; what is open stays as it is: nobody mends a connection. */
  heal(): void {
    this.line.proxy.befall = (turn) => (turn.isStream ? this.#relay : undefined)
  }

  readonly #relay: Way = async (turn) => {
    const stream: { course: Course } = { course: pass }
    this.#open.add(stream)
    this.opened++
    try {
      await turn.relay(async (bytes) => stream.course(turn, bytes))
    } finally {
      this.#open.delete(stream)
    }
  }

  isWhole(truth: readonly AppStatus[]): boolean {
    if (this.#failure !== undefined) return true
    if (!this.view.synced) return false
    try {
      this.view.mustEqual(truth)
      return true
    } catch {
      return false
    }
  }

  mustBeWhole(truth: readonly AppStatus[]): void {
    if (this.#failure !== undefined) throw this.#failure
    hold(
      this.view.synced,
      () => `it is not synced, and nothing is wrong any more: ${this.types.slice(-5)}`,
    )
    this.view.mustEqual(truth)
  }

  get toldLost(): boolean {
    return this.types.includes('cluster.lost')
  }

  async leave(scene: Scene): Promise<void> {
    this.#leave.abort(new Error('the case is over'))
    await this.#reading
    await this.line.client[Symbol.asyncDispose]()
    await scene.conductor.calm()
    const { proxy } = this.line
    hold(proxy.open === 0, () => `${proxy.open} connections are left`)
    await this.line[Symbol.asyncDispose]()
  }
}

const pass: Course = (turn, bytes) => turn.send(bytes)

/**
 * One reader for each fault, and one story for all: everybody sees the same cluster, changes happen behind everybody's
 * back while the faults last, and when nothing befalls them any more everybody knows what is.
 */
export async function tryStreams(
  scene: Scene,
  faults: readonly StreamFault[],
  story: (scene: Scene) => Promise<void>,
): Promise<readonly string[]> {
  const { conductor } = scene
  const readers = await Promise.all(faults.map(({ name }) => Reader.open(scene, name)))
  await conductor.until(() => readers.every(({ synced }) => synced), RECOVERY)
  const requests = readers.map(({ line }) => line.proxy.requests)
  const broken = conductor.now()
  for (const [index, reader] of readers.entries()) reader.break(faults[index] as StreamFault)
  await story(scene)
  await conductor.pass(OUTAGE)
  await scene.rest()
  const truth = await scene.truth()
  const asked = readers.map(({ line }, index) => line.proxy.requests - (requests[index] ?? 0))
  const most = (MOST_A_MINUTE * (conductor.now() - broken)) / 60_000
  for (const reader of readers) {
    reader.truth = truth
    reader.heal()
  }
  await conductor.until(() => readers.every((reader) => reader.isWhole(truth)), RECOVERY)
  const problems: string[] = []
  for (const [index, reader] of readers.entries()) {
    try {
      reader.mustBeWhole(truth)
      hold((asked[index] ?? 0) <= most, () => `${asked[index]} requests during the outage`)
      const hidden = faults[index]?.everything && !reader.toldLost
      hold(!hidden, () => 'it hides that the cluster is out of reach')
      await conductor.settle(reader.leave(scene), 'leaving', RECOVERY)
    } catch (error) {
      problems.push(`${reader.name}: ${error instanceof Error ? error.message : error}`)
      await reader.leave(scene).catch(() => {})
    }
  }
  return problems
}
