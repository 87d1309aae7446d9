import { canonicalJson, printApp } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { canonical } from '../../adapters/swarm/canonical.ts'
import { interpret } from '../../adapters/swarm/interpret.ts'
import { translate } from '../../adapters/swarm/translate.ts'
import { fc } from '../support/property.ts'
import { app } from './arbitrary.ts'
import { recorded, scenarios, specsOf } from './recordings.ts'

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

const all = recorded
  ? scenarios().flatMap((name) => specsOf(name).map((spec) => [name, spec] as const))
  : []

describe.runIf(recorded)('a recorded service', () => {
  it.each(all)('of %s means the same after going through the model', (_, service) => {
    const { app } = interpret({ service, configs: [], networks: [] })
    const { native } = translate(app)
    expect(canonical(native.service)).toEqual(canonical(service))
  })

  it('needs a patch only for what the model has no word for', () => {
    const places = all.flatMap(([, service]) => {
      const { app } = interpret({ service, configs: [], networks: [] })
      return app.native?.swarm ? leaves(app.native.swarm) : []
    })
    expect([...new Set(places)].sort()).toEqual([
      'EndpointSpec.Mode',
      // Once on every node: the model has jobs that run a number of times.
      'Mode.GlobalJob',
      'Mode.ReplicatedJob',
      'RollbackConfig.Delay',
      'RollbackConfig.Monitor',
      'RollbackConfig.Order',
      'RollbackConfig.Parallelism',
      // The check of the image, switched off.
      'TaskTemplate.ContainerSpec.Healthcheck.Test',
      'TaskTemplate.ContainerSpec.Hostname',
      // None: it does not join its group's.
      'TaskTemplate.Networks',
      'TaskTemplate.Resources.Limits.Pids',
      'TaskTemplate.RestartPolicy.Condition',
      'UpdateConfig.Monitor',
    ])
  })
})

function leaves(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  const inner = Object.entries(value)
  if (inner.length === 0) return [path]
  return inner.flatMap(([key, part]) => leaves(part, path === '' ? key : `${path}.${key}`))
}
