import { type App, contentHash } from 'intermodal'
import { MANAGER } from './api.ts'
import { templateOf } from './canonical.ts'
import { PARTS, WORKLOADS } from './kinds.ts'
import { podSelector } from './labels.ts'
import { APP, KEPT_SELECTOR, MATERIAL, OP, OWNER, RESTARTED_AT } from './marks.ts'
import { KINDS, PREVIOUS } from './ownership.ts'
import { isObject, type Json, same } from './patch.ts'
import type { Survey, Wanted } from './survey.ts'
import { revisionOfTemplate, revisionOfWorkload } from './template-revision.ts'
import type { KubernetesObject, LabelSelector, Labels, PodTemplate } from './wire.ts'

/** The objects as they are sent, every decision taken: nothing more is read before they are written. */
export function decide(app: App, { wanted, material }: Survey): readonly [Wanted, ...Wanted[]] {
  const [workload, ...rest] = wanted
  const { name = '' } = workload.object.metadata
  const stamped = rest.map((one) => ({ ...one, object: stamp(one.object, app, name) }))
  return [{ ...workload, object: finish(app, workload, rest, material) }, ...stamped]
}

/** Further objects of a patch are the app's own too. */
function stamp(object: KubernetesObject, app: App, name: string): KubernetesObject {
  const { metadata } = object
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [OWNER]: name },
      annotations: { ...metadata.annotations, [APP]: app.id },
    },
  }
}

function finish(
  app: App,
  { object, live }: Wanted,
  rest: readonly Wanted[],
  material: Survey['material'],
): KubernetesObject {
  const before = live?.metadata.annotations ?? {}
  const template = markTemplate(templateOf(object), live, material)
  const previous = previousOf(template, live)
  const kinds = furtherKinds(rest)
  const annotations = {
    ...object.metadata.annotations,
    [APP]: app.id,
    ...(previous === undefined ? {} : { [PREVIOUS]: previous }),
    ...(kinds === '' ? {} : { [KINDS]: kinds }),
    // Whether anything changed is asked with the mark of the write before; a write that has to be gets its own.
    ...(before[OP] === undefined ? {} : { [OP]: before[OP] }),
  }
  const marked = withTemplate(
    { ...object, metadata: { ...object.metadata, annotations } },
    template,
  )
  return withReplicas(withSelector(marked, live), live)
}

/** New content of a secret makes another revision of the same app: its instances are not those from before. */
function markTemplate(
  template: PodTemplate | undefined,
  live: KubernetesObject | undefined,
  material: Survey['material'],
): PodTemplate {
  const { [MATERIAL]: _, ...annotations } = template?.metadata?.annotations ?? {}
  const { [RESTARTED_AT]: restarted } = (live && templateOf(live)?.metadata?.annotations) ?? {}
  return {
    ...template,
    metadata: {
      ...template?.metadata,
      annotations: {
        ...annotations,
        ...(material.size === 0 ? {} : { [MATERIAL]: contentHash(Object.fromEntries(material)) }),
        // Who restarted it goes on to hold the mark; said here, it is known what the revision will be called.
        ...(restarted === undefined ? {} : { [RESTARTED_AT]: restarted }),
      },
    },
  }
}

function previousOf(template: PodTemplate, live: KubernetesObject | undefined): string | undefined {
  if (!live) return undefined
  const before = revisionOfWorkload(live)
  return before === revisionOfTemplate(template) ? live.metadata.annotations?.[PREVIOUS] : before
}

function furtherKinds(rest: readonly Wanted[]): string {
  const known = new Set([...PARTS, ...WORKLOADS].map(({ kind }) => kind))
  const further = rest
    .filter(({ resource }) => !known.has(resource.kind))
    .map(({ resource }) => `${resource.apiVersion}/${resource.kind}`)
  return [...new Set(further)].sort().join(' ')
}

/** Selectors cannot change: what was taken over keeps its own, and its pods go on to be found by it. */
function withSelector(
  object: KubernetesObject,
  live: KubernetesObject | undefined,
): KubernetesObject {
  const own = podSelector(object.metadata.name ?? '')
  const wanted = selectorOf(object)
  const found = live && selectorOf(live)
  if (!found || !wanted || !same(wanted, own) || same(found, wanted)) return object
  const template = templateOf(object)
  const labels = { ...template?.metadata?.labels, ...found }
  const spec = { ...(object.spec as Json), selector: { matchLabels: found } }
  const { metadata } = object
  const annotations = { ...metadata.annotations, [KEPT_SELECTOR]: 'true' }
  return withTemplate({ ...object, metadata: { ...metadata, annotations }, spec }, {
    ...template,
    metadata: { ...template?.metadata, labels },
  } as PodTemplate)
}

/** Undefined for workloads that choose their own, and for selectors that are more than labels. */
export function selectorOf({ kind, spec }: KubernetesObject): Labels | undefined {
  if (kind === 'Job' || kind === 'CronJob') return undefined
  const { matchLabels, matchExpressions } = ((spec as Json | undefined)?.selector ??
    {}) as LabelSelector
  return matchExpressions?.length ? undefined : matchLabels
}

/**
 * An absent count means the live one. The server would make it 1 when it was ours before and is left out now, so it is
 * said once more; an autoscaler takes it over with its next decision.
 */
function withReplicas(
  object: KubernetesObject,
  live: KubernetesObject | undefined,
): KubernetesObject {
  const spec = object.spec as Json
  const count = (live?.spec as Json | undefined)?.replicas
  if (spec.replicas !== undefined || count === undefined || !live || !ownsReplicas(live))
    return object
  return { ...object, spec: { ...spec, replicas: count } }
}

export function ownsReplicas({ metadata }: KubernetesObject): boolean {
  return (metadata.managedFields ?? []).some((entry) => {
    const { manager, operation, fieldsV1 } = entry as Json
    const spec = isObject(fieldsV1) ? fieldsV1['f:spec'] : undefined
    return (
      manager === MANAGER &&
      operation === 'Apply' &&
      isObject(spec) &&
      spec['f:replicas'] !== undefined
    )
  })
}

/** The workload with another pod template, wherever its kind has it. */
export function withTemplate(
  object: KubernetesObject,
  template: PodTemplate | undefined,
): KubernetesObject {
  const spec = object.spec as Json
  if (object.kind !== 'CronJob') return { ...object, spec: { ...spec, template } }
  const job = spec.jobTemplate as Json
  return {
    ...object,
    spec: { ...spec, jobTemplate: { ...job, spec: { ...(job.spec as Json), template } } },
  }
}
