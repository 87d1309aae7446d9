import { type App, type AppId, type AppKind, isAppId } from 'intermodal'
import type { Labels } from './wire.ts'

const PREFIX = 'intermodal.'

/**
 * On everything made here: the app's id. Not `true`, so that a copy under another id is not taken for ours. A change of any
 * label makes Marathon replace every instance, so all of these depend on the app alone and on nothing that happens to it.
 */
export const APP = `${PREFIX}app`
/** The app's kind, where Marathon has no word for it. */
export const KIND = `${PREFIX}kind`
/** What the app says and Marathon has no word for: a `Memo` of core. */
export const MEMO = `${PREFIX}memo`

const ANNOTATIONS = `${PREFIX}annotations`
const ANNOTATION = `${PREFIX}annotation.`

const LABEL_KEY =
  /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/

function canBeLabel(key: string, value: string): boolean {
  return LABEL_KEY.test(key) && LABEL_VALUE.test(value) && !key.startsWith(PREFIX)
}

/** Marathon has labels only: annotations go under their own keys, and those that look like labels are listed. */
export function writeLabels(app: App): Record<string, string> {
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
  return {
    ...labels,
    [APP]: app.id,
    ...(app.kind === 'service' ? {} : { [KIND]: app.kind }),
  }
}

export function readLabels(all: Labels | undefined): {
  readonly labels: Record<string, string>
  readonly annotations: Record<string, string>
} {
  const labels: Record<string, string> = {}
  const annotations: Record<string, string> = {}
  const listed = new Set(parseKeys(all?.[ANNOTATIONS]))
  for (const [key, value] of Object.entries(all ?? {})) {
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

export function isManaged(native: { readonly id: string; readonly labels?: Labels }): boolean {
  const id = native.labels?.[APP]
  return id !== undefined && isAppId(id) && id === absolute(native.id)
}

export function kindOf(native: { readonly id: string; readonly labels?: Labels }): AppKind {
  const kind = native.labels?.[KIND]
  return isManaged(native) && (kind === 'stateful' || kind === 'job') ? kind : 'service'
}

/** Ids are paths in Marathon too, and one without the first slash means the same. */
export function absolute(id: string): AppId {
  return `/${id.replace(/^\/+|\/+$/g, '')}`
}
