import { type Adapter, type AppStatus, IntermodalError } from 'intermodal'
import { override, overrideWatch } from './override.ts'
import type { Saboteur } from './saboteur.ts'

/** What `observe` says, changed. */
function overrideObserve(adapter: Adapter, change: (status: AppStatus) => AppStatus): Adapter {
  return override(adapter, {
    async observe(id, call) {
      const status = await adapter.observe(id, call)
      return status && change(status)
    },
  })
}

export const readingSaboteurs: readonly Saboteur[] = [
  {
    name: 'throws when it is asked to read what is not there',
    fails: ['observe', 'remove'],
    spoil: (adapter) =>
      override(adapter, {
        async read(id, call) {
          const native = await adapter.read(id, call)
          if (native !== undefined) return native
          throw new IntermodalError('APP_NOT_FOUND', `there is no app ${id}`)
        },
      }),
  },
  {
    name: 'counts old instances as ready',
    fails: ['observe'],
    spoil: (adapter) =>
      overrideObserve(adapter, (status) => {
        const ready = status.instances.filter((instance) => instance.ready).length
        return { ...status, counts: { ...status.counts, ready } }
      }),
  },
  {
    name: 'lists all but one',
    fails: ['list'],
    spoil: (adapter) =>
      override(adapter, {
        async *list(selector, call) {
          let held: AppStatus | undefined
          let told = false
          for await (const status of adapter.list(selector, call)) {
            if (held) {
              yield held
              told = true
            }
            held = status
          }
          if (held && !told) yield held
        },
      }),
  },
  {
    name: 'tells the first full picture twice to be safe',
    fails: ['watch', 'watch after a cut'],
    spoil: (adapter) =>
      overrideWatch(
        adapter,
        () => (change) => (change.type === 'synced' ? [change, change] : [change]),
      ),
  },
  {
    name: 'tells each app twice before it is synced',
    fails: ['watch', 'watch after a cut'],
    spoil: (adapter) =>
      overrideWatch(adapter, () => {
        let synced = false
        return (change) => {
          synced ||= change.type === 'synced'
          return change.type === 'app' && !synced ? [change, change] : [change]
        }
      }),
  },
  {
    name: 'hides that the connection was lost',
    fails: ['watch after a cut', 'watch over an outage'],
    spoil: (adapter) =>
      overrideWatch(adapter, () => (change) => (change.type === 'lost' ? [] : [change])),
  },
  {
    name: 'gives no sign of life',
    fails: ['watch'],
    spoil: (adapter) =>
      overrideWatch(adapter, () => (change) => (change.type === 'alive' ? [] : [change])),
  },
  {
    name: 'calls what was rolled back a success',
    fails: ['rollout rolled back'],
    spoil: (adapter) =>
      overrideWatch(adapter, () => (change) => {
        if (change.type !== 'app' || change.status.rollout?.state !== 'rolledBack') return [change]
        const { status } = change
        const { rollout: _, ...rest } = status
        return [{ type: 'app', status: rest }]
      }),
  },
  {
    name: 'gives log lines with their line ends',
    fails: ['logs'],
    spoil: (adapter) =>
      override(adapter, {
        async *logs(id, options, call) {
          if (!adapter.logs) return
          for await (const line of adapter.logs(id, options, call)) {
            yield { ...line, text: `${line.text}\n` }
          }
        },
      }),
  },
]
