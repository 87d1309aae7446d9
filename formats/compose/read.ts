import { posix } from 'node:path'
import type { Material } from 'intermodal'
import { type AppId, isAppId } from 'intermodal'
import type { Draft } from '../draft.ts'
import type { Report } from '../report.ts'
import type { ImportSource, ReadReference } from '../source.ts'
import { Fields } from '../text/fields.ts'
import { type MapNode, type Node, plain } from '../text/node.ts'
import { freshName, labelOf, type ProjectContext, Section } from './context.ts'
import { awaitedJobs, linkAliases } from './depends.ts'
import { readSecretValues } from './material.ts'
import { type Loading, loadProject } from './project.ts'
import { reportSections } from './sections.ts'
import { readService } from './service.ts'
import type { Lookup } from './template.ts'

export interface ReadComposeOptions {
  readonly read: ReadReference | undefined
  readonly env: Lookup
  readonly profiles: readonly string[]
  /** `/shop`: overrules what the file calls its project. */
  readonly group: string | undefined
  readonly withSecrets: boolean
}

export interface ReadCompose {
  readonly drafts: readonly Draft[]
  readonly secrets: readonly Material[]
}

const NOTHING: ReadCompose = { drafts: [], secrets: [] }

/** Compose files of one project, merged in the order given, as apps of one group. */
export async function readCompose(
  sources: readonly ImportSource[],
  report: Report,
  options: ReadComposeOptions,
): Promise<ReadCompose> {
  const [first] = sources
  if (!first) return NOTHING
  const loading = loadingOf(first, report, options)
  const files = sources.map(({ file, text }) => ({ file, text, base: '' }))
  const root = await loadProject(files, loading)
  const services = root?.entries.get('services')
  if (report.problems.length > 0 || !root) return NOTHING
  if (services?.type !== 'map' || services.entries.size === 0) {
    report.problem(root.at, 'has no services')
    return NOTHING
  }
  const named = nameProject(root, first, options, report)
  const project: ProjectContext = {
    report,
    loading,
    folder: first.folder,
    env: options.env,
    project: named.project,
    ids: idsOf(services, named.group, options.group !== undefined, report),
    absent: absentServices(services, options.profiles, report),
    jobs: awaitedJobs(services),
    aliases: linkAliases(services),
    withSecrets: options.withSecrets,
    ...sectionsOf(root),
  }
  const drafts: Draft[] = []
  for (const [name, node] of services.entries) {
    if (project.absent.has(name)) continue
    const draft = await readService(project, name, node)
    if (draft) drafts.push(draft)
  }
  const secrets = await readSecretValues(project)
  reportSections(project, root)
  return { drafts, secrets }
}

function loadingOf(
  first: ImportSource,
  report: Report,
  { read, env }: ReadComposeOptions,
): Loading {
  const { folder } = first
  return {
    report,
    env,
    told: new Set(),
    anchored: new Set(),
    // Beside the first file, however far away that was named from.
    shown: (path) => posix.join(posix.dirname(first.file), path),
    read: async (path) =>
      read && folder !== undefined
        ? read(folder, path)
        : { problem: 'cannot be read: the source came without a folder' },
  }
}

function sectionsOf(root: MapNode) {
  const of = (key: string) => {
    const node = root.entries.get(key)
    return new Section(node?.type === 'map' ? node : undefined)
  }
  return {
    volumes: of('volumes'),
    networks: of('networks'),
    secrets: of('secrets'),
    configs: of('configs'),
  }
}

/** `name`, or as Compose has it the name of the folder. `x-intermodal` holds the group a file was rendered from. */
function nameProject(
  root: MapNode,
  first: ImportSource,
  { group }: ReadComposeOptions,
  report: Report,
): { project: string; group: string } {
  const memo = root.entries.get('x-intermodal')
  const remembered = memo && new Fields(memo, report).text('group')
  const written = new Fields(root, report).text('name')
  const folder = first.folder === undefined ? undefined : posix.basename(first.folder)
  const project = written || remembered?.slice(1).replaceAll('/', '-') || folder || 'app'
  const wanted = group ?? remembered ?? `/${labelOf(project)}`
  return { project: project.toLowerCase(), group: wanted === '/' ? '' : wanted }
}

function idsOf(
  services: MapNode,
  group: string,
  chosen: boolean,
  report: Report,
): ReadonlyMap<string, AppId> {
  const ids = new Map<string, AppId>()
  const names = new Set<string>()
  for (const [name, node] of services.entries) {
    const remembered = chosen ? undefined : rememberedId(node)
    if (remembered !== undefined) {
      ids.set(name, remembered)
      continue
    }
    const label = freshName(labelOf(name), (candidate) => names.has(candidate))
    names.add(label)
    const id = `${group}/${label}`
    if (!isAppId(id)) {
      report.problem(node.at, `cannot be an app called ${id}: that is no id`)
      continue
    }
    ids.set(name, id)
    if (label !== name)
      report.loss(
        node.at,
        'approximated',
        `is called "${label}": names have no capitals and no "_"`,
        `let other apps reach it as ${label}`,
      )
  }
  return ids
}

/** Where an app of another group was rendered into the file. */
function rememberedId(node: Node): AppId | undefined {
  const memo = node.type === 'map' ? node.entries.get('x-intermodal') : undefined
  const id = memo?.type === 'map' ? memo.entries.get('id') : undefined
  const text = id?.type === 'scalar' ? String(id.value) : ''
  return isAppId(text) ? text : undefined
}

/** Services that nobody asked for with a profile. */
function absentServices(
  services: MapNode,
  profiles: readonly string[],
  report: Report,
): ReadonlyMap<string, string> {
  const absent = new Map<string, string>()
  for (const [name, node] of services.entries) {
    const wanted = profilesOf(node)
    if (wanted.length === 0 || profiles.includes('*')) continue
    if (wanted.some((profile) => profiles.includes(profile))) continue
    absent.set(name, `is left out without its profile`)
    report.loss(
      node.at,
      'dropped',
      `is left out: it runs only with the profile ${wanted.join(' or ')}`,
      `--profile ${wanted[0]}`,
    )
  }
  return absent
}

function profilesOf(node: Node): readonly string[] {
  const written = node.type === 'map' ? node.entries.get('profiles') : undefined
  const list = written && plain(written)
  return Array.isArray(list) ? list.map(String) : []
}
