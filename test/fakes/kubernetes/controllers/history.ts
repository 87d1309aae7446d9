import type { Cluster } from '../cluster.ts'
import { type JsonObject, sameJson } from '../json.ts'
import { CONTROLLER_REVISIONS, type Kind } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'
import { MANAGER } from './controllers.ts'
import type { Owned } from './owned.ts'
import { hashOf, ownerOf } from './pods.ts'

export interface History {
  readonly current: KubeObject
  readonly all: readonly KubeObject[]
}

const numberOf = ({ revision }: KubeObject) => Number(revision ?? 0)

/** The templates a workload had, each kept as a revision; what is current becomes the newest. */
export function historyOf(cluster: Cluster, owned: Owned, kind: Kind, owner: KubeObject): History {
  const known = [...owned.controlled(CONTROLLER_REVISIONS, owner)].sort(
    (a, b) => numberOf(a) - numberOf(b),
  )
  const template = { ...(owner.spec?.template as JsonObject), $patch: 'replace' }
  const data = { spec: { template } }
  const newest = known.at(-1)
  const same = known.findLast((one) => sameJson(one.data, data))
  if (same && same === newest) return { current: same, all: known }
  const revision = numberOf(newest ?? ({ revision: 0 } as unknown as KubeObject)) + 1
  if (same) {
    const current =
      cluster.change(CONTROLLER_REVISIONS, same, (one) => ({ ...one, revision }), MANAGER) ?? same
    return { current, all: [...known.filter((one) => one !== same), current] }
  }
  const hash = hashOf(data)
  const { labels } =
    (owner.spec?.template as { readonly metadata?: JsonObject } | undefined)?.metadata ?? {}
  const current = cluster.make(
    CONTROLLER_REVISIONS,
    owner.metadata.namespace,
    {
      metadata: {
        name: `${owner.metadata.name}-${hash}`,
        labels: { ...(labels as object), [labelFor(kind)]: hash },
        ownerReferences: [ownerOf(kind, owner)],
      },
      data,
      revision,
    },
    MANAGER,
  )
  return { current, all: [...known, current] }
}

function labelFor({ kind }: Kind): string {
  return kind === 'StatefulSet' ? 'controller.kubernetes.io/hash' : 'controller-revision-hash'
}

/** Of a revision, as pods carry it. */
export function hashLabel({ metadata }: KubeObject): string {
  return metadata.labels?.['controller-revision-hash'] ?? ''
}

/** Forgets revisions beyond the limit that no pod is made from. */
export function trimHistory(
  cluster: Cluster,
  { current, all }: History,
  used: ReadonlySet<string>,
  limit: number,
): void {
  const idle = all.filter(
    (one) => one !== current && !used.has(one.metadata.name) && !used.has(hashLabel(one)),
  )
  for (const one of idle.slice(0, Math.max(0, idle.length - limit)))
    cluster.remove(CONTROLLER_REVISIONS, one)
}
