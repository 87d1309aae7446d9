import { type Adapter, APP_KINDS, canonicalJson } from 'intermodal'
import { simulated } from 'intermodal/simulated'
import { swarm } from 'intermodal/swarm'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/property.ts'
import { arbitraryApp } from './arbitrary-app.ts'
import { assertLosses, unexplained } from './groups/translation-laws.ts'

const adapters: Readonly<Record<string, Adapter>> = {
  simulated: simulated(),
  swarm: swarm({ host: 'tcp://127.0.0.1:9' }),
}

describe.each(Object.entries(adapters))('whatever fields an app has, %s', (_, adapter) => {
  const ofItsKinds = arbitraryApp(adapter.capabilities.kinds)

  test('gives it back as it was, but for what is named as lost', () => {
    fc.assert(
      fc.property(ofItsKinds, (app) => {
        expect(unexplained(adapter, app)).toEqual([])
      }),
    )
  })

  test('gives the same app of what it translates again', () => {
    fc.assert(
      fc.property(ofItsKinds, (app) => {
        const once = adapter.interpret(adapter.translate(app).native).app
        const twice = adapter.interpret(adapter.translate(once).native).app
        expect(canonicalJson(twice)).toBe(canonicalJson(once))
      }),
    )
  })

  test('names losses only of what is set, in sentences', () => {
    fc.assert(
      fc.property(arbitraryApp(APP_KINDS), (app) => {
        assertLosses(adapter.translate(app).losses, app)
      }),
    )
  })
})
