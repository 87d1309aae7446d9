import {
  defineApp,
  formatCpu,
  formatDuration,
  formatMemory,
  parseCpu,
  parseDuration,
  parseMemory,
  resolveAmount,
} from 'intermodal'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/property.ts'

const amounts = fc.nat(Number.MAX_SAFE_INTEGER)

function memoryOf(memory: ReturnType<typeof formatMemory>): number | undefined {
  return defineApp({ id: '/a', image: 'x', resources: { limits: { memory } } }).resources.limits
    ?.memory
}

describe('durations', () => {
  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['0s', 0],
    ['2h5m0.25s', 7_500_250],
  ])('reads %s as %i milliseconds', (text, expected) => {
    expect(parseDuration(text)).toBe(expected)
  })

  test.each([
    '30',
    '',
    's',
    '-1s',
    '1 s',
    '1d',
    '1S',
    '1e3s',
    'PT30S',
    '.5s',
    `${'9'.repeat(400)}h`,
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  test('are written as the text that is read back as the same number', () => {
    fc.assert(
      fc.property(amounts, (value) => {
        expect(parseDuration(formatDuration(value))).toBe(value)
      }),
    )
  })

  test('are written with as few units as it takes', () => {
    expect([90_000, 0, 3_600_000, 61_001].map(formatDuration)).toEqual([
      '1m30s',
      '0s',
      '1h',
      '1m1s1ms',
    ])
  })
})

describe('memory', () => {
  test.each([
    ['512Mi', 536_870_912],
    ['1.5Gi', 1_610_612_736],
    ['128M', 128_000_000],
    ['1k', 1000],
    ['1Ti', 2 ** 40],
    ['1048576', 1_048_576],
  ])('reads %s as %i bytes', (text, expected) => {
    expect(parseMemory(text)).toBe(expected)
  })

  // Milli-bytes in Kubernetes, mebibytes in Docker; decimal in OAM; no unit at all in Marathon, where it is mebibytes.
  test.each([
    '128m',
    '1g',
    '512MB',
    '512Mib',
    '1K',
    '-1Mi',
    '1 Gi',
    '',
    'Mi',
    `${'9'.repeat(30)}Ti`,
  ])('refuses %j', (text) => {
    expect(parseMemory(text)).toBeUndefined()
  })

  test('is written as what an app may have and reads back as the same number', () => {
    fc.assert(
      fc.property(fc.oneof(amounts, fc.nat(2 ** 21)), (value) => {
        fc.pre(value > 0)
        expect(memoryOf(formatMemory(value))).toBe(value)
      }),
    )
  })

  test('is written as the shortest text that is exact', () => {
    expect([2 ** 29, 1.5 * 2 ** 30, 128e6, 1_048_577, 500].map(formatMemory)).toEqual([
      '512Mi',
      '1536Mi',
      '128M',
      1_048_577,
      '0.5k',
    ])
  })
})

describe('cpu', () => {
  test.each([
    [0.25, 250],
    ['250m', 250],
    ['0.5', 500],
    [2, 2000],
    [0.1 + 0.2, 300],
    [1.0005, 1001],
  ])('reads %j as %i millicores', (value, expected) => {
    expect(parseCpu(value)).toBe(expected)
  })

  test.each(['1 core', '250M', '-1', '', 'm', Number.NaN, Number.POSITIVE_INFINITY, -1])(
    'refuses %j',
    (value) => {
      expect(parseCpu(value)).toBeUndefined()
    },
  )

  test('is written as what reads back as the same number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (millicores) => {
        expect(parseCpu(formatCpu(millicores))).toBe(millicores)
      }),
    )
  })

  test('is written in cores where that is short', () => {
    expect([250, 2000, 333].map(formatCpu)).toEqual([0.25, 2, '333m'])
  })
})

describe('resolveAmount', () => {
  test('takes a count as it is', () => {
    expect(resolveAmount(3, 10, Math.floor)).toBe(3)
  })

  test('rounds a share the way the engine does', () => {
    expect(resolveAmount('25%', 10, Math.floor)).toBe(2)
    expect(resolveAmount('25%', 10, Math.ceil)).toBe(3)
  })

  test('does not round up what is exact, for any share of any count', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.nat(10_000), (percent, hundreds) => {
        expect(resolveAmount(`${percent}%`, hundreds * 100, Math.ceil)).toBe(percent * hundreds)
      }),
    )
  })

  test('stays between none and all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.nat(10_000), (percent, replicas) => {
        const [low, high] = [Math.floor, Math.ceil].map((round) =>
          resolveAmount(`${percent}%`, replicas, round),
        ) as [number, number]
        expect(low).toBeGreaterThanOrEqual(0)
        expect(high).toBeLessThanOrEqual(replicas)
        expect(high - low).toBeLessThanOrEqual(1)
      }),
    )
  })
})
