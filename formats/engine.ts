import {
  type App,
  type AppId,
  IntermodalError,
  type Interpretation,
  nameOf,
  printApp,
} from 'intermodal'
import type { Draft } from './draft.ts'
import type { At, Report } from './report.ts'
import type { ImportSource } from './source.ts'
import { type Node, step } from './text/node.ts'
import { parseText } from './text/parse.ts'

/** One app in an engine's words, and where each of its parts stands in the source. */
export interface Unit<Native> {
  readonly native: Native
  readonly at: At
  /** From a pointer into `native` to the place in the source. */
  locate(pointer: string): At
}

/** The documents of a source; its problems are told. */
export function documentsOf(source: ImportSource, report: Report): readonly Node[] {
  const { documents, problems } = parseText(source.file, source.text)
  report.problems.push(...problems)
  if (documents.length === 0 && problems.length === 0)
    report.problem({ file: source.file, path: '' }, 'is empty')
  return documents.map(({ root }) => root)
}

/** The deepest place at or above a pointer that the source has. */
export function placeIn(root: Node, pointer: string): At {
  let node = root
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    const next =
      node.type === 'map'
        ? node.entries.get(key)
        : node.type === 'list'
          ? node.items[Number(key)]
          : undefined
    if (!next) break
    node = next
  }
  return { ...node.at, path: root.at.path + pointer }
}

/** Each unit as an app, by what the adapter makes of it. What it cannot read at all is a problem of that unit. */
export function interpretUnits<Native>(
  units: readonly Unit<Native>[],
  interpret: (native: Native) => Interpretation,
  report: Report,
  group: string | undefined,
): Draft[] {
  const apps: { app: App; at: At }[] = []
  for (const { native, at, locate } of units) {
    try {
      const { app, losses } = interpret(native)
      for (const { path, kind, detail, remedy } of losses)
        report.loss(locate(path), kind, detail, remedy)
      apps.push({ app, at })
    } catch (error) {
      if (IntermodalError.is(error)) report.problem(at, error.message)
      // Adapters are made for what an API gives; a file may hold anything in place of it.
      else report.problem(locate(culprit(native, interpret)), MALFORMED)
    }
  }
  const ids = new Map(apps.map(({ app }) => [app.id, regrouped(app.id, group)]))
  return apps.map(({ app, at }) => {
    const input = printApp({ ...app, dependsOn: {} })
    const needs = Object.entries(app.dependsOn).map(([id, condition]) => [
      ids.get(id as AppId) ?? id,
      condition,
    ])
    return {
      at,
      input: {
        ...input,
        id: ids.get(app.id) ?? app.id,
        ...(needs.length > 0 ? { dependsOn: Object.fromEntries(needs) } : {}),
      },
    }
  })
}

const MALFORMED = 'is malformed: it has another kind of value than the API knows'

/** The deepest place without which the rest can be read. */
function culprit<Native>(native: Native, interpret: (native: Native) => unknown): string {
  const reads = (value: unknown): boolean => {
    try {
      interpret(value as Native)
      return true
    } catch (error) {
      return IntermodalError.is(error)
    }
  }
  const path: string[] = []
  let inner: unknown = native
  for (;;) {
    const keys: string[] = typeof inner === 'object' && inner !== null ? Object.keys(inner) : []
    const key = keys.find((one) => reads(withoutPlace(native, [...path, one])))
    if (key === undefined) return path.map((part) => step(part)).join('')
    path.push(key)
    inner = (inner as Readonly<Record<string, unknown>>)[key]
  }
}

function withoutPlace(value: unknown, [key = '', ...rest]: readonly string[]): unknown {
  if (Array.isArray(value)) {
    const index = Number(key)
    return rest.length === 0
      ? value.toSpliced(index, 1)
      : value.with(index, withoutPlace(value[index], rest))
  }
  const { [key]: inner, ...others } = value as Readonly<Record<string, unknown>>
  return rest.length === 0 ? others : { ...others, [key]: withoutPlace(inner, rest) }
}

function regrouped(id: AppId, group: string | undefined): AppId {
  return group === undefined ? id : (`${group === '/' ? '' : group}/${nameOf(id)}` as AppId)
}
