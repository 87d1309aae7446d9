import type { AppId } from 'intermodal'
import { describe, expect, it } from 'vitest'
import {
  contentName,
  fit,
  idOfName,
  objectName,
  partName,
} from '../../adapters/kubernetes/names.ts'
import { fc } from '../support/property.ts'
import { appId } from '../swarm/arbitrary.ts'

const DNS_1035 = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/

describe('the name of an app', () => {
  it.each([
    ['/web', 'web'],
    ['/shop/web', 'shop--web'],
    ['/shop/db/main', 'shop--db--main'],
    ['/shop-web', 'shop-web'],
  ] as const)('of %s is %s', (id, name) => {
    expect(objectName(id)).toBe(name)
    expect(idOfName(name)).toBe(id)
  })

  it.each(['/1shop/web', '/a--b', `/${'a'.repeat(60)}`] as AppId[])(
    'of %s carries a hash, because it cannot be said plainly',
    (id) => {
      expect(objectName(id)).toMatch(/---[0-9a-f]{10}$/)
      expect(objectName(id)).toMatch(DNS_1035)
    },
  )

  it('leaves room for what controllers append', () => {
    fc.assert(
      fc.property(appId, (id) => {
        expect(objectName(id)).toMatch(DNS_1035)
        expect(objectName(id).length).toBeLessThanOrEqual(52)
        for (const part of ['pods', 'cluster', 'public'] as const) {
          expect(partName(objectName(id), part)).toMatch(DNS_1035)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('belongs to one app only', () => {
    fc.assert(
      fc.property(appId, appId, (one, other) => {
        fc.pre(one !== other)
        expect(objectName(one)).not.toBe(objectName(other))
      }),
      { numRuns: 300 },
    )
  })

  it('tells apart ids that differ only in where a label ends', () => {
    const ids: AppId[] = ['/a/b/c', '/a-b/c', '/a/b-c', '/a-b-c', '/a--b/c', '/a--b--c', '/a/b--c']
    expect(new Set(ids.map(objectName)).size).toBe(ids.length)
  })
})

describe('the id of an object nobody marked', () => {
  const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/)
  const anyName = fc.array(label, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'))

  it('leads back to the name, whatever it is', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        expect(objectName(idOfName(name))).toBe(name)
      }),
      { numRuns: 300 },
    )
  })

  it.each(['my.app', 'a---b', '1st', 'kubernetes-name--dot--xax', `${'long-'.repeat(20)}name`])(
    'of %s is under /kubernetes-name when no plain id has that name',
    (name) => {
      expect(objectName(idOfName(name))).toBe(name)
    },
  )

  it('is not the id of another app that has that name', () => {
    const disguised = '/kubernetes-name/dot/xwebx'
    expect(objectName(disguised)).not.toBe(objectName('/web'))
  })
})

describe('names of what belongs to an app', () => {
  it('change with the content of its files', () => {
    expect(contentName('web', { a: '1' })).toBe(contentName('web', { a: '1' }))
    expect(contentName('web', { a: '1' })).not.toBe(contentName('web', { a: '2' }))
    expect(contentName('web', { a: '1' })).not.toBe(contentName('api', { a: '1' }))
  })

  it('are cut with a hash when they are too long', () => {
    expect(fit('short', 10)).toBe('short')
    expect(fit('a'.repeat(80), 63)).toHaveLength(63)
    expect(fit(`${'a'.repeat(80)}x`, 63)).not.toBe(fit(`${'a'.repeat(80)}y`, 63))
  })
})
