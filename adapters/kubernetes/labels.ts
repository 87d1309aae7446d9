import type { App, AppId } from 'intermodal'
import { isAppId } from 'intermodal'
import type { Report } from './loss.ts'
import { step } from './loss.ts'
import { APP, isMark, OWNER } from './marks.ts'
import { idOfName, objectName } from './names.ts'
import type { KubernetesObject, Labels, ObjectMeta } from './wire.ts'

/** Label keys and annotation keys have one grammar; the schema checks labels. */
const KEY =
  /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/

export function isLabelKey(text: string): boolean {
  return KEY.test(text)
}

export function isLabelValue(text: string): boolean {
  return VALUE.test(text)
}

export function podSelector(name: string): Labels {
  return { [OWNER]: name }
}

/** The annotations Kubernetes takes as they are; the others stay in the memo. */
export function writeAnnotations(app: App, report: Report): Labels {
  const annotations: Record<string, string> = {}
  for (const [key, value] of Object.entries(app.annotations)) {
    if (KEY.test(key) && !isMark(key) && !isEngineKey(key)) annotations[key] = value
    else {
      report(
        'approximated',
        `/annotations${step(key)}`,
        'is no key Kubernetes leaves to others; it is kept with the app and seen by nothing else',
      )
    }
  }
  return annotations
}

/** Keys that the server, its controllers and kubectl write by themselves. */
export function isEngineKey(key: string): boolean {
  return ENGINE_KEYS.has(key)
}

const ENGINE_KEYS: ReadonlySet<string> = new Set([
  'deployment.kubernetes.io/revision',
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.daemonset.template.generation',
  'kubectl.kubernetes.io/last-applied-configuration',
  'kubectl.kubernetes.io/restartedAt',
  'kubernetes.io/change-cause',
  'batch.kubernetes.io/job-tracking',
  'autoscaling.alpha.kubernetes.io/conditions',
  'autoscaling.alpha.kubernetes.io/current-metrics',
])

/** What an object of ours has in its metadata. */
export function ownMeta(
  id: AppId,
  name: string,
  owner: string,
  more: Partial<ObjectMeta> = {},
): ObjectMeta {
  return {
    ...more,
    name,
    labels: { ...more.labels, [OWNER]: owner },
    annotations: { ...more.annotations, [APP]: id },
  }
}

/** Whether intermodal made it. Marks that do not fit each other were copied from another object. */
export function isManaged({ metadata }: Pick<KubernetesObject, 'metadata'>): boolean {
  const id = metadata.annotations?.[APP]
  return id !== undefined && isAppId(id) && metadata.labels?.[OWNER] === objectName(id)
}

/** The id of a workload's app, for workloads of ours and of anybody. */
export function idOfObject(object: Pick<KubernetesObject, 'metadata'>): AppId {
  const { annotations, name, generateName } = object.metadata
  const own = annotations?.[APP]
  if (isManaged(object) && objectName(own as AppId) === name) return own as AppId
  return idOfName(name ?? generateName?.replace(/[-.]+$/, '') ?? 'unnamed')
}
