import { type AppId, type AppStatus, contentHash, deriveStatus, type Instance } from 'intermodal'
import type { Crate, Entry } from './yard.ts'

/** Two crates with the same one are made of the same. */
export const revisionOf = ({ image, env }: Crate): string => contentHash({ image, env })

/** Everything an entry says, in the words of the model. A pure function of one moment. */
export function statusOf({ crate, version, since, running }: Entry, at: number): AppStatus {
  const id = crate.name as AppId
  const revision = revisionOf(crate)
  const live = running && revisionOf(running)
  const missing = {
    code: 'ImageNotFound',
    message: `the yard has no image ${crate.image}`,
    count: 1,
    since,
  } as const
  const instances = (of: string): Instance[] =>
    Array.from({ length: crate.count ?? 1 }, (_, slot) => ({
      id: `${id}.${slot}.${of}`,
      state: of === live ? 'running' : 'preparing',
      health: 'none',
      ready: of === live,
      revision: of,
      restarts: 0,
      ...(of === live ? {} : { reason: missing }),
    }))
  const facts = {
    kind: 'service' as const,
    desired: crate.count ?? 1,
    revision,
    generation: { desired: version, observed: version },
    instances: [...new Set([live, revision])].flatMap((of) => (of ? instances(of) : [])),
    rollout: { state: live === revision ? 'succeeded' : 'running', revision, since } as const,
  }
  return {
    id,
    image: crate.image,
    labels: crate.labels,
    managed: true,
    observed: { at, source: 'read', stale: false },
    ...facts,
    ...deriveStatus(facts),
  }
}
