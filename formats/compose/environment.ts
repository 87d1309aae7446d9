import { posix } from 'node:path'
import type { AppInput, EnvValue } from 'intermodal'
import { Fields, textOf } from '../text/fields.ts'
import type { Node, ScalarNode } from '../text/node.ts'
import type { ServiceContext } from './context.ts'
import { parseDotenv } from './dotenv.ts'
import { CONTAINER } from './swarm-patch.ts'

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/
const SECRETIVE = /pass(?:word|wd|phrase)?$|secret|token|api_?key|private_?key|credential/i
const REFERS = /_(?:FILE|PATH|URL|NAME|ENABLED|TTL|EXPIRY|LENGTH)$/i

/** Templates that `docker stack deploy` leaves to the engine, and the model has a word for. */
const FIELDS: Readonly<Record<string, EnvValue>> = {
  '{{.Task.Name}}': { field: 'instance.name' },
  '{{.Node.Hostname}}': { field: 'node.name' },
}

/** `env_file`, file by file, and `environment` over them. */
export async function readEnvironment(service: ServiceContext): Promise<Partial<AppInput>> {
  const { fields, report, swarm } = service
  const env: Record<string, EnvValue> = {}
  const set = (name: string, value: string, node: Node): void => {
    if (!NAME.test(name)) {
      report.loss(node.at, 'dropped', 'has a name that no engine takes for a variable')
      return
    }
    if (SECRETIVE.test(name) && !REFERS.test(name) && value !== '')
      report.loss(
        node.at,
        'warning',
        `${name} looks like a secret, and is in plain text`,
        `put it into a secret of the cluster and write { secret: … } as its value`,
      )
    delete env[name]
    if (Object.hasOwn(FIELDS, value)) env[name] = FIELDS[value] as EnvValue
    else if (/\{\{\s*\./.test(value))
      swarm.keep(node.at, [...CONTAINER, 'Env'], [`${name}=${value}`])
    else env[name] = value
  }
  for (const entry of fields.list('env_file')) {
    for (const [name, value] of await readEnvFile(service, entry)) set(name, value, entry)
  }
  for (const [name, node] of fields.fields('environment').rest()) {
    const value = textFor(service, name, node)
    if (value !== undefined) set(name, value, node)
  }
  return Object.keys(env).length > 0 ? { env } : {}
}

function textFor(
  { report, project }: ServiceContext,
  name: string,
  node: Node,
): string | undefined {
  if (node.type !== 'scalar') return textOf(node, report)
  if (node.value === null) {
    const value = project.env(name)
    if (value !== undefined) return value
    return void report.loss(
      node.at,
      'dropped',
      `${name} takes its value from whoever starts it, and it is not set here`,
      `give it with --env ${name}=…, or a value in the file`,
    )
  }
  if (changesAsText(node))
    report.loss(
      node.at,
      'coerced',
      `${name} is ${typeof node.value}, and becomes text`,
      'write it in quotes',
    )
  return String(node.value)
}

/** A number in plain writing reads the same as text; `true` and `1.10` may not be what was meant. */
function changesAsText({ value, source }: ScalarNode): boolean {
  return typeof value === 'boolean' || (typeof value === 'number' && String(value) !== source)
}

async function readEnvFile(
  { report, project }: ServiceContext,
  entry: Node,
): Promise<ReadonlyMap<string, string>> {
  const fields = entry.type === 'map' ? new Fields(entry, report) : undefined
  const path = fields ? fields.text('path') : textOf(entry, report)
  const required = fields?.flag('required') ?? true
  const format = fields?.text('format')
  for (const [key, { at }] of fields?.rest() ?? [])
    report.problem(at, `"${key}" is no key of env_file`)
  if (path === undefined) return new Map()
  const place = posix.join(entry.at.base, path)
  const found = await project.loading.read(posix.isAbsolute(path) ? path : place)
  if ('problem' in found) {
    report.loss(
      entry.at,
      required ? 'dropped' : 'warning',
      `${path} ${found.problem}: its variables are not set`,
      'import the file together with the files it refers to, in one folder',
    )
    return new Map()
  }
  if (format === 'raw') return rawVariables(found.text)
  const { variables, problems } = parseDotenv(found.text, project.env)
  for (const { line, message } of problems)
    report.problem({ file: project.loading.shown(place), path: '', line }, message)
  return variables
}

function rawVariables(text: string): ReadonlyMap<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => /^[A-Za-z_][^=]*=/.test(line))
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}
