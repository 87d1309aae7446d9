import type { App } from 'intermodal'
import { placesOf } from './files.ts'

export interface MaterialRef {
  readonly kind: 'config' | 'secret'
  readonly name: string
}

/** Every secret and config whose content the pods of an app read: what has to roll out when it changes. */
export function materialOf(app: App): MaterialRef[] {
  const containers = [app, ...Object.values(app.sidecars), ...app.init]
  const sources: unknown[] = [
    ...containers.flatMap(({ env }) => Object.values(env)),
    ...placesOf(app).flatMap(([, files]) => Object.values(files)),
    ...Object.values(app.volumes),
  ]
  const found = new Map<string, MaterialRef>()
  for (const source of sources) {
    if (typeof source !== 'object' || source === null) continue
    for (const kind of ['config', 'secret'] as const) {
      const name: unknown = (source as Record<string, unknown>)[kind]
      if (typeof name === 'string') found.set(`${kind}/${name}`, { kind, name })
    }
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, ref]) => ref)
}

/** As the template's annotation lists them. */
export function formatMaterial(refs: readonly MaterialRef[]): string {
  return refs.map(({ kind, name }) => `${kind}/${name}`).join(' ')
}
