import type { ServerResponse } from 'node:http'
import { type Answer, type Asked, empty, list } from './fake-api.ts'

/** Lists what it is given, and keeps watches open for the test to write into. */
export class WatchedObjects {
  /** By plural: what a list shows. */
  readonly lists = new Map<string, readonly object[]>()
  readonly #open = new Map<string, ServerResponse[]>()
  version = '100'

  readonly answer: Answer = (asked, response) => {
    const plural = pluralOf(asked)
    if (asked.query.get('watch') !== 'true') {
      const items = this.lists.get(plural)
      return items ? list(items, this.version) : empty(asked)
    }
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.flushHeaders()
    this.#open.set(plural, [...(this.#open.get(plural) ?? []), response])
    return undefined
  }

  /** Writes to the newest watch of that kind. */
  tell(plural: string, type: string, object: object): void {
    this.write(plural, `${JSON.stringify({ type, object })}\n`)
  }

  write(plural: string, data: string | Buffer): void {
    this.#newest(plural).write(data)
  }

  /** As a server does when its own time limit is over. */
  end(plural: string): void {
    this.#newest(plural).end()
  }

  /** As a broken network does. */
  break(plural: string): void {
    this.#newest(plural).destroy()
  }

  #newest(plural: string): ServerResponse {
    const response = this.#open.get(plural)?.at(-1)
    if (!response) throw new Error(`nobody watches ${plural}`)
    return response
  }
}

export function pluralOf({ path }: Asked): string {
  return path.split('/').at(-1) ?? ''
}

export function isWatch(plural: string): (asked: Asked) => boolean {
  return (asked) => pluralOf(asked) === plural && asked.query.get('watch') === 'true'
}

export function isList(plural: string): (asked: Asked) => boolean {
  return (asked) => pluralOf(asked) === plural && asked.query.get('watch') === null
}

export function deployment(name: string, version: string, more: object = {}): object {
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      resourceVersion: version,
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name, image: 'nginx:1' }] },
      },
    },
    status: { observedGeneration: 1 },
    ...more,
  }
}

export function bookmark(version: string): object {
  return { kind: 'Deployment', metadata: { resourceVersion: version } }
}
