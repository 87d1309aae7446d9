import type { Material } from 'intermodal'
import type { KubernetesNative, KubernetesObject } from 'intermodal/kubernetes'
import type { Draft } from '../draft.ts'
import { documentsOf, interpretUnits, placeIn, type Unit } from '../engine.ts'
import type { Report } from '../report.ts'
import type { ImportSource } from '../source.ts'
import { coerced } from '../text/coerce.ts'
import { isNothing, kindOf, type MapNode, type Node, plain, step } from '../text/node.ts'
import { gather, type Placed } from './gather.ts'
import { isWhole, reportNotes } from './notes.ts'
import { present } from './versions.ts'

export interface ReadKubernetes {
  readonly drafts: readonly Draft[]
  readonly secrets: readonly Material[]
}

/**
 * Manifests and lists of any number of files: what belongs to a workload becomes part of its app, wherever it was
 * written; what belongs to none is named.
 */
export async function readKubernetes(
  sources: readonly ImportSource[],
  report: Report,
  options: { readonly group: string | undefined; readonly withSecrets: boolean },
): Promise<ReadKubernetes> {
  const { kubernetes } = await import('intermodal/kubernetes')
  await using adapter = kubernetes()
  const placed = sources.flatMap((source) =>
    documentsOf(source, report)
      .map((root) => coerced(root, TEXT_MAPS, report))
      .flatMap((root) => objects(root, root, '', report))
      .flatMap((one) => present(one, report))
      .filter((one) => isWhole(one, report)),
  )
  const secrets = placed.filter(({ object }) => object.kind === 'Secret')
  const units = gather(
    placed.filter(({ object }) => object.kind !== 'Secret'),
    report,
  )
  const native = units.map(
    (members): Unit<KubernetesNative> => ({
      native: { objects: members.map(({ object }) => object) },
      at: placeIn(members[0]?.root as Node, members[0]?.pointer ?? ''),
      locate: (path) => locate(members, path),
    }),
  )
  for (const one of placed) reportNotes(one, report)
  return {
    drafts: interpretUnits(native, (one) => adapter.interpret(one), report, options.group),
    secrets: readSecrets(secrets, report, options.withSecrets),
  }
}

/** Maps whose values the API takes as texts only. */
const TEXT_MAPS: ReadonlySet<string> = new Set([
  ...['labels', 'annotations', 'matchLabels', 'nodeSelector', 'data', 'stringData'],
])

function locate(members: readonly Placed[], path: string) {
  const [, index, rest = ''] = /^\/objects\/(\d+)(.*)$/.exec(path) ?? []
  const member = members[Number(index ?? 0)] ?? (members[0] as Placed)
  return placeIn(member.root, member.pointer + (index === undefined ? path : rest))
}

function objects(root: Node, node: Node, pointer: string, report: Report): Placed[] {
  if (node.type === 'list')
    return node.items.flatMap((item, index) => objects(root, item, pointer + step(index), report))
  if (node.type !== 'map' || !node.entries.has('kind')) {
    report.problem(node.at, 'is no object of Kubernetes: it needs apiVersion and kind')
    return []
  }
  const kind = plain(node.entries.get('kind') as Node)
  const items = node.entries.get('items')
  if (typeof kind === 'string' && kind.endsWith('List') && items?.type === 'list')
    return items.items.flatMap((item, index) =>
      objects(root, item, `${pointer}/items/${index}`, report),
    )
  if (node.entries.get('metadata')?.type !== 'map') {
    report.problem(node.at, `is a ${String(kind)} without metadata`)
    return []
  }
  if (!isWellFormed(node.entries.get('metadata') as MapNode, report)) return []
  const directive = node.entries.get('$patch')
  if (directive) {
    report.loss(
      placeIn(root, pointer),
      'dropped',
      `is an instruction for kustomize, and no object: $patch`,
      'run kustomize build, and import what it prints',
    )
    return []
  }
  return [{ root, pointer, object: plain(node) as KubernetesObject }]
}

const TEXTS = ['name', 'generateName', 'namespace']
const MAPS = ['labels', 'annotations']

function isWellFormed({ entries }: MapNode, report: Report): boolean {
  const wrong = (keys: readonly string[], type: Node['type'], wanted: string) =>
    keys.flatMap((key) => {
      const node = entries.get(key)
      if (node === undefined || isNothing(node) || node.type === type) return []
      report.problem(node.at, `needs ${wanted}, not ${kindOf(node)}`)
      return [key]
    })
  const found = [
    ...wrong(TEXTS, 'scalar', 'text'),
    ...wrong(MAPS, 'map', 'a map of keys'),
    ...wrong(['ownerReferences'], 'list', 'a list'),
  ]
  return found.length === 0
}

function readSecrets(secrets: readonly Placed[], report: Report, withSecrets: boolean): Material[] {
  return secrets.flatMap(({ object, root, pointer }) => {
    const name = object.metadata.name ?? ''
    if (!withSecrets) {
      report.loss(
        placeIn(root, pointer),
        'warning',
        `the value of the secret "${name}" is not taken along`,
        'put it into the cluster under that name, or import with --with-secrets',
      )
      return []
    }
    const encoded = Object.entries((object.data ?? {}) as Record<string, unknown>)
    const plainly = Object.entries((object.stringData ?? {}) as Record<string, unknown>)
    const data = Object.fromEntries([
      ...encoded.map(([key, value]) => [
        key,
        Buffer.from(String(value), 'base64').toString('utf8'),
      ]),
      ...plainly.map(([key, value]) => [key, String(value)]),
    ])
    return [{ name, data }]
  })
}
