import type { JsonObject } from '../json.ts'
import { PODS, QUOTAS } from '../kinds.ts'
import { isGoing } from '../objects.ts'
import { usedOf } from '../write/quotas.ts'
import { type Controller, keyOf, MANAGER, splitKey, type Tools } from './controllers.ts'
import { isOver } from './pods.ts'

/** Says how much of its quotas a namespace has used. */
export function quotaController({ cluster }: Tools): Controller {
  const { store } = cluster
  return {
    name: 'resourcequota-controller',
    keysOf: ({ kind, object, previous, type }) => {
      if (kind === QUOTAS) return [keyOf(object)]
      const counts =
        type !== 'MODIFIED' || (kind === PODS && previous && isOver(object) !== isOver(previous))
      const { namespace } = object.metadata
      return counts && namespace !== undefined ? store.list(QUOTAS, namespace).map(keyOf) : []
    },
    sync: (key) => {
      const quota = store.get(QUOTAS, ...splitKey(key))
      if (!quota || isGoing(quota)) return undefined
      const status = { hard: quota.spec?.hard ?? {}, used: usedOf(store, quota, cluster.now) }
      cluster.change(
        QUOTAS,
        quota,
        (one) => ({ ...one, status: status as JsonObject }),
        MANAGER,
        'status',
      )
      return undefined
    },
  }
}
