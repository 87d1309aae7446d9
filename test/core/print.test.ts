import { defineApp, printApp } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { arbitraryApp as arbitraryFields } from '../conformance/arbitrary-app.ts'
import { fc } from '../support/property.ts'
import { arbitraryApp as arbitraryAmounts } from './arbitrary-app.ts'

describe('printApp', () => {
  it.each([
    ['any fields together', arbitraryFields()],
    ['any amounts and names', arbitraryAmounts],
  ])('prints what defineApp makes the same app of: %s', (_, apps) => {
    fc.assert(
      fc.property(apps, (app) => {
        expect(defineApp(printApp(app))).toStrictEqual(app)
      }),
      { numRuns: 300 },
    )
  })

  it('writes nothing for what is a default anyway', () => {
    const app = defineApp({ id: '/shop/web', image: 'web:1' })
    expect(printApp(app)).toEqual({ id: '/shop/web', image: 'web:1' })
  })

  it('writes quantities and durations the way people do', () => {
    const printed = printApp(
      defineApp({
        id: '/shop/web',
        image: 'web:1',
        resources: { requests: { cpu: 0.25, memory: 536870912 }, limits: { disk: '1000M' } },
        probes: { readiness: { type: 'http', port: 80, interval: '90s', timeout: '5000ms' } },
        stop: { gracePeriod: '500ms' },
        volumes: { data: { type: 'claim', mountPath: '/data', size: '10Gi' } },
      }),
    )
    expect(printed).toMatchObject({
      resources: { requests: { cpu: 0.25, memory: '512Mi' }, limits: { disk: '1G' } },
      probes: { readiness: { type: 'http', port: 80, interval: '1m30s' } },
      stop: { gracePeriod: '500ms' },
      volumes: { data: { size: '10Gi' } },
    })
    expect(printed.probes?.readiness).not.toHaveProperty('timeout')
  })

  it('names dependencies of the same group by their last name only', () => {
    const app = defineApp({
      id: '/shop/web',
      image: 'web:1',
      dependsOn: { db: 'healthy', '/infra/queue': 'started' },
    })
    expect(printApp(app).dependsOn).toEqual({ db: 'healthy', '/infra/queue': 'started' })
  })

  it('leaves out an update budget that follows from the other', () => {
    const app = (update: object) =>
      printApp(defineApp({ id: '/web', image: 'web:1', update })).update
    expect(app({ maxUnavailable: 0, maxSurge: 1 })).toBeUndefined()
    expect(app({ maxUnavailable: 1 })).toEqual({ maxUnavailable: 1 })
    expect(app({ maxUnavailable: 1, maxSurge: 0 })).toEqual({ maxUnavailable: 1 })
    expect(app({ maxUnavailable: 0, maxSurge: '50%' })).toEqual({ maxSurge: '50%' })
    expect(app({ maxUnavailable: 1, maxSurge: 2 })).toEqual({ maxUnavailable: 1, maxSurge: 2 })
  })

  it('leaves out the job that every job is, and the restart condition of its kind', () => {
    const app = defineApp({ id: '/migrate', kind: 'job', image: 'migrate:1' })
    expect(printApp(app)).toEqual({ id: '/migrate', kind: 'job', image: 'migrate:1' })
  })

  it('leaves native patches as they are', () => {
    const native = { swarm: { TaskTemplate: { Runtime: 'x', Empty: {} } } }
    const app = defineApp({ id: '/web', image: 'web:1', native })
    expect(printApp(app).native).toEqual(native)
  })
})
