import type { Call } from 'intermodal'
import { override } from './override.ts'
import type { Saboteur } from './saboteur.ts'

/** Signals that never abort. */
function deaf<C extends Call>(call: C): C {
  return { ...call, signal: new AbortController().signal }
}

export const callSaboteurs: readonly Saboteur[] = [
  {
    name: 'wraps the reason of an abort into an error of its own',
    fails: ['cancellation', 'cancellation and deadlines of a cluster that hangs'],
    spoil: (adapter) =>
      override(adapter, {
        async observe(id, call) {
          try {
            return await adapter.observe(id, call)
          } catch (error) {
            if (error !== call.signal.reason) throw error
            throw new Error('observe was aborted', { cause: error })
          }
        },
      }),
  },
  {
    name: 'does not hear an abort',
    fails: ['cancellation', 'cancellation and deadlines of a cluster that hangs'],
    spoil: (adapter) =>
      override(adapter, {
        apply: (app, call) => adapter.apply(app, deaf(call)),
      }),
  },
  {
    name: 'leaks a timer with every stream',
    fails: ['watch', 'dispose'],
    spoil: (adapter, run) =>
      override(adapter, {
        async *watch(selector, call) {
          const timer = setInterval(() => {}, 60_000)
          run.timers.add(timer)
          yield* adapter.watch(selector, call)
        },
      }),
  },
  {
    name: 'leaks a socket with every stream',
    fails: ['watch', 'dispose'],
    spoil: (adapter, run) =>
      override(adapter, {
        async *watch(selector, call) {
          run.leak()
          yield* adapter.watch(selector, call)
        },
      }),
  },
  {
    name: 'cannot be disposed of twice',
    fails: ['dispose'],
    spoil(adapter) {
      let disposed = false
      return override(adapter, {
        async [Symbol.asyncDispose]() {
          if (disposed) throw new Error('disposed already')
          disposed = true
          await adapter[Symbol.asyncDispose]()
        },
      })
    },
  },
]
