import { ApiError, isExpired, isNotFound } from './api-error.ts'
import { Discovery } from './discovery.ts'
import { KNOWN, pathOf, qualified, type Resource } from './kinds.ts'
import { parseObject } from './parse.ts'
import type { Outgoing, Stream, Transport } from './transport.ts'
import type { KubernetesObject } from './wire.ts'

/** Writes an app as a whole. */
export const MANAGER = 'intermodal'
/** Changes one thing of it: a count, a pause. Its own name, so that the next apply knows what the app itself said. */
export const CHANGER = 'intermodal-change'

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export interface Listed<T> {
  readonly items: T[]
  readonly resourceVersion: string
}

export type ListOptions = Readonly<
  Partial<Record<'labelSelector' | 'fieldSelector', string | undefined>>
>

interface ListBody {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
}

/**
 * Objects in one answer. They are read as they come, and a server of 1.33 or later writes them as they are read, so that a
 * large page costs neither side memory; small ones are a round trip each, and cost the server half as much again.
 */
const PAGE = 5000

/** The calls we make of the Kubernetes API, for every kind of object that discovery knows. */
export class Api {
  readonly #transport: Transport
  readonly #discovery: Discovery

  constructor(transport: Transport) {
    this.#transport = transport
    this.#discovery = new Discovery(transport)
  }

  get transport(): Transport {
    return this.#transport
  }

  namespace(signal: AbortSignal): Promise<string> {
    return this.#transport.namespace(signal)
  }

  /** Where this server has a kind: asked of it where versions differ, or where the kind is not one of ours. */
  async resource(apiVersion: string, kind: string, signal: AbortSignal): Promise<Resource> {
    const known = KNOWN.find((one) => one.kind === kind && one.apiVersion === apiVersion)
    return known
      ? this.#discovery.serving(known, signal, true)
      : this.#discovery.lookUp(apiVersion, kind, signal)
  }

  async get(
    resource: Resource,
    name: string,
    signal: AbortSignal,
  ): Promise<KubernetesObject | undefined> {
    try {
      return await this.#call<KubernetesObject>({ resource, verb: 'get', name, signal })
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  /** All of a kind in our namespace, each object slimmed before the next one is parsed. */
  async list<T = KubernetesObject>(
    resource: Resource,
    options: ListOptions,
    signal: AbortSignal,
    slim: (object: KubernetesObject) => T = (object) => object as T,
  ): Promise<Listed<T>> {
    try {
      return await this.#pages(resource, { ...options, limit: PAGE }, signal, slim)
    } catch (error) {
      // The pages' token is too old: the cluster changes faster than we read, or we were held up. All at once, then.
      if (!isExpired(error)) throw error
      return this.#pages(resource, options, signal, slim)
    }
  }

  /** Server-side apply. */
  apply(
    object: KubernetesObject,
    resource: Resource,
    options: { readonly force: boolean; readonly dryRun: boolean },
    signal: AbortSignal,
  ): Promise<KubernetesObject> {
    const { force, dryRun } = options
    return this.#call({
      resource,
      verb: 'patch',
      name: object.metadata.name,
      method: 'PATCH',
      query: {
        fieldManager: MANAGER,
        ...(force ? { force } : {}),
        ...(dryRun ? { dryRun: 'All' } : {}),
      },
      // JSON is YAML.
      contentType: 'application/apply-patch+yaml',
      body: { ...object, apiVersion: resource.apiVersion, kind: resource.kind },
      signal,
    })
  }

