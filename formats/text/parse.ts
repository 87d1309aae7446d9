import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
  type YAMLError,
  type YAMLMap,
  type Document as YamlDocument,
} from 'yaml'
import type { ImportProblem } from '../report.ts'
import type { Node, NodeAt } from './node.ts'
import { step } from './node.ts'
import { textProblem } from './suspicion.ts'

/** More than any file people write, and reached at once by aliases that multiply. */
const MAX_NODES = 100_000
const MAX_DEPTH = 64

/** Tags of Compose that say how a value merges; every other tag is refused. */
const TAGS: ReadonlySet<string> = new Set(['!reset', '!override'])

export interface ParsedDocument {
  readonly root: Node
  /** Anchors that aliases refer to, by the pointer of the node they stand on. */
  readonly anchored: ReadonlySet<string>
}

class Bomb extends Error {
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/**
 * Every document of a YAML or JSON text (JSON is YAML) as nodes that know their places. Aliases and merge keys are
 * written out, within bounds. One problem at most: what follows the first is guesswork.
 */
export function parseText(
  file: string,
  text: string,
  base = '',
): { readonly documents: readonly ParsedDocument[]; readonly problems: readonly ImportProblem[] } {
  const lines = new LineCounter()
  const fail = (offset: number, message: string) => {
    const { line, col } = lines.linePos(offset)
    return { documents: [], problems: [{ file, line, column: col, message }] }
  }
  const suspicion = textProblem(text)
  if (suspicion?.certain) return { documents: [], problems: [{ file, ...suspicion.problem }] }
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    uniqueKeys: true,
    merge: true,
    prettyErrors: false,
    logLevel: 'silent',
  })
  const documents: ParsedDocument[] = []
  for (const document of 'empty' in parsed ? [] : parsed) {
    const wrong = document.errors[0] ?? document.warnings.find((one) => !isKnownTag(one))
    if (wrong) {
      return suspicion
        ? { documents: [], problems: [{ file, ...suspicion.problem }] }
        : fail(wrong.pos[0], explain(wrong))
    }
    const { contents } = document
    if (contents === null || (isScalar(contents) && contents.value === null)) continue
    const anchored = new Set<string>()
    try {
      documents.push({ root: new Walk(document, lines, file, base, anchored).root(), anchored })
    } catch (error) {
      if (!(error instanceof Bomb)) throw error
      return suspicion && /no text$/.test(error.message)
        ? { documents: [], problems: [{ file, ...suspicion.problem }] }
        : fail(error.offset, error.message)
    }
  }
  return { documents, problems: [] }
}

function isKnownTag({ code, message }: YAMLError): boolean {
  return code === 'TAG_RESOLVE_FAILED' && TAGS.has(/!\S+/.exec(message)?.[0] ?? '')
}

function explain(error: YAMLError): string {
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return 'is indented with a tab: YAML wants spaces'
    case 'DUPLICATE_KEY':
      return 'has the same key twice'
    case 'RESOURCE_EXHAUSTION':
      return 'is nested too deeply'
    case 'TAG_RESOLVE_FAILED':
      return `uses a tag that is not supported: ${firstLine(error.message)}`
    default:
      return `is not valid YAML: ${firstLine(error.message)}`
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text
}

class Walk {
  readonly #document: YamlDocument.Parsed
  readonly #lines: LineCounter
  readonly #file: string
  readonly #base: string
  readonly #anchored: Set<string>
  readonly #anchorPaths = new Map<string, string>()
  readonly #open = new Set<unknown>()
  #byName: ReadonlyMap<string, readonly ParsedNode[]> | undefined
  #count = 0

  constructor(
    document: YamlDocument.Parsed,
    lines: LineCounter,
    file: string,
    base: string,
    anchored: Set<string>,
  ) {
    this.#document = document
    this.#lines = lines
    this.#file = file
    this.#base = base
    this.#anchored = anchored
  }

  root(): Node {
    return this.#node(this.#document.contents as ParsedNode, '')
  }

