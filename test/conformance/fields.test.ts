import { APP_KINDS, defineApp } from 'intermodal'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { appInputShape } from '../../src/app/schema.ts'
import { segmentsOf, valueAt } from './fields/pointer.ts'
import { plainInput, sampleInput } from './fields/sample.ts'
import { fieldSamples } from './fields/table.ts'

/** A leaf of the schema: keys, `*` for any key or index, `?type=http` for "where the object here has that type". */
type Leaf = readonly string[]

/** What the walk needs of zod's own description of a schema. */
interface Description {
  readonly type: string
  readonly shape?: Record<string, z.core.$ZodType>
  readonly innerType?: z.core.$ZodType
  readonly in?: z.core.$ZodType
  readonly element?: z.core.$ZodType
  readonly valueType?: z.core.$ZodType
  readonly options?: readonly z.core.$ZodType[]
  readonly discriminator?: string
  readonly values?: readonly unknown[]
}

function leavesOf(schema: z.core.$ZodType, at: Leaf): Leaf[] {
  const def = schema._zod.def as unknown as Description
  const { shape, innerType, element, valueType, options, discriminator } = def
  if (shape) return Object.entries(shape).flatMap(([key, inner]) => leavesOf(inner, [...at, key]))
  if (innerType) return leavesOf(innerType, at)
  if (def.type === 'pipe' && def.in) return leavesOf(def.in, at)
  if (valueType) return leavesOf(valueType, [...at, '*'])
  if (element) return isScalar(element) ? [at] : leavesOf(element, [...at, '*'])
  if (!options) return [at]
  return options.flatMap((option) => {
    const { shape: inner } = option._zod.def as unknown as Description
    const literal = discriminator ? inner?.[discriminator] : undefined
    const [type] = literal ? ((literal._zod.def as unknown as Description).values ?? []) : []
    return leavesOf(option, type === undefined ? at : [...at, `?${discriminator}=${type}`])
  })
}

function isScalar(schema: z.core.$ZodType): boolean {
  return schema._zod.def.type === 'string'
}

/** Whether a sample sets this leaf. */
function sets(leaf: Leaf, path: string, input: object): boolean {
  const segments = segmentsOf(path)
  let at: unknown = input
  let index = 0
  for (const part of leaf) {
    if (part.startsWith('?')) {
      const [key = '', value] = part.slice(1).split('=')
      if ((at as Record<string, unknown> | undefined)?.[key] !== value) return false
      continue
    }
    const segment = segments[index++]
    if (segment === undefined || (part !== '*' && part !== segment)) return false
    at = (at as Record<string, unknown> | undefined)?.[segment]
  }
  return index === segments.length
}

const NOT_SAMPLED = new Set(['$schema', 'native'])
const samples = fieldSamples.flatMap((sample) =>
  sample.kinds.map((kind) => ({ sample, kind, input: sampleInput(sample, kind) })),
)

describe('the table of fields', () => {
  test('has a sample for every field of the schema', () => {
    const leaves = leavesOf(appInputShape(), []).filter(([root]) => !NOT_SAMPLED.has(root ?? ''))
    expect(leaves.length).toBeGreaterThan(200)
    const missing = leaves.filter(
      (leaf) => !samples.some(({ sample, input }) => sets(leaf, sample.path, input)),
    )
    expect(missing.map((leaf) => `/${leaf.join('/')}`)).toEqual([])
  })

  test('holds valid apps only, each with its field set to something a plain app does not have', () => {
    const useless = samples.filter(({ sample, kind, input }) => {
      const value = valueAt(defineApp(input), sample.path)
      const usual = valueAt(defineApp(plainInput(kind)), sample.path)
      return value === undefined || (sample.path !== '/kind' && Object.is(value, usual))
    })
    expect(useless.map(({ sample, kind }) => `${sample.path} of a ${kind}`)).toEqual([])
  })

  test('has a sample of every kind of app', () => {
    const kinds = fieldSamples.filter(({ path }) => path === '/kind').map(({ value }) => value)
    expect(kinds).toEqual(APP_KINDS)
  })
})
