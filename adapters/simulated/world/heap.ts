export interface Timer {
  readonly at: number
  /** Order among timers of the same moment. */
  readonly sequence: number
  readonly run: () => void
  /** Someone outside the world waits for it, so the process has to stay alive. */
  readonly external: boolean
  cancelled: boolean
}

/** Timers, the earliest first. A binary heap: adding and taking cost the logarithm of what waits. */
export class TimerHeap {
  readonly #items: Timer[] = []

  /** The earliest that was not taken back. */
  peek(): Timer | undefined {
    while (this.#items[0]?.cancelled) this.#take()
    return this.#items[0]
  }

  pop(): Timer | undefined {
    const timer = this.peek()
    if (timer) this.#take()
    return timer
  }

  push(timer: Timer): void {
    const items = this.#items
    let index = items.push(timer) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = items[parent] as Timer
      if (!before(timer, above)) break
      items[index] = above
      index = parent
    }
    items[index] = timer
  }

  #take(): void {
    const items = this.#items
    const last = items.pop()
    if (!last || items.length === 0) return
    let index = 0
    for (;;) {
      let child = index * 2 + 1
      if (child >= items.length) break
      if (child + 1 < items.length && before(items[child + 1] as Timer, items[child] as Timer))
        child++
      if (!before(items[child] as Timer, last)) break
      items[index] = items[child] as Timer
      index = child
    }
    items[index] = last
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence)
}
