import type { MarathonGroup, MarathonNative } from 'intermodal/marathon'
import type { Draft } from '../draft.ts'
import { documentsOf, interpretUnits, placeIn, type Unit } from '../engine.ts'
import type { Report } from '../report.ts'
import type { ImportSource } from '../source.ts'
import { coerced } from '../text/coerce.ts'
import { isNothing, type MapNode, type Node, plain, step } from '../text/node.ts'
import { isWellFormed } from './shape.ts'

/** Marathon's apps, pods and groups, alone or in lists, as files hold them and as its API answers. */
export async function readMarathon(
  sources: readonly ImportSource[],
  report: Report,
  group: string | undefined,
): Promise<Draft[]> {
  const { marathon, nativesOf } = await import('intermodal/marathon')
  await using adapter = marathon()
  const units = sources.flatMap((source) =>
    documentsOf(source, report)
      .map((root) => coerced(root, TEXT_MAPS, report))
      .flatMap((root) =>
        tops(root, '', report).flatMap(({ pointer, node }) => {
          if (!isWellFormed(node, report)) return []
          const places = [...placesOf(node, pointer)]
          reportGroup(node, report)
          return nativesOf(groupOf(node)).map((native, index): Unit<MarathonNative> => {
            const prefix = places[index] ?? pointer
            return {
              native,
              at: placeIn(root, prefix),
              locate: (path) => placeIn(root, prefix + path),
            }
          })
        }),
      ),
  )
  return interpretUnits(units, (native) => adapter.interpret(native), report, group)
}

/** Maps whose values Marathon takes as texts, or as a reference to a secret. */
const TEXT_MAPS: ReadonlySet<string> = new Set(['labels', 'env', 'environment'])

/** Apps, pods and groups, out of lists and of the answers that wrap them. */
function tops(root: Node, pointer: string, report: Report): { pointer: string; node: MapNode }[] {
  if (root.type === 'list')
    return root.items.flatMap((item, index) => tops(item, pointer + step(index), report))
  if (root.type !== 'map') {
    report.problem(root.at, 'is no app of Marathon: it needs a map of keys')
    return []
  }
  const wrapped = root.entries.get('app') ?? root.entries.get('group')
  if (wrapped?.type === 'map' && !root.entries.has('id'))
    return tops(wrapped, pointer + step(root.entries.has('app') ? 'app' : 'group'), report)
  const empty = ['apps', 'groups', 'pods'].every((key) => !root.entries.has(key))
  if (empty && !root.entries.has('id')) {
    report.problem(root.at, 'is no app of Marathon: it has no "id"')
    return []
  }
  return [{ pointer, node: root }]
}

function isGroup(node: MapNode): boolean {
  return ['apps', 'groups', 'pods'].some((key) => node.entries.has(key))
}

function groupOf(node: MapNode): MarathonGroup {
  const value = plain(node) as Record<string, unknown>
  if (isGroup(node)) return value as unknown as MarathonGroup
  const pod = node.entries.has('containers')
  return { id: '/', ...(pod ? { pods: [value] } : { apps: [value] }) } as unknown as MarathonGroup
}

/** What Marathon notes about a group, and says nothing of what is wanted. */
const NOTES: ReadonlySet<string> = new Set(['version', 'versionInfo'])
const MEMBERS = ['apps', 'pods', 'groups'] as const

/** `inner`: it stands among the groups of another, so that it is one without anything in it too. */
function reportGroup(node: MapNode, report: Report, inner = false): void {
  if (!inner && !isGroup(node)) return
  for (const [key, { at }] of node.entries) {
    if (key === 'id' || key === 'dependencies' || MEMBERS.some((member) => member === key)) continue
    if (NOTES.has(key))
      report.loss(at, 'warning', 'is written by Marathon, and is no wish of anybody')
    else report.loss(at, 'dropped', 'a group is made by the ids of its apps, and has no settings')
  }
  const members = MEMBERS.flatMap((key) => {
    const list = node.entries.get(key)
    return list?.type === 'list' ? list.items : []
  })
  const id = node.entries.get('id')
  if (id && members.every(isAbsolute))
    report.loss(
      id.at,
      'warning',
      members.length > 0
        ? 'a group is made by the ids of its apps, and these say it already'
        : 'a group is made by the ids of its apps, and this one has none',
    )
  const groups = node.entries.get('groups')
  for (const member of groups?.type === 'list' ? groups.items : [])
    if (member.type === 'map') reportGroup(member, report, true)
}

/** Ids from the root say by themselves which group they are in. */
function isAbsolute(member: Node): boolean {
  const id = member.type === 'map' ? member.entries.get('id') : undefined
  return id?.type === 'scalar' && String(id.value).startsWith('/')
}

/** Where each app and pod stands, in the order in which the adapter gives them. */
function* placesOf(node: MapNode, pointer: string): Generator<string> {
  if (!isGroup(node)) {
    yield pointer
    return
  }
  for (const key of ['apps', 'pods'] as const) {
    const list = node.entries.get(key)
    if (list?.type === 'list')
      for (const index of list.items.keys()) yield `${pointer}/${key}/${index}`
  }
  const groups = node.entries.get('groups')
  if (groups?.type !== 'list') return
  for (const [index, inner] of groups.items.entries())
    if (inner.type === 'map') {
      if (isGroup(inner)) yield* placesOf(inner, `${pointer}/groups/${index}`)
      else if (!isNothing(inner)) continue
    }
}
