import { posix } from 'node:path'
import { Fields, textOf } from '../text/fields.ts'
import { type MapNode, mapOf, type Node } from '../text/node.ts'
import { canonicalService } from './canonical.ts'
import { interpolate } from './interpolate.ts'
import { mergeMaps } from './merge.ts'
import { type Loading, type ProjectFile, parseFile, withServices } from './project.ts'
import type { Lookup } from './template.ts'

/** Follows `extends`, through files and through services that extend others themselves. */
export class Extender {
  readonly #loading: Loading
  readonly #lookup: Lookup
  readonly #files = new Map<string, Promise<MapNode | undefined>>()

  constructor(loading: Loading, lookup: Lookup) {
    this.#loading = loading
    this.#lookup = lookup
  }

  /** `before` holds services of earlier files of the project, which may be extended too. */
  async document(
    root: MapNode,
    file: Pick<ProjectFile, 'file' | 'base'>,
    before: MapNode | undefined,
  ): Promise<MapNode> {
    const services = root.entries.get('services')
    if (services?.type !== 'map') return root
    const resolved = new Map<string, Node>()
    for (const [name, service] of services.entries) {
      resolved.set(name, await this.#resolve(name, service, root, file, before, []))
    }
    return withServices(root, (service, name) => resolved.get(name) ?? service)
  }

  async #resolve(
    name: string,
    service: Node,
    root: MapNode,
    file: Pick<ProjectFile, 'file' | 'base'>,
    before: MapNode | undefined,
    chain: readonly string[],
  ): Promise<Node> {
    const clause = service.type === 'map' ? service.entries.get('extends') : undefined
    if (service.type !== 'map' || clause === undefined) return service
    const own = mapOf(
      service.at,
      [...service.entries].filter(([key]) => key !== 'extends'),
    )
    const { report } = this.#loading
    const here = `${file.file}#${name}`
    if (chain.includes(here)) {
      report.problem(clause.at, `extends itself: ${[...chain, here].map(nameIn).join(' extends ')}`)
      return own
    }
    const target = this.#target(clause)
    if (!target) return own
    const source = await this.#source(target.file, clause, root, file)
    if (!source) return own
    const extended =
      serviceIn(source.root, target.service) ??
      (target.file === undefined && before ? serviceIn(before, target.service) : undefined)
    if (extended?.type !== 'map') {
      report.problem(
        clause.at,
        `extends "${target.service}", and there is no such service in ${source.file.file}`,
      )
      return own
    }
    const inherited = await this.#resolve(
      target.service,
      extended,
      source.root,
      source.file,
      before,
      [...chain, here],
    )
    return inherited.type === 'map' ? mergeMaps(inherited, own) : own
  }

  #target(clause: Node): { service: string; file: string | undefined } | undefined {
    const { report } = this.#loading
    if (clause.type === 'scalar') {
      const service = textOf(clause, report)
      return service === undefined ? undefined : { service, file: undefined }
    }
    const fields = new Fields(clause, report)
    const service = fields.text('service')
    const file = fields.text('file')
    for (const [key, { at }] of fields.rest()) report.problem(at, `"${key}" is no key of extends`)
    if (service !== undefined) return { service, file }
    return report.problem(clause.at, 'needs the name of a service to extend')
  }

  async #source(
    path: string | undefined,
    clause: Node,
    root: MapNode,
    file: Pick<ProjectFile, 'file' | 'base'>,
  ): Promise<{ root: MapNode; file: Pick<ProjectFile, 'file' | 'base'> } | undefined> {
    if (path === undefined) return { root, file }
    const place = posix.join(file.base, path)
    const shown = this.#loading.shown(place)
    const loaded = this.#files.get(place) ?? this.#load(place, clause)
    this.#files.set(place, loaded)
    const other = await loaded
    return other && { root: other, file: { file: shown, base: posix.dirname(place) } }
  }

  async #load(place: string, clause: Node): Promise<MapNode | undefined> {
    const { report, told } = this.#loading
    const found = await this.#loading.read(place)
    if ('problem' in found) {
      report.loss(
        clause.at,
        'dropped',
        `${place} ${found.problem}: what it says is missing here`,
        'import the file together with the files it refers to, in one folder',
      )
      return undefined
    }
    const base = posix.dirname(place)
    const [root] = parseFile(
      { file: this.#loading.shown(place), text: found.text, base: base === '.' ? '' : base },
      this.#loading,
    )
    return (
      root &&
      withServices(interpolate(root, this.#lookup, report, told), (service) =>
        canonicalService(service, report),
      )
    )
  }
}

function serviceIn(root: MapNode, name: string): Node | undefined {
  const services = root.entries.get('services')
  return services?.type === 'map' ? services.entries.get(name) : undefined
}

function nameIn(place: string): string {
  return place.slice(place.lastIndexOf('#') + 1)
}
