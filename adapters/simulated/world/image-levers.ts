import { type Duration, parseDuration } from 'intermodal'
import { once, type Undo } from './faults.ts'
import type { ImageRecord, WorldState } from './model.ts'

/** What can be wrong with images. Every image exists and can be pulled until one of these says otherwise. */
export class ImageLevers {
  readonly #state: WorldState

  constructor(state: WorldState) {
    this.#state = state
  }

  /** The registry has no such image: `ImageNotFound`. */
  missing(image: string): Undo {
    return this.#set(image, { fault: 'missing' })
  }

  /** The registry gives it to nobody: `RegistryAuth`. */
  denied(image: string): Undo {
    return this.#set(image, { fault: 'denied' })
  }

  /** Pulling breaks off each time: `ImagePullFailed`. */
  broken(image: string): Undo {
    return this.#set(image, { fault: 'broken' })
  }

  /** Pulling takes so long, on every node that does not have it yet. */
  slow(image: string, duration: Duration): Undo {
    return this.#set(image, { pull: parseDuration(duration) })
  }

  #set(image: string, change: ImageRecord): Undo {
    const before = this.#state.images.get(image)
    const now = { ...before, ...change }
    this.#state.images.set(image, now)
    return once(() => {
      if (this.#state.images.get(image) !== now) return
      if (before) this.#state.images.set(image, before)
      else this.#state.images.delete(image)
    })
  }
}
