import type { ServerResponse } from 'node:http'
import { kubernetes } from 'intermodal/kubernetes'
import { onTestFinished } from 'vitest'
import { type Answer, type Asked, empty, type FakeApi, fakeApi, list, refuse } from './fake-api.ts'

export interface Stored {
  kind: string
  metadata: {
    name: string
    uid: string
    resourceVersion: string
    generation?: number
    labels?: Record<string, string>
    annotations?: Record<string, string>
    [key: string]: unknown
  }
  spec?: Record<string, unknown>
  [key: string]: unknown
}

/** What a test says of a request before the store does; `undefined` leaves it to the store. */
type Intervene = (asked: Asked, response: ServerResponse) => 'handled' | undefined

const OBJECT = /^\/(?:api|apis\/[^/]+)\/[^/]+\/namespaces\/shop\/([a-z]+)(?:\/([^/]+))?$/

/**
 * Keeps objects as an API server does, as far as an apply can see: versions, generations, dry runs, locks. Fields have
 * no owners here; conflicts over them are for tests to say.
 */
export class ObjectStore {
  readonly #objects = new Map<string, Stored>()
  #version = 1
  #uid = 1
  intervene: Intervene = () => undefined

  readonly answer: Answer = (asked, response) => {
    if (this.intervene(asked, response) === 'handled') return undefined
    const [, plural = '', name] = OBJECT.exec(asked.path) ?? []
    if (plural === '') return empty(asked)
    if (asked.method === 'POST') {
      const body = asked.body as Stored
      return this.#write(plural, body.metadata.name, body, false)
    }
    if (name === undefined) return list(this.#select(plural, asked), String(this.#version))
    const live = this.get(plural, name)
    if (asked.method === 'GET')
      return live ?? refuse(response, 404, 'NotFound', `${plural} "${name}" not found`)
    if (asked.method === 'DELETE') {
      if (!live) return refuse(response, 404, 'NotFound', 'not found')
      this.#objects.delete(`${plural}/${name}`)
      return live
    }
    return this.#change(plural, name, asked, response)
  }

  get(plural: string, name: string): Stored | undefined {
    return this.#objects.get(`${plural}/${name}`)
  }

  /** As somebody else's tool would write it. */
  put(
    plural: string,
    object: {
      kind: string
      metadata: { name: string; [key: string]: unknown }
      [key: string]: unknown
    },
  ): Stored {
    return this.#write(plural, object.metadata.name, object as Stored, false)
  }

  /** As a controller does that writes a status. */
  touch(plural: string, name: string): void {
    const live = this.get(plural, name)
    if (live) live.metadata.resourceVersion = String(++this.#version)
  }

  delete(plural: string, name: string): void {
    this.#objects.delete(`${plural}/${name}`)
  }

  names(plural: string): readonly string[] {
    return [...this.#objects.keys()].flatMap((key) =>
      key.startsWith(`${plural}/`) ? [key.slice(plural.length + 1)] : [],
    )
  }

  #change(plural: string, name: string, asked: Asked, response: ServerResponse): unknown {
    const live = this.get(plural, name)
    const body = asked.body as Stored
    const { resourceVersion } = body.metadata
    if (live && resourceVersion && resourceVersion !== live.metadata.resourceVersion)
      return refuse(response, 409, 'Conflict', 'the object has been modified')
    const dryRun = asked.query.get('dryRun') === 'All'
    if (asked.headers['content-type'] !== 'application/merge-patch+json')
      return this.#write(plural, name, withCount(body, live), dryRun)
    if (!live) return refuse(response, 404, 'NotFound', `${plural} "${name}" not found`)
    return this.#write(plural, name, merged(live, body) as Stored, dryRun)
  }

  #write(plural: string, name: string, body: Stored, dryRun: boolean): Stored {
    const live = this.get(plural, name)
    const changed = !live || JSON.stringify(content(live)) !== JSON.stringify(content(body))
    const specChanged = JSON.stringify(live?.spec) !== JSON.stringify(body.spec)
    const after: Stored = {
      ...structuredClone(body),
      metadata: {
        ...structuredClone(body.metadata),
        uid: live?.metadata.uid ?? `uid-${this.#uid}`,
        generation: (live?.metadata.generation ?? 0) + (specChanged ? 1 : 0),
        resourceVersion: live?.metadata.resourceVersion ?? '0',
      },
    }
    if (dryRun) return after
    if (!live) this.#uid++
    if (changed) after.metadata.resourceVersion = String(++this.#version)
    this.#objects.set(`${plural}/${name}`, after)
    return after
  }

  #select(plural: string, { query }: Asked): readonly Stored[] {
    const [key = '', value] = (query.get('labelSelector') ?? '').split('=')
    return this.names(plural)
      .map((name) => this.get(plural, name) as Stored)
      .filter(({ metadata }) => key === '' || metadata.labels?.[key] === value)
  }
}

/** What is left out stays where somebody else set it, and has its default where nobody did. */
function withCount(body: Stored, live: Stored | undefined): Stored {
  if (body.kind !== 'Deployment' || body.spec?.replicas !== undefined) return body
  return { ...body, spec: { ...body.spec, replicas: live?.spec?.replicas ?? 1 } }
}

function content({ metadata, ...rest }: Stored): unknown {
  return sorted({ labels: metadata.labels, annotations: metadata.annotations, rest })
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const result: Record<string, unknown> = { ...(target as object) }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = merged(result[key], value)
  }
  return result
}

export const isWrite = ({ method, query }: Asked) =>
  method !== 'GET' && query.get('dryRun') === null
export const isRehearsal = ({ query }: Asked) => query.get('dryRun') === 'All'

/** `PATCH deployments/web` */
export function shortly({ method, path }: Asked): string {
  return `${method} ${path.split('/').slice(-2).join('/')}`
}

export async function storeAndAdapter() {
  const store = new ObjectStore()
  const api: FakeApi = await fakeApi(store.answer)
  const adapter = kubernetes({ kubeconfig: api.kubeconfig })
  onTestFinished(async () => {
    await adapter[Symbol.asyncDispose]()
    await api[Symbol.asyncDispose]()
  })
  return { store, api, adapter, writes: () => api.asked.filter(isWrite).map(shortly) }
}
