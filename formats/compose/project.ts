import { posix } from 'node:path'
import type { Report } from '../report.ts'
import { type MapNode, mapOf, type Node, plain } from '../text/node.ts'
import { parseText } from '../text/parse.ts'
import { canonicalService } from './canonical.ts'
import { parseDotenv } from './dotenv.ts'
import { Extender } from './extends.ts'
import { readIncludes } from './include.ts'
import { interpolate } from './interpolate.ts'
import { mergeMaps, withoutResets } from './merge.ts'
import type { Lookup } from './template.ts'
import { checkTop } from './top.ts'

/** A file of a project, by its place seen from the project's folder. */
export interface ProjectFile {
  readonly file: string
  readonly text: string
  /** What relative paths in it are relative to. */
  readonly base: string
}

export interface Loading {
  readonly report: Report
  /** Variables that were given; they win over `.env`. */
  readonly env: Lookup
  /** A file by its path, seen from the project's folder. */
  read(path: string): Promise<{ readonly text: string } | { readonly problem: string }>
  /** What a path within the project is called in the report. */
  shown(path: string): string
  /** Names of variables that were already said to be unset. */
  readonly told: Set<string>
  /** Nodes with an anchor that is used, as `file#pointer`. */
  readonly anchored: Set<string>
}

/**
 * Several files as one, the way Compose reads them: each interpolated, its `extends` and `include` followed, then
 * merged in their order. `undefined` when a problem was found that leaves nothing to look at.
 */
export async function loadProject(
  files: readonly ProjectFile[],
  loading: Loading,
  options: { readonly envFiles?: readonly string[]; readonly chain?: readonly string[] } = {},
): Promise<MapNode | undefined> {
  const { report } = loading
  const lookup = await withDotenv(files[0]?.base ?? '', options.envFiles, loading)
  const extender = new Extender(loading, lookup)
  let project: MapNode | undefined
  for (const file of files) {
    for (const root of parseFile(file, loading)) {
      if (!checkTop(root, report)) continue
      const document = withServices(interpolate(root, lookup, report, loading.told), (service) =>
        canonicalService(service, report),
      )
      const included = await readIncludes(document, file, loading, lookup, options.chain ?? [])
      const extended = await extender.document(document, file, project)
      const whole = included ? joinIncluded(included, extended, report) : extended
      project = project ? mergeMaps(project, whole) : whole
    }
  }
  return project && (withoutResets(project) as MapNode)
}

export function parseFile({ file, text, base }: ProjectFile, loading: Loading): MapNode[] {
  const { documents, problems } = parseText(file, text, base)
  loading.report.problems.push(...problems)
  return documents.flatMap(({ root, anchored }) => {
    for (const path of anchored) loading.anchored.add(`${file}#${path}`)
    if (root.type === 'map') return [root]
    loading.report.problem(root.at, 'is no Compose file: it needs "services:" with a map of keys')
    return []
  })
}

/** Every service that is a map, changed. What else is there is told by whom it concerns. */
export function withServices(
  root: MapNode,
  change: (service: MapNode, name: string) => Node,
): MapNode {
  const services = root.entries.get('services')
  if (services?.type !== 'map') return root
  const changed = [...services.entries].map(
    ([name, service]) => [name, service.type === 'map' ? change(service, name) : service] as const,
  )
  return mapOf(root.at, [
    ...[...root.entries].filter(([key]) => key !== 'services'),
    ['services', mapOf(services.at, changed)],
  ])
}

async function withDotenv(
  base: string,
  envFiles: readonly string[] | undefined,
  loading: Loading,
): Promise<Lookup> {
  let lookup = loading.env
  for (const path of envFiles ?? [posix.join(base, '.env')]) {
    const found = await loading.read(path)
    if ('problem' in found) {
      // Nobody has to have an .env; one that is named has to be there.
      if (envFiles) {
        const at = { file: loading.shown(path), path: '' }
        loading.report.loss(at, 'dropped', `${found.problem}: its variables are not set`)
      }
      continue
    }
    const before = lookup
    const { variables, problems } = parseDotenv(found.text, before)
    for (const { line, message } of problems)
      loading.report.problem({ file: loading.shown(path), path: '', line }, message)
    lookup = (name) => before(name) ?? variables.get(name)
  }
  return lookup
}

/** What is included may not be defined again, except when both say the same. */
function joinIncluded(included: MapNode, own: MapNode, report: Report): MapNode {
  const sections = new Map(own.entries)
  for (const [section, theirs] of included.entries) {
    const ours = own.entries.get(section)
    if (theirs.type !== 'map') continue
    if (ours?.type !== 'map') {
      sections.set(section, theirs)
      continue
    }
    const entries = new Map(theirs.entries)
    for (const [name, node] of ours.entries) {
      const other = entries.get(name)
      const same = other && JSON.stringify(plain(other)) === JSON.stringify(plain(node))
      if (section === 'services' && other && !same)
        report.problem(
          node.at,
          `"${name}" is defined here and in ${other.at.file}, which is included`,
        )
      entries.set(name, node)
    }
    sections.set(section, mapOf(ours.at, entries))
  }
  return mapOf(own.at, sections)
}
