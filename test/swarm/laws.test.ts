import fc from 'fast-check'
import { canonicalJson, printApp } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { canonical } from '../../adapters/swarm/canonical.ts'
import { interpret } from '../../adapters/swarm/interpret.ts'
import { translate } from '../../adapters/swarm/translate.ts'
import { app } from './arbitrary.ts'

describe('there and back', () => {
  it('gives the same app again, its losses remembered', () => {
    fc.assert(
      fc.property(app, (wanted) => {
        const { native } = translate(wanted)
        const back = interpret(native)
        expect(printApp(back.app)).toEqual(printApp(wanted))
      }),
      { numRuns: 200 },
    )
  })

  it('gives an app that means the same when the memo is lost', () => {
    fc.assert(
      fc.property(app, (wanted) => {
        const { native } = translate(wanted)
        const { 'intermodal.memo': _, ...Labels } = native.service.Labels ?? {}
        const bare = { ...native, service: { ...native.service, Labels } }
        const again = translate(interpret(bare, { endpointMode: 'dnsrr' }).app)
        expect(canonical(again.native.service)).toEqual(canonical(native.service))
      }),
      { numRuns: 200 },
    )
  })

  it('is the same each time, whatever the order of keys', () => {
    fc.assert(
      fc.property(app, (wanted) => {
        expect(canonicalJson(translate(wanted))).toBe(canonicalJson(translate(wanted)))
      }),
      { numRuns: 50 },
    )
  })
})
