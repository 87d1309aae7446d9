import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { parse } from 'yaml'

/** The few calls stand-ins make, over connections of their own. */
export interface Api {
  get<T>(path: string): Promise<T>
  /** A patch or a post; undefined when the object is gone, was there already, or has changed meanwhile. */
  send(method: 'PATCH' | 'POST' | 'DELETE', path: string, body: unknown): Promise<void>
  /** Every object and every change of it, for ever. */
  follow<T>(
    path: string,
    on: (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T) => void,
  ): Promise<never>
}

/** What a race with someone else ends in: the next look at the object settles it. */
const EXPECTED: ReadonlySet<number> = new Set([404, 409])

export async function connectApi(kubeconfig: string, connections: number): Promise<Api> {
  const { clusters, users } = parse(await readFile(kubeconfig, 'utf8'))
  const { server, 'certificate-authority': authority } = clusters[0].cluster
  const { token } = users[0].user
  const connect = { ca: await readFile(authority, 'utf8') }
  const dispatcher = new Agent({ connections, connect })
  const watcher = new Agent({ connect, bodyTimeout: 120_000 })

  const call = async (
    method: 'GET' | 'PATCH' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
  ) => {
    const response = await request(server + path, {
      dispatcher,
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined
          ? {}
          : {
              'content-type':
                method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
            }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    if (response.statusCode < 300) return response.body
    const text = await response.body.text()
    if (method !== 'GET' && EXPECTED.has(response.statusCode)) return undefined
    throw new Error(`${method} ${path}: ${response.statusCode} ${text}`)
  }

  interface List<T> {
    readonly metadata: { readonly resourceVersion: string }
    readonly items: readonly T[]
  }

  const get = async <T>(path: string): Promise<T> => {
    const body = await call('GET', path)
    return (await body?.json()) as T
  }

  return {
    get,
    async send(method, path, body) {
      const answer = await call(method, path, body)
      await answer?.dump({ limit: 1 << 20 })
    },
    async follow<T>(
      path: string,
      on: (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T) => void,
    ): Promise<never> {
      const query = path.includes('?') ? '&' : '?'
      for (;;) {
        try {
          const list = await get<List<T>>(path)
          for (const item of list.items) on('ADDED', item)
          const from = `resourceVersion=${list.metadata.resourceVersion}&allowWatchBookmarks=true`
          const { body } = await request(`${server}${path}${query}watch=true&${from}`, {
            dispatcher: watcher,
            headers: { authorization: `Bearer ${token}` },
          })
          for await (const line of lines(body)) {
            const { type, object } = JSON.parse(line)
            if (type === 'ERROR') break
            if (type !== 'BOOKMARK') on(type, object)
          }
        } catch (error) {
          console.error(`${path}: ${(error as Error).message}`)
          await pause(200)
        }
      }
    },
  }
}

async function* lines(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
}
