import type { GroupStep } from '../group-rollout.ts'
import { Mailbox } from '../stream.ts'

/**
 * Every step so far, told to each reader from the first. A step that says what was said before takes its place, so
 * that memory is bounded by apps and distinct steps, however long the group takes.
 */
export class StepLog {
  readonly #steps = new Map<string, GroupStep>()
  readonly #readers = new Set<Mailbox<GroupStep>>()
  #end: { readonly reason?: unknown } | undefined

  add(step: GroupStep): void {
    const key = keyOf(step)
    this.#steps.delete(key)
    this.#steps.set(key, step)
    for (const reader of this.#readers) reader.put(step, key)
  }

  end(): void {
    this.#end = {}
    for (const reader of this.#readers) reader.end()
  }

  /** Readers are told what there is, then get the reason thrown. */
  fail(reason: unknown): void {
    this.#end = { reason }
    for (const reader of this.#readers) reader.fail(reason)
  }

  read(): AsyncIterableIterator<GroupStep> {
    const reader = new Mailbox<GroupStep>()
    for (const [key, step] of this.#steps) reader.put(step, key)
    if (!this.#end) this.#readers.add(reader)
    else if ('reason' in this.#end) reader.fail(this.#end.reason)
    else reader.end()
    return {
      next: () => reader.next(),
      return: () => {
        this.#readers.delete(reader)
        return reader.return()
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }
}

function keyOf(step: GroupStep): string {
  return step.type === 'step'
    ? `${step.app} step ${step.step.type} ${step.step.message}`
    : `${step.app} ${step.type}`
}
