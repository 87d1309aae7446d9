import { type AppInput, defineApp, isApp, safeDefine } from 'intermodal'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/property.ts'
import { WHOLE } from './whole-app.ts'

/** How zod words things by itself, and what only a programmer would say. */
const JARGON =
  /Invalid|expected|received|Unrecognized|pattern|discriminator|regex|undefined|\[object|NaN|\bint\b|zod|must match|Too (?:small|big)/

type Path = readonly (string | number)[]

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value)
  return [path, ...entries.flatMap(([key, inner]) => pathsOf(inner, [...path, key]))]
}

function change(value: unknown, path: Path, mutate: (old: unknown) => unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return mutate(value)
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >
  copy[key] = change(copy[key], rest, mutate)
  return copy
}

const JOB: AppInput = {
  id: '/shop/nightly',
  image: 'job:1',
  kind: 'cron',
  schedule: { cron: '0 3 * * *', timeZone: 'Europe/Paris', keep: { failed: 1 } },
  job: { completions: 2, parallelism: 2, deadline: '1h' },
}
const SCALED: AppInput = {
  id: '/shop/api',
  image: 'api:1',
  autoscale: { min: 1, max: 3, metrics: [{ type: 'custom', name: 'load', average: 2 }] },
}

/** Wrong in ways people are wrong, and in ways only a machine is. */
const WORSE = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    0,
    -1,
    1.5,
    1e300,
    true,
    [],
    {},
    [null],
    { type: 'x' },
    '128m',
    '30',
    'x'.repeat(300),
    '\u0000',
    { secret: 'a', config: 'b' },
    { content: 'x', secret: 'a' },
    Number.NaN,
    undefined,
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.anything({ maxDepth: 1 }),
)

const mutants = fc
  .constantFrom(WHOLE, JOB, SCALED)
  .chain((app) => fc.tuple(fc.constant(app), fc.constantFrom(...pathsOf(app)), WORSE, fc.nat(2)))
  .map(([app, path, value, way]): unknown =>
    change(app, path, (old) => {
      if (way === 0 || typeof old !== 'object' || old === null) return value
      if (Array.isArray(old)) return [...old, value]
      return { ...old, [way === 1 ? 'unknown' : 'tpye']: value }
    }),
  )

describe('safeDefine', () => {
  test('says what is wrong with any spoilt app in words of our own', () => {
    let refused = 0
    fc.assert(
      fc.property(mutants, (input) => {
        const result = safeDefine(input)
        if ('app' in result) return
        refused += 1
        expect(result.issues.length).toBeGreaterThan(0)
        for (const { path, message } of result.issues) {
          // What people wrote may hold any word; what is said about it may not.
          const words = message.replaceAll(/\(got .*?\)(?=;|$)|unknown key ".*?":|"[^"]*"/gs, '')
          expect(words).not.toMatch(JARGON)
          expect(message).not.toMatch(/\n|^$/)
          expect(path).toMatch(/^(?:\/|$)/)
        }
      }),
      { numRuns: 3000 },
    )
    expect(refused).toBeGreaterThan(1000)
  })

  test('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.anything({ withNullPrototype: true })), (input) => {
        expect(safeDefine(input)).toHaveProperty('issues')
      }),
      { numRuns: 1000 },
    )
  })

  test('never throws for an app with anything in its fields', () => {
    const fields = fc.record(
      Object.fromEntries(Object.keys(WHOLE).map((key) => [key, fc.jsonValue({ maxDepth: 3 })])),
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fields, (input) => {
        expect(safeDefine(input)).toSatisfy((result) => 'app' in result || 'issues' in result)
      }),
      { numRuns: 500 },
    )
  })

  test('accepts the apps that the spoilt ones are made of', () => {
    for (const input of [WHOLE, JOB, SCALED]) expect(isApp(defineApp(input))).toBe(true)
  })

  test('leaves what it was given unchanged', () => {
    const before = structuredClone(WHOLE)
    defineApp(WHOLE)
    expect(WHOLE).toEqual(before)
  })
})
