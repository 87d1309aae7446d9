import { type Cause, failure } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { apiVersionOf, type Kind } from '../kinds.ts'
import { type KubeObject, type ManagedFields, time } from '../objects.ts'
import type { Schemas } from '../schema/schema.ts'
import {
  difference,
  type FieldSet,
  fromFieldsV1,
  intersection,
  isEmptySet,
  pathsOf,
  sameSet,
  toFieldsV1,
  union,
} from './field-set.ts'
import { KUBECTL, stillApplied, withLastApplied } from './last-applied.ts'
import { merged, pruned } from './merge.ts'
import { compare, fieldsOf, ownable } from './walk.ts'

/** Who writes, and how. */
export interface Author {
  readonly manager: string
  readonly subresource?: string | undefined
}

interface Entry {
  readonly info: Omit<ManagedFields, 'fieldsV1'>
  readonly set: FieldSet
}

/** Keeps the books about who owns which field. */
export class Managers {
  readonly #schemas: Schemas

  constructor(schemas: Schemas) {
    this.#schemas = schemas
  }

  /** After an ordinary write: what was changed belongs to its author, and to nobody else. */
  updated(
    kind: Kind,
    before: KubeObject | undefined,
    after: KubeObject,
    author: Author,
    now: number,
  ): readonly ManagedFields[] {
    const { changed, removed } = this.#compare(kind, before, after)
    const entries = entriesOf(after.metadata.managedFields ?? [])
    const own = (entry: Entry) => isBy(entry, author, 'Update')
    const rest = entries
      .filter((entry) => !own(entry))
      .map(({ info, set }) => ({ info, set: difference(difference(set, changed), removed) }))
    const last = entries.find(own)
    const set = union(difference(last?.set ?? emptyOf(), removed), changed)
    const same = last && sameSet(last.set, set)
    const info = same ? last.info : infoOf(kind, author, 'Update', now)
    return written([...rest, { info, set }])
  }

  /** Server-side apply. Throws the conflict, when what others own would be changed and that is not forced. */
  applied(
    kind: Kind,
    live: KubeObject | undefined,
    applied: JsonObject,
    author: Author,
    force: boolean,
    now: number,
  ): { readonly object: JsonObject; readonly managedFields: readonly ManagedFields[] } {
    const schema = { type: 'struct', name: kind.type } as const
    const entries = entriesOf(live?.metadata.managedFields ?? [])
    const last = entries.find((entry) => isBy(entry, author, 'Apply'))
    const others = entries.filter((entry) => entry !== last)
    const set = fieldsOf(this.#schemas, ownable(applied), schema)
    const base = (live ?? { metadata: {} }) as unknown as JsonObject
    let object = merged(this.#schemas, base, applied, schema) as JsonObject
    if (last) {
      const owners = others.map((entry) => entry.set)
      object = pruned(this.#schemas, object, schema, last.set, set, owners) as JsonObject
    }
    const { changed, removed } = this.#compare(kind, live, object as unknown as KubeObject)
    const ceded =
      live && author.manager === KUBECTL ? stillApplied(this.#schemas, kind, live) : undefined
    const conflicts = others
      .map(({ info, set: owned }) => ({ info, set: intersection(owned, changed) }))
      .map(({ info, set: both }) => ({ info, set: ceded ? difference(both, ceded) : both }))
      .filter((conflict) => !isEmptySet(conflict.set))
    if (conflicts.length > 0 && !force) throw applyConflict(conflicts)
    const rest = others.map(({ info, set: owned }) => ({
      info,
      set: difference(difference(owned, changed), removed),
    }))
    const same = last && sameSet(last.set, set)
    const info = same ? last.info : infoOf(kind, author, 'Apply', now)
    const noted = author.manager === KUBECTL ? withLastApplied(object, applied) : object
    return { object: noted, managedFields: written([...rest, { info, set }]) }
  }

  #compare(kind: Kind, before: KubeObject | undefined, after: KubeObject) {
    const from = before ? ownable(before as unknown as JsonObject) : {}
    const to = ownable(after as unknown as JsonObject)
    return compare(this.#schemas, from, to, { type: 'struct', name: kind.type })
  }
}

function emptyOf(): FieldSet {
  return { member: false, children: new Map() }
}

function entriesOf(fields: readonly ManagedFields[]): readonly Entry[] {
  return fields.map(({ fieldsV1, ...info }) => ({ info, set: fromFieldsV1(fieldsV1) }))
}

function isBy({ info }: Entry, author: Author, operation: 'Apply' | 'Update'): boolean {
  return (
    info.manager === author.manager &&
    info.operation === operation &&
    info.subresource === author.subresource
  )
}

function infoOf(
  kind: Kind,
  { manager, subresource }: Author,
  operation: 'Apply' | 'Update',
  now: number,
): Entry['info'] {
  return {
    manager,
    operation,
    apiVersion: apiVersionOf(kind),
    time: time(now),
    fieldsType: 'FieldsV1',
    ...(subresource ? { subresource } : {}),
  }
}

function written(entries: readonly Entry[]): readonly ManagedFields[] {
  return entries
    .filter(({ set }) => !isEmptySet(set))
    .map(({ info: { subresource, ...info }, set }) => ({
      ...info,
      fieldsV1: toFieldsV1(set),
      ...(subresource ? { subresource } : {}),
    }))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

function keyOf({ operation, time: at, manager, subresource = '' }: ManagedFields): string {
  return [operation, at, manager, subresource].join('\n')
}

function applyConflict(conflicts: readonly Entry[]) {
  const causes = conflicts.flatMap(({ info, set }) =>
    pathsOf(set).map((field): Cause & { readonly by: string } => {
      const by = `"${info.manager}"${info.subresource ? ` with subresource "${info.subresource}"` : ''} using ${info.apiVersion}`
      return { reason: 'FieldManagerConflict', message: `conflict with ${by}`, field, by }
    }),
  )
  const groups = [...Map.groupBy(causes, ({ by }) => by)]
  const told =
    causes.length === 1
      ? `conflict with ${causes[0]?.by}: ${causes[0]?.field}`
      : groups
          .map(
            ([by, list]) =>
              `conflicts with ${by}:\n${list.map(({ field }) => `- ${field}`).join('\n')}`,
          )
          .join('\n')
  const count = causes.length === 1 ? '1 conflict' : `${causes.length} conflicts`
  return failure(409, 'Conflict', `Apply failed with ${count}: ${told}`, {
    causes: causes.map(({ by: _, ...cause }) => cause),
  })
}
