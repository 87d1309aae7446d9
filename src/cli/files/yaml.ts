import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLError,
  type YAMLMap,
  type Document as YamlDocument,
} from 'yaml'
import type { Document, Path, Position } from './document.ts'
import type { Problem } from './problem.ts'

/** How often aliases may multiply what is written: enough for shared blocks, far from a YAML bomb. */
const MAX_ALIASES = 100

export interface Parsed {
  readonly documents: readonly Document[]
  readonly problems: readonly Problem[]
}

/** Every document of a YAML or JSON text (JSON is YAML). Documents without content are left out. */
export function parseYaml(file: string, folder: string, text: string): Parsed {
  const lines = new LineCounter()
  const documents: Document[] = []
  const problems: Problem[] = []
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    uniqueKeys: true,
    merge: true,
    prettyErrors: false,
  })
  for (const document of 'empty' in parsed ? [] : parsed) {
    // An unknown tag is only a warning to the parser, which would then read `!secret x` as the text "x".
    const wrong = document.errors[0] ?? document.warnings[0]
    if (wrong) {
      problems.push({ file, ...positionOf(lines, wrong.pos[0]), message: explain(wrong, text) })
      continue
    }
    if (
      document.contents === null ||
      (isScalar(document.contents) && document.contents.value === null)
    )
      continue
    try {
      const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
      JSON.stringify(value) // Throws for an anchor that contains itself.
      const locate = (path: Path, key?: string) => locateNode(document, lines, path, key)
      documents.push({ file, folder, value, isModule: false, locate })
    } catch (error) {
      problems.push({ file, ...positionOf(lines, document.range[0]), message: explainAlias(error) })
    }
  }
  return { documents, problems }
}

function positionOf(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line, column: col }
}

function explain(error: YAMLError, text: string): string {
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return 'is indented with a tab: YAML wants spaces'
    case 'DUPLICATE_KEY':
      return `has the same key twice: ${keyAt(text, error.pos[0])}`
    case 'RESOURCE_EXHAUSTION':
      return 'is nested too deeply'
    case 'TAG_RESOLVE_FAILED':
      return `uses a tag that is not supported: ${firstLine(error.message)}`
    default:
      return `is not valid YAML: ${firstLine(error.message)}`
  }
}

function keyAt(text: string, offset: number): string {
  return firstLine(text.slice(offset)).split(/[:,}]/, 1)[0]?.trim() ?? ''
}

function explainAlias(error: unknown): string {
  const message = error instanceof Error ? firstLine(error.message) : String(error)
  if (/alias count/i.test(message))
    return `repeats aliases more than ${MAX_ALIASES} times over: a YAML bomb, or better written out`
  if (/circular|call stack/i.test(message)) return 'has an anchor that contains itself'
  return `is not valid YAML: ${message}`
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text
}

function locateNode(
  document: YamlDocument.Parsed,
  lines: LineCounter,
  path: Path,
  key: string | undefined,
): Position | undefined {
  let node: unknown = document.contents
  let offset = document.contents?.range?.[0]
  for (const part of key === undefined ? path : [...path, key]) {
    const next = step(document, node, part)
    if (!next) break
    node = next.value
    offset = next.offset ?? offset
  }
  return offset === undefined ? undefined : positionOf(lines, offset)
}

function step(
  document: YamlDocument.Parsed,
  from: unknown,
  part: string | number,
): { value: unknown; offset: number | undefined } | undefined {
  const node = isAlias(from) ? from.resolve(document) : from
  if (isSeq(node)) {
    const value = node.items[Number(part)] as Node | undefined
    return value && { value, offset: value.range?.[0] }
  }
  if (!isMap(node)) return undefined
  const pair = pairOf(node, String(part))
  if (pair) {
    const at = (pair.key as Node | null)?.range?.[0]
    return { value: pair.value, offset: at }
  }
  const merged = pairOf(node, '<<')?.value
  return merged ? step(document, merged, part) : undefined
}

function pairOf(map: YAMLMap, key: string) {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key)
}
