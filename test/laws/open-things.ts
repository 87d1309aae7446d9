import type { World } from 'intermodal/simulated'

/** Counts what is left open in a world: timers somebody outside waits for, and those who listen to it. */
export class OpenThings {
  readonly #timers = new Set<symbol>()
  readonly #listeners = new Set<symbol>()

  constructor({ engine, faults }: World) {
    const { timeline } = engine
    const after = timeline.after.bind(timeline)
    timeline.after = (milliseconds, callback) => {
      const timer = Symbol()
      this.#timers.add(timer)
      const cancel = after(milliseconds, () => {
        this.#timers.delete(timer)
        callback()
      })
      return () => {
        this.#timers.delete(timer)
        cancel()
      }
    }
    const onChange = engine.onChange.bind(engine)
    engine.onChange = (listener) => this.#listening(onChange(listener))
    const onCut = faults.onCut.bind(faults)
    faults.onCut = (operation, cut) => this.#listening(onCut(operation, cut))
  }

  #listening(stop: () => void): () => void {
    const listener = Symbol()
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      stop()
    }
  }

  get left(): { readonly timers: number; readonly listeners: number } {
    return { timers: this.#timers.size, listeners: this.#listeners.size }
  }
}
