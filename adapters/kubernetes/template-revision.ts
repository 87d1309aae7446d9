import { contentHash } from 'intermodal'
import { templateOf } from './canonical.ts'
import { MATERIAL, RESTARTED_AT, REVISION, TEMPLATE } from './marks.ts'
import { isObject } from './patch.ts'
import type { KubernetesObject, PodTemplate } from './wire.ts'

/** The field manager of our own writes, and the beginning of its variants' names. */
export const FIELD_MANAGER = 'intermodal'

/** Labels that controllers add to the templates they keep. */
const HASH_LABELS: ReadonlySet<string> = new Set(['pod-template-hash', 'controller-revision-hash'])

/**
 * Names what pods are made from. Of ours it is the revision of the app, and, where there is more to it (a restart, new
 * content of a secret), a hash of that; of others a hash of the template. Known as soon as the server has accepted the object,
 * and the same on ReplicaSets and ControllerRevisions, so that a rollback finds it.
 */
export function revisionOfTemplate(template: PodTemplate | undefined): string {
  const annotations = template?.metadata?.annotations ?? {}
  const {
    [REVISION]: own,
    [TEMPLATE]: kept,
    [MATERIAL]: material,
    [RESTARTED_AT]: restarted,
  } = annotations
  if (own === undefined) return kept ?? fingerprint(template)
  const more = [material ?? null, restarted ?? null]
  return more.every((part) => part === null) ? own : `${own}-${contentHash(more).slice(0, 6)}`
}

/** The same template has the same, wherever the API shows it. */
export function fingerprint(template: PodTemplate | undefined): string {
  const { metadata, spec } = template ?? {}
  const labels = Object.entries(metadata?.labels ?? {}).filter(([key]) => !HASH_LABELS.has(key))
  const { creationTimestamp: _, annotations, ...rest } = metadata ?? {}
  return contentHash({
    ...rest,
    labels: Object.fromEntries(labels),
    annotations: annotations ?? {},
    spec,
  })
}

/**
 * The revision an app is at: that of its template, and a mark when someone else has changed the template since. That is
 * read from `managedFields`, where the server itself notes who wrote what.
 */
export function revisionOfWorkload(workload: KubernetesObject): string {
  const revision = revisionOfTemplate(templateOf(workload))
  if (templateOf(workload)?.metadata?.annotations?.[REVISION] === undefined) return revision
  const editors = foreignEditors(workload)
  return editors.length > 0 ? `${revision}-${contentHash(editors).slice(0, 6)}` : revision
}

interface ManagedField {
  readonly manager?: string
  readonly operation?: string
  readonly time?: string
  readonly fieldsV1?: Readonly<Record<string, unknown>>
}

/** Who else has written fields of the template, and when, as the server keeps it. */
export function foreignEditors({ metadata, kind }: KubernetesObject): readonly ManagedField[] {
  const fields = (metadata.managedFields ?? []) as readonly ManagedField[]
  return fields
    .filter(
      ({ manager, fieldsV1 }) =>
        !manager?.startsWith(FIELD_MANAGER) && writesTemplate(fieldsV1, kind),
    )
    .map(({ manager = '', operation = '', time = '' }) => ({
      manager,
      operation,
      time,
      fieldsV1: kind === 'CronJob' ? CRON_TEMPLATE : TEMPLATE_FIELDS,
    }))
}

const TEMPLATE_FIELDS = { 'f:spec': { 'f:template': { 'f:spec': {} } } }
const CRON_TEMPLATE = { 'f:spec': { 'f:jobTemplate': { 'f:spec': TEMPLATE_FIELDS['f:spec'] } } }

function writesTemplate(
  fields: Readonly<Record<string, unknown>> | undefined,
  kind: string | undefined,
): boolean {
  const path =
    kind === 'CronJob'
      ? ['f:spec', 'f:jobTemplate', 'f:spec', 'f:template', 'f:spec']
      : ['f:spec', 'f:template', 'f:spec']
  const found = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), fields)
  return found !== undefined
}
