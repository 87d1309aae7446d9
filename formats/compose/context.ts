import { type AppId, contentHash } from 'intermodal'
import type { At, Report } from '../report.ts'
import type { Fields } from '../text/fields.ts'
import type { MapNode, Node } from '../text/node.ts'
import type { Loading } from './project.ts'
import type { SwarmPatch } from './swarm-patch.ts'
import type { Lookup } from './template.ts'

/** What the services of one project share. */
export interface ProjectContext {
  readonly report: Report
  readonly loading: Loading
  /** The project's folder, absolute, where it is known: relative host paths start there. */
  readonly folder: string | undefined
  readonly env: Lookup
  /** What Compose calls the project: `shop`. */
  readonly project: string
  /** Every service of the file, also those that were left out. */
  readonly ids: ReadonlyMap<string, AppId>
  /** Services that are left out, and why. */
  readonly absent: ReadonlyMap<string, string>
  /** Services that others wait for until they are done. */
  readonly jobs: ReadonlySet<string>
  readonly volumes: Section
  readonly networks: Section
  readonly secrets: Section
  readonly configs: Section
  /** Further names of services, from the links of others. */
  readonly aliases: Map<string, Set<string>>
  readonly withSecrets: boolean
}

export interface ServiceContext {
  readonly project: ProjectContext
  readonly report: Report
  readonly name: string
  readonly id: AppId
  readonly at: At
  readonly fields: Fields
  /** What only Swarm can be told. */
  readonly swarm: SwarmPatch
  readonly job: boolean
}

/** One of the top-level sections that services refer to, and which of its entries they do. */
export class Section {
  readonly #entries: ReadonlyMap<string, Node>
  readonly #used = new Set<string>()

  constructor(node: MapNode | undefined) {
    this.#entries = node?.entries ?? new Map()
  }

  has(name: string): boolean {
    return this.#entries.has(name)
  }

  use(name: string): Node | undefined {
    this.#used.add(name)
    return this.#entries.get(name)
  }

  used(): readonly string[] {
    return [...this.#used]
  }

  all(): readonly (readonly [string, Node])[] {
    return [...this.#entries]
  }

  unused(): readonly Node[] {
    return [...this.#entries].flatMap(([name, node]) => (this.#used.has(name) ? [] : [node]))
  }
}

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

export function isLabel(text: string): boolean {
  return LABEL.test(text)
}

/** The nearest name the model knows: `Db_Main` is `db-main`. What is too long is cut and marked with a hash. */
export function labelOf(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  if (plain.length > 0 && plain.length <= 63) return plain
  return `${plain.slice(0, 52) || 'x'}-${contentHash(text).slice(0, 8)}`.replaceAll('--', '-')
}

/** A name that is not taken yet; the second `data` is `data-2`. */
export function freshName(base: string, taken: (name: string) => boolean): string {
  let name = base
  for (let count = 2; taken(name); count++) name = `${base.slice(0, 58)}-${count}`
  return name
}
