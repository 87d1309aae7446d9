import { posix } from 'node:path'
import type { AppInput } from 'intermodal'
import type { Fields } from '../text/fields.ts'
import type { Node } from '../text/node.ts'
import type { ServiceContext } from './context.ts'
import { parseDotenv } from './dotenv.ts'

const KEY =
  /^(?!intermodal\.)(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/

/**
 * `labels` of the container and `deploy.labels` of the service: the model has one set, in which the service's count.
 * What cannot be selected by (long values, signs) goes to `annotations`.
 */
export async function readLabels(
  service: ServiceContext,
  deploy: Fields,
): Promise<Pick<AppInput, 'labels' | 'annotations'>> {
  const { fields, report } = service
  const labels: Record<string, string> = {}
  const annotations: Record<string, string> = {}
  const set = (key: string, value: string, node: Node): void => {
    const before = labels[key] ?? annotations[key]
    if (before !== undefined && before !== value)
      report.loss(
        node.at,
        'approximated',
        `replaces the container's label ${key}: an app has one set of labels`,
      )
    delete labels[key]
    delete annotations[key]
    if (key === '') report.loss(node.at, 'dropped', 'is a label without a name')
    else if (KEY.test(key) && VALUE.test(value)) labels[key] = value
    else annotations[key] = value
  }
  for (const [key, value, node] of await readLabelFiles(service)) set(key, value, node)
  for (const source of [
    fields.fields('annotations'),
    fields.fields('labels'),
    deploy.fields('labels'),
  ]) {
    for (const [key, node] of source.rest()) {
      const value = textFor(key, node, report)
      if (value !== undefined) set(key, value, node)
    }
  }
  return {
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  }
}

function textFor(key: string, node: Node, report: ServiceContext['report']): string | undefined {
  if (node.type !== 'scalar') return report.problem(node.at, 'needs text')
  if (node.value === null) return ''
  if (typeof node.value !== 'string')
    report.loss(
      node.at,
      'coerced',
      `the label ${key} is a ${typeof node.value}, and becomes text`,
      'write it in quotes',
    )
  return String(node.value)
}

async function readLabelFiles({
  fields,
  project,
  report,
}: ServiceContext): Promise<[string, string, Node][]> {
  const found: [string, string, Node][] = []
  for (const { text, node } of fields.texts('label_file')) {
    const file = await project.loading.read(posix.join(node.at.base, text))
    if ('problem' in file) {
      report.loss(node.at, 'dropped', `${text} ${file.problem}: its labels are missing`)
      continue
    }
    for (const [key, value] of parseDotenv(file.text, project.env).variables)
      found.push([key, value, node])
  }
  return found
}
