import { type AppId, isAppId } from 'intermodal'
import { describe, expect, it } from 'vitest'
import {
  contentName,
  groupNetwork,
  idOfName,
  logicalName,
  serviceName,
  splitLogicalName,
  versionedName,
} from '../../adapters/swarm/names.ts'
import { fc } from '../support/property.ts'
import { appId } from './arbitrary.ts'

/** What the engine takes for the name of a service. */
const GRAMMAR = /^[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*$/
const LONG = `/${'a'.repeat(60)}/${'b'.repeat(60)}` as AppId

const swarmName = fc
  .stringMatching(/^[a-zA-Z0-9](?:[-_]{0,2}[A-Za-z0-9]){0,20}$/)
  .filter((name) => name.length <= 63 && GRAMMAR.test(name))

describe('the name of a service', () => {
  it('reads as the app does', () => {
    expect(serviceName('/web')).toBe('web')
    expect(serviceName('/shop/web')).toBe('shop_web')
    expect(serviceName('/shop/db-1/main')).toBe('shop_db-1_main')
  })

  it('is one Swarm takes, whatever the id', () => {
    fc.assert(
      fc.property(appId, (id) => {
        const name = serviceName(id)
        expect(name).toMatch(GRAMMAR)
        expect(name.length).toBeLessThanOrEqual(63)
      }),
    )
  })

  it('leads back to the id when it was not cut', () => {
    fc.assert(
      fc.property(
        appId.filter((id) => id.length <= 64),
        (id) => {
          expect(idOfName(serviceName(id))).toBe(id)
        },
      ),
    )
  })

  it('keeps a readable head of a long id, and tells two long ids apart', () => {
    expect(serviceName(LONG)).toMatch(/^a{51}__[0-9a-f]{10}$|^a{50,}_?b*__[0-9a-f]{10}$/)
    expect(serviceName(`${LONG}x` as AppId)).not.toBe(serviceName(LONG))
  })

  it('is never the same for two ids', () => {
    fc.assert(
      fc.property(appId, appId, (a, b) => {
        fc.pre(a !== b)
        expect(serviceName(a)).not.toBe(serviceName(b))
      }),
    )
  })
})

describe('the id of a service that is not ours', () => {
  it('reads as the stack it came from', () => {
    expect(idOfName('shop_web')).toBe('/shop/web')
    expect(idOfName('f-roll')).toBe('/f-roll')
  })

  it('says where a name differs from its lower-case form', () => {
    expect(idOfName('MyService')).toMatch(/^\/swarm-name\/myservice\/[0-9a-f]+$/)
    expect(idOfName('a__b')).toMatch(/^\/swarm-name\/a--b\/[0-9a-f]+$/)
  })

  it('is valid and leads back to the name, whatever it is', () => {
    fc.assert(
      fc.property(swarmName, (name) => {
        const id = idOfName(name)
        expect(isAppId(id)).toBe(true)
        expect(serviceName(id)).toBe(name)
      }),
      { numRuns: 500 },
    )
  })

  it('cannot be taken for a name that looks like one of ours for others', () => {
    const tricky = 'swarm-name_myservice_14'
    expect(serviceName(idOfName(tricky))).toBe(tricky)
    expect(serviceName(idOfName('MySErvice'))).toBe('MySErvice')
  })
})

describe('the other names', () => {
  it('give every group a network of its own', () => {
    expect(groupNetwork('/')).toBe('intermodal')
    expect(groupNetwork('/shop')).toBe('intermodal_shop')
    expect(groupNetwork('/shop/db')).toBe('intermodal_shop_db')
    expect(groupNetwork(LONG).length).toBeLessThanOrEqual(63)
  })

  it('change with the content of a file, and with nothing else', () => {
    expect(contentName('/shop/web', 'a')).toBe(contentName('/shop/web', 'a'))
    expect(contentName('/shop/web', 'a')).not.toBe(contentName('/shop/web', 'b'))
    expect(contentName(LONG, 'a').length).toBeLessThanOrEqual(64)
  })

  it('keep name and key of a secret apart', () => {
    expect(splitLogicalName(logicalName('db', 'tls.crt'))).toEqual({ name: 'db', key: 'tls.crt' })
    expect(splitLogicalName(logicalName('db'))).toEqual({ name: 'db' })
    expect(versionedName(`${'d'.repeat(63)}.key`, '0123456789').length).toBe(64)
  })
})
