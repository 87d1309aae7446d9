import { type AppId, type Call, IntermodalError, type Revision } from 'intermodal'
import { adopt } from './adopt.ts'
import type { Api } from './api.ts'
import { isStatus } from './api-error.ts'
import { changedMeanwhile } from './apply.ts'
import { templateOf } from './canonical.ts'
import { ownsReplicas, withTemplate } from './decide.ts'
import { historyOf } from './history.ts'
import { isEngineKey } from './labels.ts'
import { unsupported } from './lifecycle.ts'
import { isMark, REVISION } from './marks.ts'
import { PREVIOUS } from './ownership.ts'
import type { Json } from './patch.ts'
import { existing } from './picture.ts'
import { revisionFrom } from './revision.ts'
import { nameOf, rankOf, templateOfHistory } from './status-revision.ts'
import { revisionOfWorkload } from './template-revision.ts'
import type { KubernetesObject, PodTemplate } from './wire.ts'

const ATTEMPTS = 10

/**
 * Back to a pod template that the controller remembers, as `kubectl rollout undo` does it; count and update settings stay
 * as they are.
 */
export async function rollback(
  api: Api,
  id: AppId,
  revision: string | undefined,
  { signal }: Call,
): Promise<Revision> {
  for (let attempt = 1; ; attempt++) {
    const { object, resource } = await existing(api, id, signal)
    if (object.kind === 'Job' || object.kind === 'CronJob')
      throw unsupported(
        id,
        `roll back ${id}: a ${object.kind} keeps no history`,
        'apply it as it was',
      )
    const current = revisionOfWorkload(object)
    if (revision === current) return revisionFrom(id, object, false)
    const target = choose(id, await historyOf(api, object, signal), current, revision)
    try {
      // From here on all of it is ours to change: what another revision had more of is removed.
      const owned = await adopt(api, resource, object, signal)
      const wanted = bodyOf(owned, target, current)
      const after = await api.apply(wanted, resource, { force: true, dryRun: false }, signal)
      return revisionFrom(id, { ...after, kind: resource.kind }, true)
    } catch (error) {
      if (!isStatus(error, 409)) throw error
      if (attempt === ATTEMPTS) throw changedMeanwhile(id)
    }
  }
}

function choose(
  id: AppId,
  history: readonly KubernetesObject[],
  current: string,
  wanted: string | undefined,
): KubernetesObject {
  const newestFirst = [...history].sort((a, b) => rankOf(b) - rankOf(a))
  const found = newestFirst.find((entry) =>
    wanted === undefined ? nameOf(entry) !== current : nameOf(entry) === wanted,
  )
  if (found) return found
  const known = newestFirst.map(nameOf).filter((name) => name !== current)
  throw new IntermodalError(
    'CONFLICT',
    wanted === undefined
      ? `${id} has no revision before this one`
      : `${id} has no revision ${wanted} any more`,
    {
      app: id,
      remedy:
        known.length > 0 ? `choose one of ${known.join(', ')}` : 'apply the app as it should be',
    },
  )
}

const HASHES: ReadonlySet<string> = new Set(['pod-template-hash', 'controller-revision-hash'])

function bodyOf(
  live: KubernetesObject,
  target: KubernetesObject,
  current: string,
): KubernetesObject {
  const { name, labels, annotations = {}, resourceVersion } = live.metadata
  const template = plainTemplate(templateOfHistory(target))
  const { replicas, ...spec } = live.spec as Json
  const counted = replicas !== undefined && ownsReplicas(live) ? { replicas } : {}
  return withTemplate(
    {
      metadata: {
        ...(name === undefined ? {} : { name }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        ...(labels ? { labels } : {}),
        annotations: {
          ...withoutEngine(annotations, false),
          ...remembered(live, target, template),
          [PREVIOUS]: current,
        },
      },
      spec: { ...spec, ...counted },
      kind: live.kind ?? '',
    },
    template,
  )
}

/** Controllers copy the annotations of a workload to what they remember of it: ours go back with the template. */
function remembered(
  live: KubernetesObject,
  target: KubernetesObject,
  template: PodTemplate,
): Readonly<Record<string, string>> {
  const own = template.metadata?.annotations?.[REVISION]
  const before = templateOf(live)?.metadata?.annotations?.[REVISION]
  return {
    ...withoutEngine(target.metadata.annotations ?? {}, true),
    ...(own === undefined || before === undefined ? {} : { [REVISION]: own }),
  }
}

/** Without what controllers write; of marks all, or nothing else. */
function withoutEngine(
  annotations: Readonly<Record<string, string>>,
  marks: boolean,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(annotations).filter(([key]) => !isEngineKey(key) && isMark(key) === marks),
  )
}

function plainTemplate(template: PodTemplate | undefined): PodTemplate {
  const { creationTimestamp: _, labels = {}, ...metadata } = template?.metadata ?? {}
  const own = Object.entries(labels).filter(([key]) => !HASHES.has(key))
  return { ...template, metadata: { ...metadata, labels: Object.fromEntries(own) } }
}
