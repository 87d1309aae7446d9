import { createWorld, type World, type WorldOptions } from 'intermodal/simulated'
import { type FakeMarathon, type FakeMarathonOptions, fakeMarathon } from 'intermodal/testing'
import { onTestFinished } from 'vitest'
import { RamlChecker } from '../raml/checker.ts'

export interface Reply {
  readonly status: number
  /** `undefined`: it is no JSON. */
  readonly json: unknown
  readonly text: string
  readonly headers: Headers
}

export interface Server {
  readonly fake: FakeMarathon
  readonly world: World
  readonly checker: RamlChecker
  readonly get: (path: string) => Promise<Reply>
  readonly send: (method: string, path: string, body?: unknown) => Promise<Reply>
}

export type Options = Omit<FakeMarathonOptions, 'world'> & {
  readonly nodes?: WorldOptions['nodes']
}

/** A fake on a world of three nodes, or those given, by hand-moved time. Gone when the test is. */
export async function start({
  nodes = 3,
  version = '1.11',
  ...options
}: Options = {}): Promise<Server> {
  const world = createWorld({ seed: 3, nodes, clock: 'manual' })
  const checker = new RamlChecker(version.split('.').slice(0, 2).join('.'))
  const fake = await fakeMarathon({
    onExchange: (exchange) => checker.check(exchange),
    ...options,
    version,
    world,
  })
  onTestFinished(() => fake.close())
  const send = (method: string, path: string, body?: unknown) => ask(fake.url, method, path, body)
  return { fake, world, checker, send, get: (path) => send('GET', path) }
}

export async function ask(
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Reply> {
  const response = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  return {
    status: response.status,
    json: isJson ? JSON.parse(text) : undefined,
    text,
    headers: response.headers,
  }
}

/** What is at a path of an answer: `app.tasks.0.id`. */
export function at(reply: Reply | unknown, path: string): unknown {
  const start = reply instanceof Object && 'json' in reply ? reply.json : reply
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], start)
}
