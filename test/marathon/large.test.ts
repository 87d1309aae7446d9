import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { IntermodalError } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { HttpError } from '../../adapters/marathon/http-error.ts'
import { type ItemsOptions, jsonItems } from '../../adapters/marathon/json-items.ts'
import { adapterFor, call, marathonLike, serve } from './server.ts'

const MEGABYTE = 1024 * 1024
const OPTIONS: ItemsOptions = { key: 'apps', at: 'here', maxItem: MEGABYTE, maxAll: 8 * MEGABYTE }

/** As DC/OS writes them: icons and package descriptions in labels. */
const app = (index: number, size: number) => ({
  id: `/large/app-${index}`,
  instances: 0,
  container: { type: 'DOCKER', docker: { image: 'shop/web:1' } },
  labels: { DCOS_PACKAGE_METADATA: `"\\]}[{,é${'x'.repeat(size)}` },
  version: '2026-01-01T00:00:00.000Z',
  tasks: [],
})

function* appList(count: number, size: number): Generator<string> {
  yield '{"apps":['
  for (let index = 0; index < count; index++)
    yield `${index > 0 ? ',' : ''}${JSON.stringify(app(index, size))}`
  yield ']}'
}

function* oneApp(megabytes: number): Generator<string> {
  yield '{"apps":[{"id":"/large/app-0","cmd":"'
  for (let count = 0; count < megabytes; count++) yield 'x'.repeat(MEGABYTE)
  yield '"}]}'
}

/** Written no faster than it is read, so that what was written tells what was taken. */
function writing(parts: Iterable<string>) {
  let written = 0
  const ended = Promise.withResolvers<void>()
  const counted = function* () {
    for (const part of parts) {
      written += part.length
      yield part
    }
  }
  const answer = async (_: unknown, response: ServerResponse) => {
    await pipeline(Readable.from(counted()), response).then(ended.resolve, ended.resolve)
  }
  return { answer, written: () => ended.promise.then(() => written) }
}

describe('an answer of 50 megabytes', () => {
  it('with three thousand apps is read whole, app by app', async () => {
    const { answer, written } = writing(appList(3000, 18_000))
    await using server = await serve(marathonLike({ 'GET /v2/apps': answer }))
    await using adapter = adapterFor(server.url)
    const seen: string[] = []
    for await (const { id, state } of adapter.list({}, call())) seen.push(`${id} ${state}`)
    expect(await written()).toBeGreaterThan(50 * MEGABYTE)
    expect([seen.length, seen[0], seen.at(-1)]).toEqual([
      3000,
      '/large/app-0 suspended',
      '/large/app-2999 suspended',
    ])
  })

  it.each<[what: string, path: string]>([
    ['about one app', '/v2/apps/large/app-0'],
    ['about the queue', '/v2/queue'],
    ['with one app of that size', '/v2/apps'],
  ])('%s is refused, and no more of it is taken than will be read', async (_, path) => {
    const { answer, written } = writing(oneApp(50))
    await using server = await serve(marathonLike({ [`GET ${path}`]: answer }))
    await using adapter = adapterFor(server.url)
    const asking =
      path === '/v2/apps'
        ? Array.fromAsync(adapter.list({}, call()))
        : adapter.observe('/large/app-0', call())
    const error: unknown = await asking.catch((thrown: unknown) => thrown)
    if (!IntermodalError.is(error)) throw new Error(`no error of ours: ${error}`)
    expect([error.code, error.message, error.remedy]).toEqual([
      'PROTOCOL',
      expect.stringContaining('the answer is too large'),
      expect.stringContaining('maxAnswer'),
    ])
    expect(await written()).toBeLessThan(50 * MEGABYTE)
  })
})

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe('a list that is read item by item', () => {
  const apps = [app(1, 10), { id: '/a', list: [[{}], '\\"]}'], text: 'é\u{1F600}"' }, {}]

  it.each([1, 2, 3, 7, 64, 10_000])('is the same however its bytes are cut: %s', async (size) => {
    for (const text of [JSON.stringify({ apps }), JSON.stringify({ apps, more: [1] }, null, 2)])
      expect(await Array.fromAsync(jsonItems(pieces(text, size), OPTIONS))).toEqual(apps)
    const bare = { ...OPTIONS, key: undefined }
    expect(await Array.fromAsync(jsonItems(pieces(JSON.stringify(apps), size), bare))).toEqual(apps)
  })

  it('gives each item before the next one was asked for', async () => {
    let taken = 0
    async function* source() {
      for await (const piece of pieces(JSON.stringify({ apps: [app(1, 500), app(2, 500)] }), 16)) {
        taken += piece.length
        yield piece
      }
    }
    const items = jsonItems(source(), OPTIONS)
    await items.next()
    expect(taken).toBeLessThan(JSON.stringify(app(1, 500)).length + 64)
    await items.return()
  })

  it.each<[what: string, text: string]>([
    ['a page of a proxy', '<html>[</html>'],
    ['nothing', ''],
    ['a message', '{"message":"no [apps] here"}'],
    ['another list', '{"pods":[{"id":"/a"}]}'],
    ['a list where there is one in an object', '[{"id":"/a"}]'],
    ['an object instead of a list', '{"apps":{"id":"/a"}}'],
    ['a list of texts', '{"apps":["/a"]}'],
    ['one that is cut within an item', '{"apps":[{"id":"/a"'],
    ['one that is cut between two', '{"apps":[{"id":"/a"},'],
    ['one that is cut before its end', '{"apps":[{"id":"/a"}]'],
    ['one with something behind it', '{"apps":[]}]'],
    ['an item that is no JSON', '{"apps":[{id:"/a"}]}'],
  ])('is garbled when it is none: %s', async (_, text) => {
    const reading = Array.fromAsync(jsonItems(pieces(text, 5), OPTIONS))
    const error: unknown = await reading.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(HttpError)
    expect((error as HttpError).kind).toBe('garbled')
  })

  it('may be larger than what is read at once, up to a bound of its own', async () => {
    const some = Array.from({ length: 20 }, (_, index) => app(index, MEGABYTE / 4))
    const text = JSON.stringify({ apps: some })
    expect(await Array.fromAsync(jsonItems(pieces(text, 65_536), OPTIONS))).toHaveLength(20)
    const bounded = { ...OPTIONS, maxAll: 2 * MEGABYTE }
    await expect(Array.fromAsync(jsonItems(pieces(text, 65_536), bounded))).rejects.toMatchObject({
      kind: 'too-large',
    })
  })
})
