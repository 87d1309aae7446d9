import type { Adapter, Change } from 'intermodal'

/** The adapter with some members replaced. Everything else goes to the adapter itself. */
export function override(adapter: Adapter, changes: Partial<Adapter>): Adapter {
  return new Proxy(adapter, {
    get(target, key) {
      if (Object.hasOwn(changes, key)) return Reflect.get(changes, key)
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
    has: (target, key) => Object.hasOwn(changes, key) || Reflect.has(target, key),
  })
}

/** The adapter with each change of its stream replaced by none, one or several. */
export function overrideWatch(
  adapter: Adapter,
  replace: () => (change: Change) => Iterable<Change>,
): Adapter {
  return override(adapter, {
    async *watch(selector, call) {
      const each = replace()
      for await (const change of adapter.watch(selector, call)) yield* each(change)
    },
  })
}
