import { type App, canonicalJson, contentHash, type Material } from 'intermodal'
import type { MaterialRecord, WorldState } from './model.ts'

interface Reference {
  readonly kind: 'secret' | 'config'
  readonly name: string
  readonly key?: string | undefined
  /** JSON pointer into the app. */
  readonly path: string
}

/** Every secret and config an app refers to, with the place. */
export function* referencesOf(app: App): Generator<Reference> {
  if (app.registryAuth) yield refer('/registryAuth', app.registryAuth)
  for (const [name, volume] of Object.entries(app.volumes)) {
    if (volume.type === 'config')
      yield { kind: 'config', name: volume.config, path: `/volumes/${name}` }
    if (volume.type === 'secret')
      yield { kind: 'secret', name: volume.secret, path: `/volumes/${name}` }
  }
  const containers: [string, Pick<App, 'env' | 'files'>][] = [
    ['', app],
    ...Object.entries(app.sidecars).map(([name, one]): [string, typeof one] => [
      `/sidecars/${name}`,
      one,
    ]),
    ...app.init.map((one, index): [string, typeof one] => [`/init/${index}`, one]),
  ]
  for (const [path, { env, files }] of containers) {
    for (const [key, value] of Object.entries(env)) {
      if (typeof value === 'object') yield* referIf(`${path}/env/${key}`, value)
    }
    for (const [key, value] of Object.entries(files)) {
      yield* referIf(`${path}/files/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, value)
    }
  }
}

function* referIf(path: string, value: object): Generator<Reference> {
  if ('secret' in value || 'config' in value) {
    yield refer(path, value as { secret: string; key?: string })
  }
}

function refer(
  path: string,
  value: { readonly secret?: string; readonly config?: string; readonly key?: string | undefined },
): Reference {
  const { secret, config, key } = value
  return secret === undefined
    ? { kind: 'config', name: config ?? '', key, path }
    : { kind: 'secret', name: secret, key, path }
}

/** What the app refers to and the world does not have, one sentence for each. */
export function missingMaterial(state: WorldState, app: App): readonly string[] {
  return [...referencesOf(app)].flatMap(({ kind, name, key, path }) => {
    const found = (kind === 'secret' ? state.secrets : state.configs).get(name)
    if (!found) return [`${path} refers to the ${kind} "${name}", which does not exist`]
    if (key !== undefined && !found.keys?.includes(key)) {
      return [`${path} refers to the key "${key}" of the ${kind} "${name}", which has no such key`]
    }
    return []
  })
}

/** Names the content of all the app refers to, as it is now. Empty when it refers to nothing. */
export function materialOf(state: WorldState, app: App): string {
  const hashes = [...referencesOf(app)].map(({ kind, name }) => {
    const found = (kind === 'secret' ? state.secrets : state.configs).get(name)
    return `${kind} ${name} ${found?.hash}`
  })
  return hashes.length === 0 ? '' : contentHash([...new Set(hashes)].sort()).slice(0, 5)
}

/** Keeps the name, the keys and a hash, never a value. True: the content is new. */
export function putMaterial(store: Map<string, MaterialRecord>, { name, data }: Material): boolean {
  const hash = contentHash(canonicalJson(data))
  if (store.get(name)?.hash === hash) return false
  store.set(name, { hash, ...(typeof data === 'string' ? {} : { keys: Object.keys(data) }) })
  return true
}
