import { groupNotFound } from '../errors.ts'
import type { Marathon } from '../marathon.ts'
import { absolute, isWithin, type PathId } from '../normal/paths.ts'
import type { AppBody } from '../schema/app.ts'
import type { GroupBody } from '../schema/group.ts'
import { type Draft, instancesOf, specsWithin, withInstances } from '../store/root.ts'
import { newApp } from './app-body.ts'

/** Puts what a group update says into the draft. */
export function applyGroup(marathon: Marathon, draft: Draft, id: PathId, body: GroupBody): void {
  if (body.version !== undefined) rollBack(marathon, draft, id, body.version)
  else if (body.scaleBy !== undefined) scale(draft, id, body.scaleBy)
  else putGroup(marathon, draft, id, body, '')
}

function rollBack(marathon: Marathon, draft: Draft, id: PathId, version: string): void {
  const root = marathon.store.roots.find((one) => Date.parse(one.version) === Date.parse(version))
  if (!root) throw groupNotFound(id, version)
  clear(draft, id)
  for (const [path, spec] of root.specs) if (isWithin(path, id)) draft.specs.set(path, spec)
  for (const [path, group] of root.groups) if (isWithin(path, id)) draft.groups.set(path, group)
}

function clear(draft: Draft, id: PathId): void {
  for (const path of [...draft.specs.keys()]) if (isWithin(path, id)) draft.specs.delete(path)
  for (const path of [...draft.groups.keys()]) if (isWithin(path, id)) draft.groups.delete(path)
}

/** Rounded up, so that half of one is still one. */
function scale(draft: Draft, id: PathId, factor: number): void {
  for (const spec of specsWithin(draft.specs, id)) {
    if (spec.kind === 'app')
      draft.specs.set(spec.id, withInstances(spec, Math.ceil(instancesOf(spec) * factor)))
  }
}

/**
 * A list that is given says all there is of its kind: what it leaves out is removed. One that is not given leaves
 * everything as it is.
 */
function putGroup(
  marathon: Marathon,
  draft: Draft,
  id: PathId,
  { apps, groups, dependencies, enforceRole }: GroupBody,
  at: string,
): void {
  const before = draft.groups.get(id)
  const resolved = dependencies?.map((path) => absolute(path, id))
  if (id === '/') draft.dependencies = resolved ?? draft.dependencies
  else {
    draft.groups.set(id, {
      dependencies: resolved ?? before?.dependencies ?? [],
      enforceRole: enforceRole ?? before?.enforceRole,
    })
  }
  if (apps) putApps(marathon, draft, id, apps, at)
  if (!groups) return
  const named = groups.map((group) => absolute(group.id ?? '', id))
  for (const path of [...draft.groups.keys()]) {
    const child = isWithin(path, id) && path !== id
    if (child && !named.some((kept) => isWithin(path, kept) || isWithin(kept, path)))
      clear(draft, path)
  }
  for (const [index, group] of groups.entries())
    putGroup(marathon, draft, named[index] as PathId, group, `${at}/groups(${index})`)
}

function putApps(
  marathon: Marathon,
  draft: Draft,
  group: PathId,
  apps: readonly AppBody[],
  at: string,
): void {
  const specs = apps.map((body, index) =>
    newApp(marathon, stripped(body), group, `${at}/apps(${index})`),
  )
  const kept = new Set(specs.map(({ id }) => id))
  for (const [path, spec] of [...draft.specs]) {
    const direct = spec.kind === 'app' && absolute('..', path) === group
    if (direct && !kept.has(path)) draft.specs.delete(path)
  }
  for (const spec of specs) draft.specs.set(spec.id, spec)
}

/** A group that was read can be written again: the versions of its apps are no wishes. */
function stripped({ version: _, ...body }: AppBody): AppBody {
  return body
}
