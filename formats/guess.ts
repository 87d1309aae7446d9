import { isFirstVersion } from './compose/top.ts'
import type { ImportProblem } from './report.ts'
import type { ImportFormat, ImportSource } from './source.ts'
import { type Node, plain } from './text/node.ts'
import { parseText } from './text/parse.ts'

/** The format of a text, when its keys leave no doubt. */
export function guessFormat(source: ImportSource):
  | { readonly format: ImportFormat }
  /** `foreign`: it is well written, and of no format that is read. */
  | { readonly problem: ImportProblem; readonly foreign: boolean } {
  const { file, text } = source
  const { documents, problems } = parseText(file, text)
  const [problem] = problems
  if (problem) return { problem, foreign: false }
  const [first] = documents
  if (!first) return { problem: { file, message: 'is empty' }, foreign: true }
  const formats = new Set(documents.map(({ root }) => formatOf(root)))
  const [format] = formats
  if (formats.size === 1 && format !== undefined) return { format }
  const { line, column } = first.root.at
  const own = isOwn(first.root)
  return {
    foreign: true,
    problem: {
      file,
      line,
      column,
      message: own
        ? 'is an app file of intermodal already: apply it as it is'
        : 'is of no format that is known here: say which it is with --from',
    },
  }
}

function formatOf(root: Node): ImportFormat | undefined {
  if (root.type === 'list') {
    const formats = new Set(root.items.map(formatOf))
    const [format] = formats
    return formats.size === 1 ? format : undefined
  }
  if (root.type !== 'map') return undefined
  const has = (...keys: string[]) => keys.every((key) => root.entries.has(key))
  if (has('apiVersion', 'kind')) return 'kubernetes'
  if (isFirstVersion(root) || has('services') || (has('include') && !has('id'))) return 'compose'
  const specs = [root, root.entries.get('Spec'), root.entries.get('service')]
  if (specs.some(isSwarm)) return 'swarm'
  if (has('app') || has('apps') || has('groups') || has('pods')) {
    return has('group') ? undefined : 'marathon'
  }
  return has('id') && MARATHON.some((key) => has(key)) ? 'marathon' : undefined
}

/** Keys of Marathon's apps and pods that no app of ours has. */
const MARATHON = [
  'cmd',
  'container',
  'containers',
  'instances',
  'cpus',
  'mem',
  'uris',
  'portDefinitions',
]

function isSwarm(spec: Node | undefined): boolean {
  return spec?.type === 'map' && spec.entries.has('TaskTemplate')
}

function isOwn(root: Node): boolean {
  const value = plain(root) as Record<string, unknown> | null
  if (typeof value !== 'object' || value === null) return false
  return ('id' in value && 'image' in value) || ('group' in value && 'apps' in value)
}
