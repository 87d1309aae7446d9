import type { MigrationStep } from './result.ts'

/** Every step so far, told to each reader from the first. Steps are bounded by apps, not by time. */
export class MigrationLog {
  readonly #steps: MigrationStep[] = []
  readonly #told = new Map<string, string>()
  #news = Promise.withResolvers<void>()
  #ended = false

  /** One that says of its app what the one before it said is left out. */
  add(step: MigrationStep): void {
    const text = `${step.type} ${step.message}`
    if (this.#told.get(step.app) === text) return
    this.#told.set(step.app, text)
    this.#steps.push(step)
    this.#tell()
  }

  end(): void {
    this.#ended = true
    this.#tell()
  }

  async *read(): AsyncGenerator<MigrationStep, void, void> {
    for (let index = 0; ; ) {
      const news = this.#news.promise
      const step = this.#steps[index]
      if (step) {
        index++
        yield step
      } else if (this.#ended) return
      else await news
    }
  }

  #tell(): void {
    const { resolve } = this.#news
    this.#news = Promise.withResolvers<void>()
    resolve()
  }
}
