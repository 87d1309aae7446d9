import { type App, applyMemo, defineApp, readMemo, writeMemo } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { diffPatch, mergePatch } from '../../src/merge-patch.ts'
import { fc } from '../support/property.ts'
import { arbitraryApp } from './arbitrary-app.ts'

const plain = defineApp({ id: '/web', image: 'web:1', env: { A: '1' } })

/** As it travels: JSON knows no -0. */
const asText = (value: unknown) => JSON.parse(JSON.stringify(value))

const read = (text: string | undefined) => {
  const memo = readMemo(text)
  if (!memo) throw new Error('there is no memo')
  return memo
}

describe('a memo', () => {
  it('is not written where the native form says it all', () => {
    expect(writeMemo(plain, plain)).toBeUndefined()
  })

  it('never holds the replica count, which is the engine’s', () => {
    expect(writeMemo({ ...plain, replicas: 7 }, plain)).toBeUndefined()
  })

  it('gives any app back from any other', () => {
    fc.assert(
      fc.property(arbitraryApp, arbitraryApp, (app, { replicas: _, ...other }) => {
        const found = (
          app.replicas === undefined ? other : { ...other, replicas: app.replicas }
        ) as App
        // An empty patch is none.
        fc.pre(app.native === undefined || Object.keys(app.native).length > 0)
        const memo = readMemo(writeMemo(app, found))
        expect(asText(memo ? applyMemo(found, memo, () => true) : found)).toEqual(asText(app))
      }),
    )
  })

  it('keeps `null` in a native patch, where it removes a field', () => {
    const app = defineApp({ id: '/web', image: 'web:1', native: { swarm: { Init: null } } })
    const bare = defineApp({ id: '/web', image: 'web:1' })
    expect(applyMemo(bare, read(writeMemo(app, bare)), () => true).native).toEqual(app.native)
  })

  it('keeps the fields that still hold when somebody changed the others by hand', () => {
    const app = defineApp({ id: '/web', image: 'web:1', env: { A: '1', B: '2' }, args: ['--fast'] })
    const back = applyMemo(plain, read(writeMemo(app, plain)), ({ env }) => env.B === undefined)
    expect(back).toEqual(
      defineApp({ id: '/web', image: 'web:1', env: { A: '1' }, args: ['--fast'] }),
    )
  })

  it.each([undefined, '', 'no JSON', '[]', '{"app":1}'])('is none when the text is %j', (text) => {
    expect(readMemo(text)).toBeUndefined()
  })

  it('changes nothing when its text makes no app', () => {
    const memo = read('{"app":{"image":7,"probes":[]},"native":"{"}')
    expect(applyMemo(plain, memo, () => true)).toEqual(plain)
  })
})

describe('a merge patch', () => {
  const json = fc.jsonValue({ maxDepth: 3, noUnicodeString: true } as never)
  // `null` means "remove" in a patch: it cannot be a value of an object.
  const withoutNull = json.map(
    (value) =>
      JSON.parse(JSON.stringify(value, (_, inner) => inner ?? undefined) ?? '0') as unknown,
  )

  it('makes the one of the other', () => {
    fc.assert(
      fc.property(withoutNull, withoutNull, (from, to) => {
        const patch = diffPatch(from, to)
        expect(asText(patch === undefined ? from : mergePatch(from, patch))).toEqual(to)
      }),
    )
  })

  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('of RFC 7396, appendix A: %j with %j gives %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result)
  })
})
