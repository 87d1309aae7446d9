import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { Refused } from '../fakes/kubernetes/errors.ts'
import { findKind } from '../fakes/kubernetes/kinds.ts'
import { withDefaults } from '../fakes/kubernetes/rules/defaults.ts'
import { readProtobuf } from '../fakes/kubernetes/schema/protobuf.ts'
import { Schemas } from '../fakes/kubernetes/schema/schema.ts'

interface Told {
  readonly type: string
  readonly json: object
  /** The same object, in base64. */
  readonly protobuf: string
}

const file = new URL('recorded/protobuf-objects.json', import.meta.url)
const { objects } = JSON.parse(await readFile(file, 'utf8')) as {
  readonly objects: readonly Told[]
}
const schemas = new Schemas()

describe('an object in protobuf', () => {
  for (const { type, json, protobuf } of objects)
    it(`reads as the JSON a real server gives for it: ${type}`, () => {
      const read = readProtobuf(schemas, type, Buffer.from(protobuf, 'base64'))
      const kind = findKind(String(read.apiVersion), String(read.kind))
      // The server tells the kind of a template of claims, which is not in the message.
      const whole = kind ? withDefaults(schemas, kind, read) : read
      expect(withoutNothing(whole)).toEqual(withoutNothing(json))
    })

  it('keeps an empty struct that stands behind a pointer, and a zero too', () => {
    const find = (type: string) => objects.find((one) => one.type === type)?.protobuf ?? ''
    const read = (type: string) => readProtobuf(schemas, type, Buffer.from(find(type), 'base64'))
    const { volumes } = read('Pod').spec as { readonly volumes: readonly object[] }
    expect(volumes).toContainEqual({ name: 'e', emptyDir: {} })
    expect(read('Deployment').spec).toMatchObject({ replicas: 0 })
    expect(read('NetworkPolicy').spec).toMatchObject({ egress: [{}] })
  })

  it('is refused when it breaks off within a field', () => {
    const [whole] = objects.filter(({ type }) => type === 'Deployment')
    const bytes = Buffer.from(whole?.protobuf ?? '', 'base64')
    const complete = JSON.stringify(readProtobuf(schemas, 'Deployment', bytes))
    const outcome = (length: number) => {
      try {
        // Where a field ends, what is left is a message too.
        const read = readProtobuf(schemas, 'Deployment', bytes.subarray(0, length))
        return JSON.stringify(read).length < complete.length ? 'less' : 'all'
      } catch (error) {
        return error instanceof Refused ? 'refused' : String(error)
      }
    }
    // The envelope ends with two empty fields, of two bytes each.
    const outcomes = Array.from({ length: bytes.length - 4 }, (_, length) => outcome(length))
    expect(new Set(outcomes)).toEqual(new Set(['refused', 'less']))
    expect(outcomes.filter((one) => one === 'refused').length).toBeGreaterThan(bytes.length * 0.9)
  })
})

/** Go writes some empty structs and nulls, and the server adds them to what it reads. */
function withoutNothing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutNothing(item))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value)
    .map(([key, item]) => [key, withoutNothing(item)] as const)
    .filter(
      ([, item]) => item !== null && !(typeof item === 'object' && Object.keys(item).length === 0),
    )
  return Object.fromEntries(kept)
}
