import { posix } from 'node:path'
import type { AppInput, Material } from 'intermodal'
import { Fields, textOf } from '../text/fields.ts'
import { type Node, plain } from '../text/node.ts'
import { labelOf, type ProjectContext, type ServiceContext } from './context.ts'
import { modeOf } from './mounts.ts'
import { CONTAINER } from './swarm-patch.ts'
import { readDefinition } from './volume-definition.ts'

type Files = NonNullable<AppInput['files']>
type Kind = 'secret' | 'config'

/** `secrets` and `configs` of a service: files in the container. */
export async function readMaterial(service: ServiceContext): Promise<Files> {
  const files: Record<string, Files[string]> = {}
  for (const kind of ['secret', 'config'] as const) {
    for (const node of service.fields.list(`${kind}s`)) {
      const reference = readReference(service, kind, node)
      if (!reference) continue
      const { source, path, mode } = reference
      const shown =
        kind === 'secret'
          ? secretOf(service, source, node)
          : (rememberedContent(service, source, path) ?? (await configOf(service, source, node)))
      files[path] = { ...shown, ...mode }
    }
  }
  return files
}

/** A rendered file holds the content of its configs too, for when they do not lie beside it. */
function rememberedContent(
  { fields, project }: ServiceContext,
  source: string,
  path: string,
): Files[string] | undefined {
  const memo = fields.take('x-intermodal')
  const files = memo && (plain(memo) as { fields?: { files?: Files } } | null)?.fields?.files
  const file = files?.[path]
  if (!file || !('content' in file)) return undefined
  project.configs.use(source)
  return { content: file.content }
}

function readReference(
  service: ServiceContext,
  kind: Kind,
  node: Node,
): { source: string; path: string; mode: { mode?: string } } | undefined {
  const { report, swarm } = service
  const fields = node.type === 'map' ? new Fields(node, report) : undefined
  const source = fields ? fields.text('source') : textOf(node, report)
  const target = fields?.text('target')
  const owner = ['uid', 'gid'].flatMap((key) => {
    const value = fields?.take(key)
    return value ? [{ key, value }] : []
  })
  const mode = fields?.take('mode')
  for (const [key, { at }] of fields?.rest() ?? []) {
    if (key.startsWith('x-')) report.loss(at, 'dropped', 'is an extension that nobody here reads')
    else report.problem(at, `"${key}" is no key of ${kind}s`)
  }
  if (source === undefined)
    return void report.loss(node.at, 'dropped', `names no ${kind}`, `write its "source"`)
  const section = kind === 'secret' ? service.project.secrets : service.project.configs
  if (!section.has(source))
    report.loss(
      node.at,
      'approximated',
      `refers to a ${kind} of the cluster: there is none under "${kind}s:"`,
    )
  const folder = kind === 'secret' ? '/run/secrets' : '/'
  const path = posix.resolve(folder, target ?? source)
  for (const { key, value } of owner) {
    const File = { Name: path, [key.toUpperCase()]: textOf(value, report) }
    if (textOf(value, report) !== '0')
      swarm.keep(value.at, [...CONTAINER, kind === 'secret' ? 'Secrets' : 'Configs'], [{ File }])
  }
  return { source, path, mode: readMode(service, mode) }
}

function readMode({ report }: ServiceContext, node: Node | undefined): { mode?: string } {
  if (!node || (node.type === 'scalar' && node.value === '')) return {}
  const mode = modeOf(node)
  if (!Number.isInteger(mode) || mode < 0)
    return report.problem(node.at, 'needs an octal file mode, such as 0444') ?? {}
  if (mode > 0o777) {
    report.loss(node.at, 'dropped', 'has more bits than a file mode of three digits')
    return {}
  }
  return { mode: mode.toString(8).padStart(4, '0') }
}

function secretOf({ project, report }: ServiceContext, source: string, node: Node): Files[string] {
  const { name } = readDefinition(project.secrets.use(source), report)
  return { secret: renamed(report, node, 'secret', name ?? source) }
}

function renamed(report: ServiceContext['report'], node: Node, kind: Kind, name: string): string {
  const label = labelOf(name)
  if (label !== name)
    report.loss(
      node.at,
      'approximated',
      `the ${kind} is called "${label}": names have no capitals and no "_"`,
    )
  return label
}

async function configOf(
  service: ServiceContext,
  source: string,
  node: Node,
): Promise<Files[string]> {
  const { project, report } = service
  const definition = project.configs.use(source)
  const { name, external, fields } = readDefinition(definition, report)
  const content = fields.text('content')
  if (content !== undefined) return { content }
  const found = await dataOf(project, fields, definition)
  if (found !== undefined) return { content: found }
  if (!external && definition)
    report.loss(
      definition.at,
      'dropped',
      'its content is not here: the app refers to a config of the cluster',
      'import the file together with the files it refers to, in one folder',
    )
  return { config: renamed(report, node, 'config', name ?? source) }
}

/** From a file, or from a variable. */
async function dataOf(
  project: ProjectContext,
  fields: Fields,
  definition: Node | undefined,
): Promise<string | undefined> {
  const variable = fields.text('environment')
  if (variable !== undefined) return project.env(variable)
  const file = fields.text('file')
  if (file === undefined || !definition) return undefined
  const place = posix.isAbsolute(file) ? file : posix.join(definition.at.base, file)
  const found = await project.loading.read(place)
  if ('text' in found) return found.text
  project.report.loss(definition.at, 'warning', `${file} ${found.problem}`)
  return undefined
}

/** Values of the secrets that services use, where they were asked for; of the others, that they were not taken along. */
export async function readSecretValues(project: ProjectContext): Promise<Material[]> {
  const { report } = project
  const found: Material[] = []
  for (const source of project.secrets.used()) {
    const definition = project.secrets.use(source)
    const { name, external, fields } = readDefinition(definition, report)
    if (external || !definition) continue
    const label = labelOf(name ?? source)
    const data = project.withSecrets ? await dataOf(project, fields, definition) : undefined
    if (data !== undefined) found.push({ name: label, data })
    else
      report.loss(
        (fields.take('file') ?? fields.take('environment') ?? definition).at,
        'warning',
        `the value of the secret "${label}" is not taken along`,
        `put it into the cluster under that name${project.withSecrets ? '' : ', or import with --with-secrets'}`,
      )
  }
  return found
}
