import { describe, expect, it } from 'vitest'
import { parseList } from '../../adapters/kubernetes/list-body.ts'

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

function read(text: string): { readonly items: readonly unknown[]; readonly list: unknown } {
  const items: unknown[] = []
  const list = parseList(Buffer.from(text), (item) => items.push(item))
  return { items, list }
}

describe('a list that is parsed item by item', () => {
  it.each([undefined, 1, '\t', '\r\n  '])(
    'says what the whole text says, indented by %j',
    (indent) => {
      const { items, list } = read(JSON.stringify(LIST, null, indent))
      expect(items).toEqual(LIST.items)
      expect(list).toEqual({ ...LIST, items: [] })
    },
  )

  it('takes keys after the items, and no items at all', () => {
    const { kind, metadata } = LIST
    expect(read(JSON.stringify({ items: LIST.items, kind, metadata }))).toEqual({
      items: LIST.items,
      list: { items: [], kind, metadata },
    })
    expect(read('{"items": [ ], "kind": "List"}').list).toEqual({ items: [], kind: 'List' })
  })

  it('takes scalars for items', () => {
    expect(read('{"items":[1,"a, ]",null , true]}').items).toEqual([1, 'a, ]', null, true])
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
      expect(() => parseList(whole.subarray(0, length), () => {})).toThrow(SyntaxError)
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
    '{"items" [{}]}',
    '{"a":1 "items":[{}]}',
    '{"items":[{"a":[}]}]}',
  ])('throws for %s', (text) => {
    expect(() => read(text)).toThrow(SyntaxError)
  })
})
