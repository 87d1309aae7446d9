import { absolute } from './labels.ts'
import type { MarathonNative } from './native.ts'
import type { GroupDefinition } from './wire.ts'

/** A group as `/v2/groups` takes and gives it. */
export type MarathonGroup = GroupDefinition

/**
 * Every app and pod in a group and the groups in it, with full ids; what a group depends on, its apps depend on. What
 * `interpret` takes is one of them.
 */
export function nativesOf(group: MarathonGroup): readonly MarathonNative[] {
  return [...walk(group, '/', [])]
}

function* walk(
  group: MarathonGroup,
  parent: string,
  inherited: readonly string[],
): Generator<MarathonNative> {
  const id = within(parent, group.id ?? '/')
  const dependencies = [
    ...inherited,
    ...(group.dependencies ?? []).map((other) => within(parent, other)),
  ]
  for (const app of group.apps ?? []) {
    const own = [...(app.dependencies ?? []).map((other) => within(id, other)), ...dependencies]
    yield {
      ...app,
      id: within(id, app.id),
      ...(own.length > 0 ? { dependencies: [...new Set(own)] } : {}),
    }
  }
  for (const pod of group.pods ?? []) yield { ...pod, id: within(id, pod.id) }
  for (const inner of group.groups ?? []) yield* walk(inner, id, dependencies)
}

/** Marathon resolves relative ids, `..` too, against the group they are written in. */
function within(group: string, id: string): string {
  if (id.startsWith('/')) return absolute(id)
  const parts = group.split('/').filter(Boolean)
  for (const part of id.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return `/${parts.join('/')}`
}
