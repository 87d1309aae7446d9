import { notQueued, wrongMethod } from '../errors.ts'
import { queueItem } from '../write/queue.ts'
import { idAfter, ok, type Route } from './parts.ts'

const PREFIX = '/v2/queue'

/** `/v2/queue` and `/v2/queue/{id}/delay`. */
export const queueRoute: Route = (marathon, { path, method, query }) => {
  const { root, cluster } = marathon
  if (path === PREFIX) {
    if (method !== 'GET') throw wrongMethod()
    const offers = query.getAll('embed').includes('lastUnusedOffers')
    return ok({
      queue: [...root.specs.values()].flatMap((spec) => queueItem(marathon, spec, offers) ?? []),
    })
  }
  if (!path.startsWith(`${PREFIX}/`) || !path.endsWith('/delay')) return undefined
  if (method !== 'DELETE') throw wrongMethod()
  const id = idAfter(path.slice(0, -'/delay'.length), PREFIX)
  const [spec, record] = [root.specs.get(id), cluster.record(id)]
  if (!spec || !record || !queueItem(marathon, spec, false)) throw notQueued(id)
  cluster.resetDelay(record)
  return { status: 204 }
}
