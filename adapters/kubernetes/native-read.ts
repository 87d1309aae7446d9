import type { AppId } from 'intermodal'
import type { Api } from './api.ts'
import { templateOf } from './canonical.ts'
import { isManaged } from './labels.ts'
import type { KubernetesNative } from './native.ts'
import { isOwn } from './ownership.ts'
import { findWorkload } from './picture.ts'
import { configMapsOf } from './references.ts'
import { partsOf } from './survey.ts'
import type { KubernetesObject } from './wire.ts'

/** The live objects of an app, without what only the server's bookkeeping needs. */
export async function readNative(
  api: Api,
  id: AppId,
  signal: AbortSignal,
): Promise<KubernetesNative | undefined> {
  const found = await findWorkload(api, id, signal)
  if (!found) return undefined
  const { object: workload } = found
  if (!isManaged(workload)) return { objects: [plain(workload)] }
  const used = new Set(configMapsOf(templateOf(workload)?.spec))
  const parts = (await partsOf(api, workload, signal))
    .map(({ object }) => object)
    .filter((object) => isOwn(object, id) && !isOldContent(object, used))
  return { objects: [workload, ...parts].map(plain) }
}

/** Files of another revision, which are kept for the way back. */
function isOldContent(object: KubernetesObject, used: ReadonlySet<string>): boolean {
  return (
    object.kind === 'ConfigMap' &&
    object.immutable === true &&
    !used.has(object.metadata.name ?? '')
  )
}

function plain({ metadata, ...rest }: KubernetesObject): KubernetesObject {
  const { managedFields: _, ...kept } = metadata
  return { ...rest, metadata: kept }
}
