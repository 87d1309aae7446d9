import { closest, distance } from 'fastest-levenshtein'
import { isAppId } from 'intermodal'
import { type Document, isRecord, type Path } from './document.ts'

/** One app as written, and where. */
export interface Entry {
  readonly document: Document
  /** From the document's root to the app. */
  readonly path: Path
  readonly input: unknown
}

type Fail = (path: Path, message: string, key?: string) => undefined

const GROUP_KEYS = ['group', 'apps', 'secrets', 'configs', '$schema']

export function isGroupDocument(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && ('group' in value || 'apps' in value)
}

/** The apps of one document: itself, or those of a group, whose ids are made of the group and each key. */
export function entriesOf(document: Document, fail: Fail): Entry[] {
  const { value } = document
  if (!isRecord(value)) {
    fail([], 'needs an app (with an "id") or a group (with "group" and "apps")')
    return []
  }
  const other = document.isModule ? undefined : otherFormat(value)
  if (other) {
    const from = document.file === '<stdin>' ? `- --from ${other.from}` : document.file
    fail(
      [],
      `looks like ${other.what}, not like an app; this turns it into one: intermodal import ${from}`,
    )
    return []
  }
  if (!isGroupDocument(value)) return [{ document, path: [], input: value }]
  for (const key of Object.keys(value)) {
    if (!GROUP_KEYS.includes(key)) fail([], unknownKey(key), key)
  }
  const { group, apps } = value
  if (typeof group !== 'string' || !isAppId(group)) {
    fail(['group'], 'needs a path of lower-case names such as "/shop"')
    return []
  }
  if (!isRecord(apps) || Object.keys(apps).length === 0) {
    fail(['apps'], 'needs a map from names to apps, with at least one')
    return []
  }
  return Object.entries(apps).flatMap(([name, app]) => {
    const path = ['apps', name]
    if (!isRecord(app)) {
      fail(path, 'needs an app: a map of keys')
      return []
    }
    if ('id' in app) {
      fail(path, `takes no id: it is ${group}/${name} by its place in the group`, 'id')
      return []
    }
    return [{ document, path, input: { id: `${group}/${name}`, ...app } }]
  })
}

/** What somebody who just arrived has at hand, told apart by keys that no app has. */
function otherFormat(
  value: Record<string, unknown>,
): { readonly what: string; readonly from: string } | undefined {
  if ('apiVersion' in value && 'kind' in value)
    return { what: 'an object of Kubernetes', from: 'kubernetes' }
  if (isRecord(value.services) && !('id' in value))
    return { what: 'a Compose file', from: 'compose' }
  const isMarathon =
    Array.isArray(value.apps) || (!('image' in value) && ('container' in value || 'cmd' in value))
  if (isMarathon && !('group' in value)) return { what: 'apps of Marathon', from: 'marathon' }
  return undefined
}

function unknownKey(key: string): string {
  const best = closest(key, GROUP_KEYS)
  const hint =
    distance(key, best) <= 2
      ? `did you mean "${best}"?`
      : 'a group has group, apps, secrets and configs'
  return `has an unknown key "${key}": ${hint}`
}
