import { type AppInput, defineGroup, type GroupInput, InvalidAppError } from 'intermodal'
import { describe, expect, test } from 'vitest'

const app = (id: string, change: Partial<AppInput> = {}): AppInput => ({
  id,
  image: 'x',
  ...change,
})

function problems(input: unknown): readonly string[] {
  try {
    defineGroup(input as GroupInput)
  } catch (error) {
    if (error instanceof InvalidAppError) {
      return error.issues.map(({ path, message }) => `${path} ${message}`)
    }
    throw error
  }
  return []
}

describe('defineGroup', () => {
  test('makes ids of the group and each key', () => {
    const { apps } = defineGroup({
      group: '/shop',
      apps: { web: { image: 'x' }, db: { image: 'y' } },
    })
    expect(apps.map(({ id }) => id)).toEqual(['/shop/web', '/shop/db'])
  })

  test('puts every app after those it depends on, and otherwise keeps the order', () => {
    const { apps } = defineGroup([
      app('/shop/web', { dependsOn: { api: 'healthy' } }),
      app('/shop/other'),
      app('/shop/api', { dependsOn: { db: 'healthy' } }),
      app('/shop/db'),
    ])
    expect(apps.map(({ id }) => id)).toEqual(['/shop/db', '/shop/api', '/shop/web', '/shop/other'])
  })

  test('keeps secrets and configs by name', () => {
    const group = defineGroup({
      group: '/shop',
      apps: { web: { image: 'x' } },
      secrets: { db: 'hunter2' },
      configs: { web: { mode: 'fast' } },
    })
    expect(group.secrets).toEqual([{ name: 'db', data: 'hunter2' }])
    expect(group.configs).toEqual([{ name: 'web', data: { mode: 'fast' } }])
  })

  test('allows a dependency that is live already', () => {
    expect(problems([app('/a', { dependsOn: { '/infra/dns': 'started' } })])).toEqual([])
  })

  test('refuses a second app with the same id', () => {
    expect(problems([app('/a'), app('/a')])).toEqual(['/a is a second app with the id /a'])
  })

  test('refuses a cycle and names its way', () => {
    const cycle = [
      app('/a', { dependsOn: { b: 'healthy' } }),
      app('/b', { dependsOn: { c: 'healthy' } }),
      app('/c', { dependsOn: { a: 'healthy' } }),
    ]
    expect(problems(cycle)).toEqual(['/a/dependsOn is a cycle: /a needs /b needs /c needs /a'])
  })

  test('refuses to wait for the end of what does not end', () => {
    expect(problems([app('/a', { dependsOn: { b: 'completed' } }), app('/b')])).toEqual([
      '/a/dependsOn waits for /b to be "completed", but it is a service, not a job',
    ])
  })

  test('names every wrong place in every app', () => {
    const wrong = { group: '/shop', apps: { web: { image: 'x', replica: 1 }, db: { image: 3 } } }
    expect(problems(wrong)).toEqual([
      '/apps/web has an unknown key "replica": did you mean "replicas"?',
      '/apps/db/image needs text (in quotes) (got 3); did you mean "3"?',
    ])
    expect(problems([app('/a', { replicas: -1 }), { image: 'x' }])).toEqual([
      '/a/replicas needs at least 0 (got -1)',
      '/1/id is missing: it needs a path such as "/shop/web"',
    ])
  })

  test.each<[input: unknown, expected: string]>([
    [{ apps: {} }, '/group is missing: it needs a path such as "/shop/web"'],
    [{ group: 'shop', apps: {} }, '/group needs a path of lower-case names'],
    [{ group: '/shop' }, '/apps is missing'],
    [{ group: '/shop', apps: [] }, '/apps needs a map of keys'],
    [{ group: '/shop', apps: { web: 'x' } }, '/apps/web needs a map of keys (got "x")'],
    [
      { group: '/shop', apps: {}, secrts: {} },
      'has an unknown key "secrts": did you mean "secrets"?',
    ],
    [
      { group: '/shop', apps: { web: { id: '/other', image: 'x' } } },
      '/apps/web has an unknown key "id": the id is /shop/web, by its place in the group',
    ],
    [
      { group: '/shop', apps: {}, secrets: { Db: 'x' } },
      '/secrets/Db is not a valid key: needs a lower-case name',
    ],
    [
      { group: '/shop', apps: {}, secrets: { db: 12_345 } },
      '/secrets/db needs a text, or a map from keys to texts',
    ],
    [
      JSON.parse('{"group":"/shop","apps":{"__proto__":{"image":"x"}}}'),
      '/apps has an unknown key "__proto__"',
    ],
    [[null], '/0 needs a map of keys (got null)'],
    [null, ' needs a map of keys (got null)'],
  ])('refuses %j', (input, expected) => {
    expect(problems(input).join('\n')).toContain(expected)
  })

  test('never shows the value of a secret', () => {
    const wrong = { group: '/shop', apps: {}, secrets: { db: { password: 8_675_309 } } }
    expect(problems(wrong).join()).toMatch(/secrets\/db/)
    expect(problems(wrong).join()).not.toContain('8675309')
  })
})
