import { type App, type AppId, isAppId } from 'intermodal'
import { idOfName, serviceName } from './names.ts'
import type { Labels, ServiceSpec } from './wire.ts'

const PREFIX = 'intermodal.'

/** On services, on their tasks, and on networks, configs and secrets made for one app: its id. */
export const APP = `${PREFIX}app`
/** On a service and its tasks: what they are made from, as `revisionOf(app)` names it. */
export const REVISION = `${PREFIX}revision`
/** On a service: the app's kind, for those Swarm has one mode for. */
export const KIND = `${PREFIX}kind`
/** On a service: what the app says and Swarm has no word for: a `Memo` of core. */
export const MEMO = `${PREFIX}memo`
/** On a network: the group whose apps share it. */
export const GROUP = `${PREFIX}group`
/** On a volume: the claim's name in the app. */
export const CLAIM = `${PREFIX}claim`

const ANNOTATIONS = `${PREFIX}annotations`
const ANNOTATION = `${PREFIX}annotation.`

const LABEL_KEY =
  /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/

function canBeLabel(key: string, value: string): boolean {
  return LABEL_KEY.test(key) && LABEL_VALUE.test(value) && !key.startsWith(PREFIX)
}

/**
 * Labels and annotations both become service labels under their own keys, so that tools which read service labels find
 * them. Annotations that look like labels are listed, those that would hide a label are kept under another key.
 */
export function writeLabels(app: Pick<App, 'labels' | 'annotations'>): Record<string, string> {
  const labels: Record<string, string> = { ...app.labels }
  const lookAlike: string[] = []
  for (const [key, value] of Object.entries(app.annotations)) {
    if (Object.hasOwn(app.labels, key) || key.startsWith(PREFIX)) {
      labels[`${ANNOTATION}${key}`] = value
      continue
    }
    labels[key] = value
    if (canBeLabel(key, value)) lookAlike.push(key)
  }
  if (lookAlike.length > 0) labels[ANNOTATIONS] = JSON.stringify(lookAlike.sort())
  return labels
}

export function readLabels(all: Labels = {}): {
  readonly labels: Record<string, string>
  readonly annotations: Record<string, string>
} {
  const labels: Record<string, string> = {}
  const annotations: Record<string, string> = {}
  const listed = new Set(parseKeys(all[ANNOTATIONS]))
  for (const [key, value] of Object.entries(all)) {
    if (key.startsWith(ANNOTATION)) annotations[key.slice(ANNOTATION.length)] = value
    else if (key.startsWith(PREFIX)) continue
    else if (canBeLabel(key, value) && !listed.has(key)) labels[key] = value
    else if (key !== '') annotations[key] = value
  }
  return { labels, annotations }
}

function parseKeys(text: string | undefined): string[] {
  if (text === undefined) return []
  try {
    const keys: unknown = JSON.parse(text)
    return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : []
  } catch {
    // Someone changed the label by hand: without it the keys count as labels, which loses nothing.
    return []
  }
}

/** The labels that are not ours. */
export function foreignLabels(labels: Labels | undefined): Labels {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !key.startsWith(PREFIX)))
}

/** Whether intermodal made it: a label that does not fit the name was copied from another service. */
export function isManaged(spec: Pick<ServiceSpec, 'Name' | 'Labels'>): boolean {
  const id = spec.Labels?.[APP]
  return id !== undefined && isAppId(id) && serviceName(id) === spec.Name
}

/** The app's id, for services of ours and of anybody. */
export function idOfService(spec: Pick<ServiceSpec, 'Name' | 'Labels'>): AppId {
  return isManaged(spec) ? (spec.Labels?.[APP] as AppId) : idOfName(spec.Name)
}
