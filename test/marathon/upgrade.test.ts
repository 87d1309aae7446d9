import { describe, expect, it } from 'vitest'
import { capacities, countsOf, readUpgrade } from '../../adapters/marathon/upgrade.ts'
import { fc } from '../support/property.ts'

const replicas = fc.integer({ min: 1, max: 5000 })

describe('the fractions of an upgrade', () => {
  it('make Marathon keep exactly as many healthy as a count of missing ones allows', () => {
    fc.assert(
      fc.property(replicas, fc.nat({ max: 5000 }), (n, missing) => {
        const allowed = Math.min(missing, n)
        const strategy = capacities(
          { strategy: 'rolling', maxUnavailable: missing, maxSurge: 0 },
          n,
        )
        expect(countsOf(strategy, n).healthy).toBe(n - allowed)
      }),
    )
  })

  it('make Marathon start exactly as many more as a count of them allows, up to twice as many', () => {
    fc.assert(
      fc.property(replicas, fc.nat({ max: 5000 }), (n, over) => {
        const strategy = capacities({ strategy: 'rolling', maxUnavailable: 0, maxSurge: over }, n)
        expect(countsOf(strategy, n).most).toBe(n + Math.min(over, n))
      }),
    )
  })

  // 25 * 0.56 is 14.000000000000002, which Marathon rounds up to 15.
  it('hold in the binary arithmetic of Marathon, for every count of up to 300', () => {
    const wrong: string[] = []
    for (let n = 1; n <= 300; n += 1) {
      for (let count = 0; count <= n; count += 1) {
        const { healthy, most } = countsOf(
          capacities({ strategy: 'rolling', maxUnavailable: count, maxSurge: count }, n),
          n,
        )
        if (healthy !== n - count || most !== n + count) wrong.push(`${count} of ${n}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('carry a share in percent as it is, whatever the count', () => {
    fc.assert(
      fc.property(replicas, fc.integer({ min: 0, max: 100 }), (n, percent) => {
        const share = `${percent}%` as const
        const strategy = capacities(
          { strategy: 'rolling', maxUnavailable: share, maxSurge: share },
          n,
        )
        expect(strategy.minimumHealthCapacity).toBeCloseTo(1 - percent / 100, 6)
        expect(strategy.maximumOverCapacity).toBeCloseTo(percent / 100, 6)
        expect(n - countsOf(strategy, n).healthy).toBe(Math.floor((n * percent) / 100))
      }),
    )
  })

  it('stop all before the first new one starts when an app is recreated', () => {
    const strategy = capacities({ strategy: 'recreate', maxUnavailable: '100%', maxSurge: 0 }, 3)
    expect(strategy).toEqual({ minimumHealthCapacity: 0, maximumOverCapacity: 0 })
    expect(readUpgrade(strategy, 3)).toEqual({ strategy: 'recreate' })
  })

  it.each([
    [{}, 3, { maxUnavailable: 0, maxSurge: '100%' }],
    [
      { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 },
      4,
      { maxUnavailable: '50%', maxSurge: 0 },
    ],
    [
      { minimumHealthCapacity: 0.666666, maximumOverCapacity: 0.333334 },
      3,
      { maxUnavailable: 1, maxSurge: 1 },
    ],
    // Marathon then starts one more all the same; the model calls that a surge of one.
    [{ minimumHealthCapacity: 1, maximumOverCapacity: 0 }, 3, { maxUnavailable: 0, maxSurge: 1 }],
  ])('reads %j of %i instances as %j', (strategy, n, expected) => {
    expect(readUpgrade(strategy, n)).toEqual(expected)
  })
})
