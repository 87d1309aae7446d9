import type { AppId, Call } from 'intermodal'
import type { Api } from './api.ts'
import { isManaged } from './labels.ts'
import { objectName } from './names.ts'
import { isOwn, KINDS } from './ownership.ts'
import { findWorkload } from './picture.ts'
import { prune } from './prune.ts'
import { listParts } from './survey.ts'

/**
 * Removes the workload and everything that was made for it. It stays to be seen, as `deleting`, until its instances have
 * ended. Claims stay: they are data, and the same app takes them up again; so do Secrets and ConfigMaps that were put.
 */
export async function remove(api: Api, id: AppId, { signal }: Call): Promise<boolean> {
  const found = await findWorkload(api, id, signal)
  const name = objectName(id)
  const parts =
    found && !isManaged(found.object)
      ? []
      : await listParts(api, name, found?.object.metadata.annotations?.[KINDS], signal)
  const own = parts.filter(({ object }) => isOwn(object, id))
  const [before, after] = [own.filter(isBefore), own.filter((part) => !isBefore(part))]
  await prune(api, before, signal)
  const removed = found
    ? await api.remove(found.resource, found.object, 'Foreground', signal)
    : false
  await prune(api, after, signal)
  return removed || own.length > 0
}

/** An autoscaler would go on counting, an Ingress sending. */
function isBefore({ object }: { readonly object: { readonly kind?: string } }): boolean {
  return object.kind !== 'Service' && object.kind !== 'ConfigMap'
}
