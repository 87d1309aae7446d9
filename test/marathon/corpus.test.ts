import { canonicalJson, isApp, type Loss } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { canonical } from '../../adapters/marathon/canonical.ts'
import { interpret } from '../../adapters/marathon/interpret.ts'
import { READ_ONLY } from '../../adapters/marathon/modern.ts'
import { isPod, type MarathonNative } from '../../adapters/marathon/native.ts'
import { APP_KEYS, POD_KEYS } from '../../adapters/marathon/prune.ts'
import { translate } from '../../adapters/marathon/translate.ts'
import { CORPUS, definitionsIn, MARATHON } from './data.ts'

const corpus = definitionsIn(CORPUS)
const fixtures = definitionsIn(`${MARATHON}/fixtures`)
const all = [...corpus, ...fixtures].map(({ file, native }) => ({
  file,
  native,
  ...interpret(native),
}))
const isRefused = (losses: readonly Loss[]) => losses.some(({ kind }) => kind === 'refused')
const taken = all.filter(({ losses }) => !isRefused(losses))

describe('the apps people have written', () => {
  it('are all read: none is beyond the reader', () => {
    expect(corpus.length).toBeGreaterThan(170)
    expect(fixtures.length).toBeGreaterThan(400)
    for (const { app } of all) expect(isApp(app)).toBe(true)
  })

  it('are taken, except for those that Marathon itself would refuse, with its reason', () => {
    expect(taken.length / all.length).toBeGreaterThan(0.94)
    for (const { losses } of all.filter((one) => isRefused(one.losses))) {
      for (const { path, detail } of losses.filter(({ kind }) => kind === 'refused')) {
        expect(path).toMatch(/^\//)
        expect(detail.length).toBeGreaterThan(5)
      }
    }
  })

  it('have every key of theirs in the model, in native.marathon, or in a loss', () => {
    const lost = all.flatMap(({ file, native, losses }) =>
      unknownKeys(native)
        .filter((key) => !losses.some(({ path }) => path === `/${key}`))
        .map((key) => `${file}: ${key}`),
    )
    expect(lost).toEqual([])
  })

  it.each(['1.4.13', '1.5.15', '1.10.26'])(
    'mean the same once translated again for %s',
    (version) => {
      const changed = taken.flatMap(({ file, native, app, losses }) => {
        const again = translate(app, { version })
        const named = [...losses, ...again.losses].filter(
          ({ kind, path }) => kind !== 'approximated' || path === '/id',
        )
        const same =
          canonicalJson(canonical(again.native, false)) === canonicalJson(canonical(native, false))
        return same || named.length > 0 ? [] : [file]
      })
      expect(changed).toEqual([])
    },
  )
})

/** Keys that no version of Marathon has, and those that only a server writes. */
function unknownKeys(native: MarathonNative): string[] {
  const known = isPod(native) ? POD_KEYS : APP_KEYS
  return Object.keys(native).filter((key) => !Object.hasOwn(known, key) || READ_ONLY.includes(key))
}
