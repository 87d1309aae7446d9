import { describe, expect, it } from 'vitest'
import { ListBody } from '../../adapters/kubernetes/list-body.ts'

const LIST = {
  kind: 'PodList',
  apiVersion: 'v1',
  metadata: { resourceVersion: '7', items: ['not these'], note: 'a \\ and a " and "items":[' },
  items: [
    {
      metadata: { name: 'one' },
      text: 'quoted \\" brackets ]}[{ , ünïcödé 🚢',
      empty: {},
      none: [],
    },
    { metadata: { name: 'two' }, nested: { items: [{ deep: [[1, -2.5e3], [], null, true] }] } },
    { metadata: { name: 'three' } },
  ],
}

interface Read {
  readonly items: readonly unknown[]
  readonly list: unknown
}

/** The text in chunks of so many bytes. */
function read(text: string | Buffer, chunk = 1024, most = 1_000_000): Read {
  const bytes = Buffer.from(text)
  const items: unknown[] = []
  const tooLong = () => new RangeError('too long')
  const body = new ListBody((item) => items.push(JSON.parse(item.toString())), most, tooLong)
  for (let at = 0; at < bytes.length; at += chunk) body.push(bytes.subarray(at, at + chunk))
  return { items, list: body.end() }
}

const zeros = (items: readonly unknown[]) => items.map(() => 0)

describe('a list that is read as it comes', () => {
  it.each([undefined, 1, '\t', '\r\n  '])(
    'says what the whole text says, indented by %j',
    (indent) => {
      const { items, list } = read(JSON.stringify(LIST, null, indent))
      expect(items).toEqual(LIST.items)
      expect(list).toEqual({ ...LIST, items: zeros(LIST.items) })
    },
  )

  it('says the same wherever the chunks are cut', () => {
    for (const indent of [0, 1])
      for (let chunk = 1; chunk < 40; chunk++)
        expect(read(JSON.stringify(LIST, null, indent), chunk).items).toEqual(LIST.items)
  })

  it('hands an item over before the next one has come', () => {
    const taken: string[] = []
    const body = new ListBody(
      (item) => taken.push(item.toString()),
      1000,
      () => new Error(),
    )
    body.push(Buffer.from('{"items":[{"a":1},{"b"'))
    expect(taken).toEqual(['{"a":1}'])
    body.push(Buffer.from(':2}'))
    expect(taken).toEqual(['{"a":1}', '{"b":2}'])
  })

  it('takes keys after the items, and no items at all', () => {
    const { kind, metadata } = LIST
    expect(read(JSON.stringify({ items: LIST.items, kind, metadata }))).toEqual({
      items: LIST.items,
      list: { items: zeros(LIST.items), kind, metadata },
    })
    expect(read('{"items": [ ], "kind": "List"}').list).toEqual({ items: [], kind: 'List' })
  })

  it('takes nothing for the items that only looks like them', () => {
    const text = JSON.stringify({ 'x,"items"': [{ a: 1 }], b: '"items":[{', c: { items: [{}] } })
    expect(read(text)).toEqual({ items: [], list: JSON.parse(text) })
  })

  it('throws what it was told to for an item that is too long, and for what is around them', () => {
    expect(() => read(`{"items":[{"a":"${'x'.repeat(100)}"}]}`, 16, 90)).toThrow(RangeError)
    expect(() => read(`{"a":"${'x'.repeat(100)}"}`, 16, 90)).toThrow(RangeError)
    const many = Array.from({ length: 20 }, () => ({ a: 'x'.repeat(50) }))
    expect(read(JSON.stringify({ items: many }), 16, 90).items).toEqual(many)
  })

  it.each(['{"items":null}', '{"kind":"Status"}', '{}', '[1]', '"text"', 'null', '3'])(
    'leaves %s, which has no items, as it is',
    (text) => {
      expect(read(text)).toEqual({ items: [], list: JSON.parse(text) })
    },
  )

  it('throws for a text that was cut anywhere', () => {
    const whole = Buffer.from(JSON.stringify(LIST))
    for (let length = 0; length < whole.length; length++)
      expect(() => read(whole.subarray(0, length))).toThrow(SyntaxError)
  })

  it.each([
    '{"items":[{}{}]}',
    '{"items":[{},]}',
    '{"items":[,{}]}',
    '{"items":[{} {}]}',
    '{"items":[{}]]}',
    '{"items":[{}}]}',
    '{"items":[{}],}',
    '{"items":[{}]} more',
    '{"items":[1,{}]}',
    '{"items":[[{}]]}',
    '{"items" [{}]}',
    '{"a":1 "items":[{}]}',
    '{"items":[{"a":[}]}]}',
  ])('throws for %s', (text) => {
    expect(() => read(text)).toThrow(SyntaxError)
  })
})
