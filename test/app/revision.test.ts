import {
  type App,
  type AppInput,
  canonicalJson,
  contentHash,
  defineApp,
  revisionOf,
} from 'intermodal'
import { describe, expect, test } from 'vitest'
import { appInputShape } from '../../src/app/schema.ts'
import { fc } from '../support/property.ts'
import { WHOLE } from './whole-app.ts'

const { id, image, ...rest } = WHOLE
const base = { id, image: 'other:1', kind: 'stateful', args: ['a'] } satisfies AppInput

/** Other values for the fields that `WHOLE` cannot have next to those it has. */
const ELSEWHERE: Readonly<Record<string, [before: AppInput, after: AppInput]>> = {
  id: [base, { ...base, id: '/shop/other' }],
  kind: [base, { ...base, kind: 'service' }],
  image: [base, { ...base, image }],
  entrypoint: [base, { ...base, entrypoint: ['/bin/web'] }],
  args: [base, { ...base, args: ['b'] }],
  shell: [
    { id, image: 'x' },
    { id, image: 'x', shell: 'true' },
  ],
  tty: [base, { ...base, tty: true }],
  job: [
    { id, image: 'x', kind: 'job' },
    { id, image: 'x', kind: 'job', job: { completions: 2 } },
  ],
  schedule: [
    { id, image: 'x', kind: 'cron', schedule: { cron: '0 3 * * *' } },
    { id, image: 'x', kind: 'cron', schedule: { cron: '0 4 * * *' } },
  ],
  autoscale: [
    base,
    { ...base, autoscale: { min: 1, max: 2, metrics: [{ type: 'cpu', utilization: 50 }] } },
  ],
  // What refers to ports and volumes comes with them.
  probes: [base, { ...base, probes: { liveness: { type: 'exec', command: ['true'] } } }],
  sidecars: [base, { ...base, sidecars: { proxy: { image: 'envoy:1' } } }],
}

const NOT_OF_INSTANCES: readonly (keyof AppInput)[] = [
  '$schema',
  'id',
  'replicas',
  'update',
  'labels',
  'annotations',
  'dependsOn',
  'autoscale',
  'disruption',
  'schedule',
]

function pairFor(field: string): [AppInput, AppInput] {
  const own = ELSEWHERE[field]
  if (own) return own
  const value = (rest as Record<string, unknown>)[field]
  if (value === undefined) throw new Error(`no other value for ${field}`)
  return [base, { ...base, [field]: value }]
}

describe('revisionOf', () => {
  test.each(Object.keys(appInputShape().shape))(
    'minds %s exactly when instances are made of it',
    (field) => {
      const [before, after] = pairFor(field).map((input) => revisionOf(defineApp(input)))
      expect(before !== after).toBe(!NOT_OF_INSTANCES.includes(field as keyof AppInput))
    },
  )

  test('is the same whatever the order of keys', () => {
    const backwards = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(backwards)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, inner]) => [key, backwards(inner)]),
      )
    }
    expect(revisionOf(defineApp(backwards(WHOLE) as AppInput))).toBe(revisionOf(defineApp(WHOLE)))
  })

  test('is the same for amounts written in other ways', () => {
    const of = (cpu: number | '250m', memory: '1Gi' | '1024Mi', interval: '1m' | '60s') =>
      revisionOf(
        defineApp({
          ...base,
          resources: { limits: { cpu, memory } },
          probes: { liveness: { type: 'exec', command: ['x'], interval } },
        }),
      )
    expect(of(0.25, '1Gi', '1m')).toBe(of('250m', '1024Mi', '60s'))
  })

  test('stays the same over releases, because engines keep it', () => {
    expect(revisionOf(defineApp({ id: '/a', image: 'web:1' }))).toMatchInlineSnapshot(
      `"298feb60c5"`,
    )
  })

  test('minds neither replicas nor labels for any app', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.stringMatching(/^[a-z]{1,10}$/), (replicas, label) => {
        const app: App = defineApp({ ...base, replicas, labels: { [label]: label } })
        expect(revisionOf(app)).toBe(revisionOf(defineApp(base)))
      }),
    )
  })
})

describe('contentHash', () => {
  test('is equal exactly for values with equal canonical JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(contentHash(a) === contentHash(b)).toBe(canonicalJson(a) === canonicalJson(b))
      }),
    )
  })

  test('is ten hex digits', () => {
    expect(contentHash({ a: 1 })).toMatch(/^[0-9a-f]{10}$/)
  })
})
