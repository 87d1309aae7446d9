import { safeDefine } from 'intermodal'
import { describe, expect, test } from 'vitest'

const base = { id: '/shop/web', image: 'web:1' }

/** The one thing that is wrong, as it is printed. */
function problem(change: object): string {
  const result = safeDefine({ ...base, ...change })
  const issues = 'issues' in result ? result.issues : []
  expect(issues).toHaveLength(1)
  return issues.map(({ path, message }) => `${path || '/'} ${message}`).join('')
}

describe('hostile input', () => {
  test('has no prototype keys anywhere', () => {
    for (const text of [
      '{"__proto__":{"admin":true}}',
      '{"env":{"__proto__":"x"}}',
      '{"native":{"swarm":{"a":[{"__proto__":1}]}}}',
      '{"labels":{"__proto__":"x"}}',
    ]) {
      expect(problem(JSON.parse(text))).toContain('has an unknown key "__proto__"')
    }
    expect(Object.prototype).not.toHaveProperty('admin')
  })

  test('may use the names of inherited properties as plain keys', () => {
    const result = safeDefine({ ...base, env: { constructor: 'x', toString: 'y' } })
    expect('app' in result && result.app.env).toEqual({ constructor: 'x', toString: 'y' })
    expect(problem({ constructor: 1 })).toContain('has an unknown key "constructor": known keys')
  })

  test('that holds itself is refused', () => {
    const round: Record<string, unknown> = {}
    round.self = round
    expect(problem({ native: { swarm: round } })).toContain('is nested deeper than 64 levels')
  })

  test('that is nested very deeply is refused', () => {
    const deep = JSON.parse(`${'['.repeat(5000)}1${']'.repeat(5000)}`)
    expect(problem({ native: { swarm: { deep } } })).toContain('is nested deeper than 64 levels')
    expect(problem({ env: deep })).toContain('is nested deeper')
  })

  test('of many aliases of one value is refused', () => {
    let bomb: unknown = 'lol'
    for (let level = 0; level < 30; level += 1) bomb = [bomb, bomb]
    expect(problem({ native: { swarm: { bomb } } })).toContain('more than 100000 values')
  })

  test('that is no data is refused in native patches', () => {
    expect(problem({ native: { swarm: { a: () => 1 } } })).toBe(
      '/native/swarm/a needs plain data, not a function',
    )
    expect(problem({ native: { swarm: { a: 1n } } })).toContain('not a bigint')
    expect(problem({ native: { swarm: { a: Number.NaN } } })).toContain('needs a finite number')
  })
})
