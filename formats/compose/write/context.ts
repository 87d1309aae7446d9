import { type App, type AppId, groupOf, nameOf } from 'intermodal'

type Json = Record<string, unknown>

/** One file as it grows: services refer to what stands at its top. */
export class Writing {
  readonly volumes: Record<string, Json> = {}
  readonly networks: Record<string, Json> = {}
  readonly secrets: Record<string, Json> = {}
  readonly configs: Record<string, Json> = {}
  /** Files that have to lie beside the Compose file, by their path from there. */
  readonly files: Record<string, string> = {}
  /** The group all apps are in or below; `''` is the root. */
  readonly group: string
  readonly #names: ReadonlyMap<AppId, string>

  constructor(apps: readonly App[]) {
    this.group = commonGroup(apps.map(({ id }) => id))
    const names = new Map<AppId, string>()
    for (const { id } of apps) {
      const below = id.slice(this.group.length + 1)
      names.set(id, below.replaceAll('/', '_'))
    }
    this.#names = names
  }

  /** What a service is called in the file; `undefined` when the app is not in it. */
  serviceName(id: AppId): string | undefined {
    return this.#names.get(id)
  }

  /** The key of an equal entry that is there, or of a new one. */
  entry(section: 'volumes' | 'configs', base: string, definition: Json): string {
    const entries = this[section]
    const text = JSON.stringify(definition)
    for (let count = 1; ; count++) {
      const key = count === 1 ? base : `${base}-${count}`
      const before = entries[key]
      if (before !== undefined && JSON.stringify(before) !== text) continue
      entries[key] = definition
      return key
    }
  }
}

function commonGroup(ids: readonly AppId[]): string {
  const [first, ...rest] = ids.map((id) =>
    groupOf(id)
      .split('/')
      .filter((part) => part !== ''),
  )
  const shared = (first ?? []).filter((part, index) =>
    rest.every(
      (group) =>
        group.slice(0, index + 1).join('/') === first?.slice(0, index + 1).join('/') &&
        group[index] === part,
    ),
  )
  return shared.map((part) => `/${part}`).join('')
}

/** Without what is `undefined`, and nothing at all when nothing is left. */
export function filled<T extends Json>(value: T): T | undefined {
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return entries.length > 0 ? (Object.fromEntries(entries) as T) : undefined
}

export function projectOf(group: string): string {
  return group === '' ? 'app' : nameOf(group as AppId)
}
