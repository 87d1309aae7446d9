import type { Api } from './api.ts'
import { templateOf } from './canonical.ts'
import { historyOf } from './history.ts'
import { configMapsOf } from './references.ts'
import { templateOfHistory } from './status-revision.ts'
import type { Part, Wanted } from './survey.ts'
import type { KubernetesObject } from './wire.ts'

/**
 * What was made for the app and is rendered no more. Files of revisions that can still be gone back to, or whose
 * instances still run, stay.
 */
export async function unwanted(
  api: Api,
  decided: readonly [Wanted, ...Wanted[]],
  parts: readonly Part[],
  signal: AbortSignal,
): Promise<readonly Part[]> {
  const rendered = new Set(decided.map(({ object }) => keyOf(object)))
  const rest = parts.filter(
    ({ object }) => !rendered.has(keyOf(object)) && !isControlled(object) && !isGoing(object),
  )
  const [{ live }] = decided
  if (!live || !rest.some(({ object }) => object.kind === 'ConfigMap')) return rest
  const history = await historyOf(api, live, signal)
  const used = new Set(
    [templateOf(live), ...history.map(templateOfHistory)].flatMap((template) =>
      configMapsOf(template?.spec),
    ),
  )
  return rest.filter(
    ({ object }) => object.kind !== 'ConfigMap' || !used.has(object.metadata.name ?? ''),
  )
}

export async function prune(api: Api, parts: readonly Part[], signal: AbortSignal): Promise<void> {
  for (const { resource, object } of parts) await api.remove(resource, object, 'Background', signal)
}

function keyOf({ kind, metadata }: KubernetesObject): string {
  return `${kind}/${metadata.name}`
}

/** Made by a controller from something of ours, which its labels were copied from. */
function isControlled({ metadata }: KubernetesObject): boolean {
  return metadata.ownerReferences?.some(({ controller }) => controller) ?? false
}

function isGoing({ metadata }: KubernetesObject): boolean {
  return metadata.deletionTimestamp != null
}
