import { badRequest, conflict, invalid, MODIFIED, notFound } from '../errors.ts'
import type { Author, Managers } from '../fields/managers.ts'
import { type JsonObject, sameJson } from '../json.ts'
import { apiVersionOf, type Kind } from '../kinds.ts'
import { type KubeObject, type Metadata, time } from '../objects.ts'
import { changeFaults } from '../rules/change.ts'
import { withDefaults } from '../rules/defaults.ts'
import { faultsOf } from '../rules/validate.ts'
import { decode } from '../schema/decode.ts'
import type { Schemas } from '../schema/schema.ts'
import type { Store } from '../store/store.ts'
import type { Admission } from './admission.ts'
import { firstStatus } from './beginnings.ts'
import { BOOKED_BARE, hasSpecFinalizers, sides, withFields, withoutStatus } from './sides.ts'

export interface WriterOptions {
  readonly store: Store
  readonly schemas: Schemas
  readonly managers: Managers
  readonly admission: Admission
  readonly now: () => number
  readonly uid: () => string
  /** Letters for names that are to be made up. */
  readonly suffix: (length: number) => string
}

export interface WriteOptions {
  readonly author: Author
  readonly dryRun?: boolean | undefined
  /** What is to be done about fields nobody knows. @default 'Ignore' */
  readonly validation?: 'Ignore' | 'Warn' | 'Strict' | undefined
  /** Told what is odd about the object, and is done all the same. */
  readonly warn?: ((text: string) => void) | undefined
}

/** Writes objects as the API server does: reads what is given, fills in defaults, refuses, numbers, keeps the books. */
export class Writer {
  readonly options: WriterOptions

  constructor(options: WriterOptions) {
    this.options = options
  }