  merge(
    resource: Resource,
    name: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<KubernetesObject> {
    return this.#call({
      resource,
      verb: 'patch',
      name,
      method: 'PATCH',
      query: { fieldManager: CHANGER },
      contentType: 'application/merge-patch+json',
      body,
      signal,
    })
  }

  create(
    resource: Resource,
    object: KubernetesObject,
    signal: AbortSignal,
  ): Promise<KubernetesObject> {
    const { apiVersion, kind } = resource
    return this.#call({
      resource,
      verb: 'create',
      method: 'POST',
      query: { fieldManager: MANAGER },
      body: { ...object, apiVersion, kind },
      signal,
    })
  }

  /** The object as it was read, with changes; refused when it was changed meanwhile. */
  replace(
    resource: Resource,
    object: KubernetesObject,
    signal: AbortSignal,
  ): Promise<KubernetesObject> {
    const { apiVersion, kind } = resource
    return this.#call({
      resource,
      verb: 'update',
      name: object.metadata.name,
      method: 'PUT',
      query: { fieldManager: MANAGER },
      body: { ...object, apiVersion, kind },
      signal,
    })
  }

  /** False: it was not there, or is another one by now. */
  async remove(
    resource: Resource,
    { metadata }: KubernetesObject,
    propagationPolicy: 'Foreground' | 'Background',
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      await this.#call({
        resource,
        verb: 'delete',
        name: metadata.name,
        method: 'DELETE',
        body: { propagationPolicy, preconditions: { uid: metadata.uid } },
        signal,
      })
      return true
    } catch (error) {
      if (isNotFound(error)) return false
      if (error instanceof ApiError && error.status === 409) return false
      throw error
    }
  }

  /** Resolves when the server answers, whatever it says. */
  async ping(signal: AbortSignal): Promise<void> {
    const asked = { verb: 'get', resource: '/version' }
    try {
      await this.#transport.json({ method: 'GET', path: '/version', asked, signal })
    } catch (error) {
      if (!(error instanceof ApiError && error.kind === 'http')) throw error
    }
  }

  async watch(resource: Resource, query: Query, signal: AbortSignal): Promise<Stream> {
    const given = { resource, verb: 'watch', query: { ...query, watch: true }, signal }
    return this.#transport.stream(await this.#outgoing(given))
  }

  async log(pod: string, query: Query, signal: AbortSignal): Promise<Stream> {
    const resource = await this.resource('v1', 'Pod', signal)
    return this.#transport.stream(
      await this.#outgoing({ resource, verb: 'get', name: pod, subresource: 'log', query, signal }),
    )
  }

  async #pages<T>(
    resource: Resource,
    query: Query,
    signal: AbortSignal,
    slim: (object: KubernetesObject) => T,
  ): Promise<Listed<T>> {
    const items: T[] = []
    let from: string | undefined
    for (;;) {
      const given = { resource, verb: 'list', query: { ...query, continue: from }, signal }
      const page = (await this.#transport.list(await this.#outgoing(given), (json) => {
        const item = parseObject(json, resource.kind)
        if (!hasMetadata(item)) throw notAList()
        items.push(slim(item as KubernetesObject))
      })) as ListBody
      // Every list has this; what has not is not from an API server, and says nothing about objects.
      if (!hasMetadata(page)) throw notAList()
      from = page.metadata?.continue || undefined
      if (from === undefined)
        return { items, resourceVersion: page.metadata?.resourceVersion ?? '' }
    }
  }

  async #call<T>(given: Request): Promise<T> {
    const body = await this.#transport.json(await this.#outgoing(given))
    // Whatever is asked, the answer is an object. Nothing at all would pass for something that is not there.
    if (typeof body !== 'object' || body === null)
      throw new ApiError('garbled', { at: '', detail: 'the answer is no object' })
    return body as T
  }

  async #outgoing({ resource, verb, name, subresource, ...given }: Request): Promise<Outgoing> {
    const serving = await this.#discovery.serving(resource, given.signal, given.body !== undefined)
    const namespace = await this.namespace(given.signal)
    const path = pathOf(serving, namespace, name, subresource)
    return {
      method: given.method ?? 'GET',
      path: path + queryString(given.query),
      ...(given.body === undefined
        ? {}
        : { body: withVersion(given.body, resource, serving.apiVersion) }),
      contentType: given.contentType,
      asked: {
        verb,
        resource: qualified(serving, subresource),
        namespace: serving.namespaced ? namespace : undefined,
        name,
      },
      signal: given.signal,
    }
  }
}

interface Request {
  readonly resource: Resource
  readonly verb: string
  readonly name?: string | undefined
  readonly subresource?: string
  readonly method?: string
  readonly query?: Query
  readonly contentType?: string
  readonly body?: unknown
  readonly signal: AbortSignal
}

function hasMetadata(body: unknown): boolean {
  const { metadata } = (body ?? {}) as { readonly metadata?: unknown }
  return typeof metadata === 'object' && metadata !== null
}

function notAList(): ApiError {
  return new ApiError('garbled', { at: '', detail: 'the answer is no list' })
}

function withVersion(body: unknown, { apiVersion }: Resource, serving: string): unknown {
  const object = body as { readonly apiVersion?: string }
  return object.apiVersion === apiVersion && serving !== apiVersion
    ? { ...object, apiVersion: serving }
    : body
}

function queryString(query: Query = {}): string {
  const parameters = new URLSearchParams()
  for (const [key, value] of Object.entries(query))
    if (value !== undefined) parameters.set(key, String(value))
  const text = parameters.toString()
  return text && `?${text}`
}
