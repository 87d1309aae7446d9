import type { Rollout, RolloutResult, RolloutStep } from 'intermodal'
import { hold } from './breach.ts'

/** One rollout, read by two: one takes its steps, the other waits for the result. */
export class Followed {
  readonly rollout: Rollout
  readonly #since: number
  readonly steps: RolloutStep[] = []
  result: RolloutResult | undefined
  #failure: { readonly reason: unknown } | undefined
  #reading = true

  constructor(rollout: Rollout, since: number) {
    this.rollout = rollout
    this.#since = since
    const failed = (reason: unknown) => {
      this.#failure = { reason }
    }
    rollout.result({ timeout: '5h' }).then((result) => {
      this.result = result
    }, failed)
    this.#read().catch(failed)
  }

  async #read(): Promise<void> {
    for await (const step of this.rollout) this.steps.push(step)
    this.#reading = false
  }

  get settled(): boolean {
    return this.#failure !== undefined || (this.result !== undefined && !this.#reading)
  }

  get name(): string {
    const { app, id, generation } = this.rollout.revision
    return `rollout ${id} (${generation}) of ${app}`
  }

  /** It has ended, once, and everybody is told the same. `absent`: when the app was last seen to be gone. */
  async mustHaveEnded(absent: number | undefined): Promise<void> {
    if (this.#failure) throw this.#failure.reason
    const { result, steps } = this
    hold(this.settled, () => `${this.name} has no outcome: ${steps.at(-1)?.message}`)
    hold(result?.outcome !== 'timedOut', () => `${this.name} never ended: ${result?.message}`)
    const ends = steps.filter(({ type }) => type === 'ended')
    hold(ends.length === 1, () => `${this.name} ended ${ends.length} times`)
    hold(steps.at(-1) === ends[0], () => `${this.name} went on after its end`)
    hold(ends[0]?.outcome === result?.outcome, () => `${this.name} ended in two ways`)
    const wasGone = absent !== undefined && absent >= this.#since
    hold(
      result?.outcome !== 'cancelled' || wasGone,
      () => `${this.name} was cancelled, but the app was always there: ${result?.message}`,
    )
    const again = await this.rollout.result()
    hold(again === result, () => `${this.name} tells a second reader ${again.outcome}`)
  }
}