  #node(written: ParsedNode | null, path: string): Node {
    const offset = written?.range?.[0] ?? 0
    this.#count += 1
    if (this.#count > MAX_NODES)
      throw new Bomb(`grows to more than ${MAX_NODES} values by its aliases: a YAML bomb`, offset)
    if (this.#open.size > MAX_DEPTH)
      throw new Bomb(`is nested deeper than ${MAX_DEPTH} levels`, offset)
    const node = isAlias(written) ? this.#target(written.source, offset) : written
    if (node === null) return { type: 'scalar', at: this.#at(path, offset), value: null }
    if (this.#open.has(node)) throw new Bomb('has an anchor that contains itself', offset)
    if (!isAlias(written) && node.anchor) this.#anchorPaths.set(node.anchor, path)
    this.#open.add(node)
    const tag = node.tag !== undefined && TAGS.has(node.tag) ? node.tag : undefined
    const made = this.#make(node, path, tag, offset)
    this.#open.delete(node)
    return made
  }

  #make(node: ParsedNode, path: string, tag: string | undefined, offset: number): Node {
    const at = this.#at(path, isAlias(node) ? offset : (node.range?.[0] ?? offset))
    if (isSeq(node)) {
      const items = node.items.map((item, index) =>
        this.#node(item as ParsedNode, path + step(index)),
      )
      return { type: 'list', at, items, tag }
    }
    if (isMap(node)) return { type: 'map', at, entries: this.#entries(node, path), tag }
    const { value, source } = node as Scalar
    // Dates and big integers do not come out of the core schema.
    return { type: 'scalar', at, value: value as string | number | boolean | null, source, tag }
  }

  /** What is written wins over what is merged in, and the first of several merges over the later ones. */
  #entries(map: YAMLMap, path: string): Map<string, Node> {
    const entries = new Map<string, Node>()
    const merged = new Map<string, Node>()
    for (const pair of map.items) {
      if (!isScalar(pair.key))
        // What an unquoted `{{.instances}}` is to YAML: a map that is a key.
        throw new Bomb('has a key that is no text', offsetOf(pair.key))
      const key = pair.key.source ?? String(pair.key.value)
      if (key === '__proto__')
        throw new Bomb('has the key "__proto__", which is not allowed', offsetOf(pair.key))
      if (key === '<<') {
        for (const source of this.#sources(pair.value as ParsedNode | null, path)) {
          for (const [name, value] of source) if (!merged.has(name)) merged.set(name, value)
        }
        continue
      }
      const node = this.#node(pair.value as ParsedNode | null, path + step(key))
      // The line of the key: an empty value has none of its own.
      entries.set(key, { ...node, at: this.#at(node.at.path, offsetOf(pair.key)) })
    }
    for (const [name, value] of merged) if (!entries.has(name)) entries.set(name, value)
    return entries
  }

  #sources(written: ParsedNode | null, path: string): ReadonlyMap<string, Node>[] {
    const list = isSeq(written) ? (written.items as ParsedNode[]) : [written]
    return list.map((one) => {
      const node = this.#node(one, path)
      if (node.type !== 'map') throw new Bomb('merges what is no map with "<<"', offsetOf(one))
      return node.entries
    })
  }

  #target(name: string, offset: number): ParsedNode {
    // The last anchor of that name before the alias.
    const found = this.#anchors()
      .get(name)
      ?.findLast((node) => offsetOf(node) < offset)
    if (!found) throw new Bomb(`refers to an anchor "${name}" that is not there`, offset)
    const path = this.#anchorPaths.get(name)
    if (path !== undefined) this.#anchored.add(path)
    return found
  }

  #anchors(): ReadonlyMap<string, readonly ParsedNode[]> {
    if (this.#byName) return this.#byName
    const byName = new Map<string, ParsedNode[]>()
    const visit = (node: unknown): void => {
      if (isSeq(node)) for (const item of node.items) visit(item)
      if (isMap(node)) for (const { value } of node.items) visit(value)
      const parsed = node as ParsedNode | null
      if (parsed === null || isAlias(parsed) || !parsed.anchor) return
      byName.set(parsed.anchor, [...(byName.get(parsed.anchor) ?? []), parsed])
    }
    visit(this.#document.contents)
    this.#byName = byName
    return byName
  }

  #at(path: string, offset: number): NodeAt {
    const { line, col } = this.#lines.linePos(offset)
    return { file: this.#file, path, line, column: col, base: this.#base }
  }
}

function offsetOf(node: unknown): number {
  return (node as { range?: readonly number[] } | null)?.range?.[0] ?? 0
}