  create(
    kind: Kind,
    namespace: string | undefined,
    given: JsonObject,
    options: WriteOptions,
  ): KubeObject {
    const object = this.#read(kind, given, options)
    const named = this.#named(kind, namespace, object)
    return this.#insert(kind, named, options, (made) =>
      this.options.managers.updated(kind, undefined, made, options.author, this.options.now()),
    )
  }

  /** A write of the whole object, or of one side of it. Throws the 409 when it was changed since it was read. */
  update(
    kind: Kind,
    namespace: string | undefined,
    name: string,
    given: JsonObject,
    options: WriteOptions,
  ): KubeObject {
    const current = this.mustGet(kind, namespace, name)
    const object = this.#read(kind, given, options)
    const { managers, now } = this.options
    return this.#replace(kind, current, object, options, (made) =>
      managers.updated(kind, current, made, options.author, now()),
    )
  }

  apply(
    kind: Kind,
    namespace: string | undefined,
    name: string,
    given: JsonObject,
    options: WriteOptions & { readonly force: boolean },
  ): { readonly object: KubeObject; readonly created: boolean } {
    const { managers, store, now } = this.options
    const live = store.get(kind, namespace, name)
    const { object, managedFields } = managers.applied(
      kind,
      live,
      given,
      options.author,
      options.force,
      now(),
    )
    const whole = { ...object, metadata: { ...(object.metadata as JsonObject), name } }
    const read = this.#read(kind, whole, options)
    if (live) {
      const current = live
      // A version that is applied with it is a condition; what was merged in is not.
      const version = (given.metadata as JsonObject | undefined)?.resourceVersion
      const asked = {
        ...read,
        metadata: { ...(read.metadata as JsonObject), resourceVersion: version },
      }
      const made = this.#replace(kind, current, asked, options, () => managedFields)
      return { object: made, created: false }
    }
    const named = this.#named(kind, namespace, read)
    return { object: this.#insert(kind, named, options, () => managedFields), created: true }
  }

  mustGet(kind: Kind, namespace: string | undefined, name: string): KubeObject {
    const found = this.options.store.get(kind, namespace, name)
    if (!found) throw notFound(kind, name)
    return found
  }

  #read(kind: Kind, given: JsonObject, { validation = 'Ignore', warn }: WriteOptions): JsonObject {
    const { schemas } = this.options
    const { object, unknown } = decode(schemas, kind, given)
    const [first] = unknown
    if (first !== undefined && validation === 'Strict') {
      const told = unknown.map((path) => `unknown field "${path}"`).join(', ')
      throw badRequest(
        `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${told}`,
      )
    }
    if (validation === 'Warn') for (const path of unknown) warn?.(`unknown field "${path}"`)
    return withDefaults(schemas, kind, object)
  }

  #named(kind: Kind, namespace: string | undefined, object: JsonObject): JsonObject {
    const metadata = (object.metadata ?? {}) as Partial<Metadata>
    if (kind.namespaced && metadata.namespace !== undefined && metadata.namespace !== namespace)
      throw badRequest(
        'the namespace of the provided object does not match the namespace sent on the request',
      )
    const name =
      metadata.name ??
      (metadata.generateName === undefined
        ? undefined
        : `${metadata.generateName.slice(0, 58)}${this.options.suffix(5)}`)
    if (name === undefined)
      throw invalid(kind, '', [
        {
          field: 'metadata.name',
          reason: 'Required',
          detail: 'Required value: name or generateName is required',
        },
      ])
    const place = kind.namespaced ? { namespace } : {}
    return { ...object, metadata: { ...(metadata as JsonObject), ...place, name } }
  }

  #insert(
    kind: Kind,
    object: JsonObject,
    { dryRun = false, author }: WriteOptions,
    booked: (made: KubeObject) => readonly unknown[],
  ): KubeObject {
    const { store, admission, now, uid } = this.options
    const given = object.metadata as unknown as Metadata
    const { name, namespace } = given
    if (kind.namespaced) admission.namespace(kind, namespace ?? '', name)
    admission.refuseTwice(kind, namespace, name)
    const { resourceVersion, deletionTimestamp: _, deletionGracePeriodSeconds: __, ...kept } = given
    if (resourceVersion)
      throw badRequest('resourceVersion should not be set on objects to be created')
    const metadata = {
      ...kept,
      uid: uid(),
      creationTimestamp: time(now()),
      ...(kind.counted ? { generation: 1 } : {}),
    }
    const status =
      firstStatus(kind) ?? (kind.subresources.includes('status') ? undefined : object.status)
    const { status: ___, ...body } = object
    const fresh = {
      ...body,
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      metadata,
      ...(kind.kind === 'Node'
        ? { status: object.status }
        : status === undefined
          ? {}
          : { status }),
    } as unknown as KubeObject
    const admitted = admission.admit(kind, fresh)
    const faults = faultsOf(kind, admitted)
    if (faults.length > 0) throw invalid(kind, name, faults)
    admission.check(kind, admitted, now())
    const managedFields = booked(
      withoutStatus(kind, BOOKED_BARE.has(kind.kind) ? fresh : admitted, author),
    )
    const made = withFields(admitted, managedFields)
    return dryRun ? made : store.put(kind, made)
  }

  #replace(
    kind: Kind,
    current: KubeObject,
    object: JsonObject,
    { dryRun = false, author }: WriteOptions,
    booked: (made: KubeObject) => readonly unknown[],
  ): KubeObject {
    const { store, admission } = this.options
    const given = (object.metadata ?? {}) as unknown as Metadata
    const { name } = current.metadata
    if (given.resourceVersion && given.resourceVersion !== current.metadata.resourceVersion)
      throw conflict(kind, name, MODIFIED)
    if (given.uid && given.uid !== current.metadata.uid)
      throw conflict(
        kind,
        name,
        `Precondition failed: UID in precondition: ${given.uid}, UID in object meta: ${current.metadata.uid}`,
      )
    const merged = sides(kind, current, object, author.subresource)
    const changed = author.subresource ? merged : admission.change(kind, current, merged)
    if (author.subresource === undefined) {
      const faults = [...faultsOf(kind, changed), ...changeFaults(kind, current, changed)]
      if (faults.length > 0) throw invalid(kind, name, faults)
    }
    const made = withFields(changed, booked(kind.kind === 'Service' ? merged : changed))
    if (sameJson(made, current)) return current
    if (dryRun) return made
    const written = store.put(kind, made)
    const { deletionTimestamp, finalizers = [] } = written.metadata
    const leaving = deletionTimestamp !== undefined && finalizers.length === 0
    return leaving && kind.kind !== 'Pod' && !hasSpecFinalizers(written)
      ? store.delete(kind, written)
      : written
  }
}
