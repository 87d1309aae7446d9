import { describe, expect, it } from 'vitest'
import { redact } from '../../src/cli/redact.ts'
import { painter, plain } from '../../src/cli/style.ts'
import { allot, healthBar } from '../../src/cli/view/health-bar.ts'
import { renderStatuses } from '../../src/cli/view/status-table.ts'
import { age, cut, elapsed, safe } from '../../src/cli/view/text.ts'
import type { AppStatus, Instance } from '../../src/index.ts'

const COUNTS = {
  desired: 0,
  updated: 0,
  running: 0,
  ready: 0,
  healthy: 0,
  unhealthy: 0,
  unknown: 0,
  pending: 0,
  stopping: 0,
  overCapacity: 0,
  unscheduled: 0,
}

function status(
  change: Partial<Omit<AppStatus, 'counts'>> & { counts?: Partial<AppStatus['counts']> },
): AppStatus {
  return {
    id: '/shop/web',
    kind: 'service',
    image: 'registry.example.com/shop/web:1.4',
    state: 'running',
    reasons: [],
    revision: 'abc',
    generation: { desired: 1, observed: 1 },
    instances: [],
    labels: {},
    managed: true,
    observed: { at: 0, source: 'read', stale: false },
    ...change,
    counts: { ...COUNTS, ...change.counts },
  }
}

function instance(change: Partial<Instance>): Instance {
  return {
    id: 'i',
    state: 'running',
    health: 'none',
    ready: true,
    revision: 'abc',
    restarts: 0,
    ...change,
  }
}

describe('the health bar', () => {
  it('is full when all are healthy', () => {
    expect(healthBar(status({ counts: { desired: 3, healthy: 3 } }), plain)).toBe('██████████')
  })

  it('never shows an instance without a check as healthy', () => {
    const unchecked = status({ counts: { desired: 2 }, instances: [instance({}), instance({})] })
    expect(healthBar(unchecked, plain)).toBe('▓▓▓▓▓▓▓▓▓▓')
  })

  it('shows one sick instance among a hundred', () => {
    const bar = healthBar(status({ counts: { desired: 100, healthy: 99, unhealthy: 1 } }), plain)
    expect(bar).toBe('█████████╳')
  })

  it('shows what is missing and what starts', () => {
    const bar = healthBar(status({ counts: { desired: 4, healthy: 1, pending: 1 } }), plain)
    expect(bar).toBe('███▒▒░░░░░')
  })

  it('is empty for zero on purpose', () => {
    expect(healthBar(status({}), plain)).toBe('··········')
  })

  it.each([[[1, 1, 1]], [[99, 1, 0]], [[1, 1, 998]], [[7]], [[1, 1, 1, 1, 1]]])(
    'always has ten cells: %j',
    (shares) => {
      expect(allot(shares, 10).reduce((sum, cells) => sum + cells, 0)).toBe(10)
    },
  )
})

describe('the table of ps', () => {
  const now = () => 3_600_000
  it('has the columns people know', () => {
    const table = renderStatuses(
      [
        {
          cluster: 'prod',
          status: status({
            createdAt: 0,
            counts: { desired: 3, ready: 2, healthy: 2 },
            state: 'degraded',
            instances: [instance({ health: 'unhealthy', ready: false, restarts: 4 })],
            reasons: [{ code: 'CrashLoop', message: 'exits with 1 after 2s', count: 4, since: 0 }],
          }),
        },
      ],
      { paint: plain, now },
    )
    expect(table.split('\n')).toEqual([
      'APP        KIND     IMAGE    STATE     READY  HEALTH      RESTARTS  AGE  REASON',
      '/shop/web  service  web:1.4  degraded  2/3    ███████░░░  4         60m  CrashLoop: exits with 1 after 2s',
    ])
  })

  it('cuts only the reason to the width of the terminal', () => {
    const row = status({
      reasons: [{ code: 'NoNodes', message: 'x'.repeat(200), count: 1, since: 0 }],
    })
    const table = renderStatuses([{ cluster: 'c', status: row }], { paint: plain, now, width: 100 })
    expect(table.split('\n').map((line) => line.length)).toEqual([expect.any(Number), 100])
    expect(table).toContain('/shop/web')
    expect(table).toContain('…')
  })

  it('marks what is stale and what is not ours', () => {
    const row = status({ managed: false, observed: { at: 0, source: 'watch', stale: true } })
    const table = renderStatuses([{ cluster: 'prod', status: row }], {
      paint: plain,
      now,
      clusters: true,
    })
    expect(table).toContain('prod')
    expect(table).toContain('/shop/web (foreign)')
    expect(table).toContain('running (stale)')
  })

  it('lets nothing of a cluster steer the terminal', () => {
    const row = status({
      image: 'a\u001b[2Jb:1',
      reasons: [{ code: 'Unknown', message: 'x\u001b]0;title\u0007y\r\nz', count: 1, since: 0 }],
    })
    const table = renderStatuses([{ cluster: 'c', status: row }], { paint: plain, now })
    expect(table).not.toMatch(/[\p{Cc}--\n]/v)
    expect(table).toContain('ab:1')
  })
})

describe('words and colours', () => {
  it('show ages and elapsed times by their largest units', () => {
    expect([age(59_000), age(180_000), age(7_200_000), age(9 * 86_400_000)]).toEqual([
      '59s',
      '3m',
      '2h',
      '9d',
    ])
    expect([elapsed(5_900), elapsed(750_000), elapsed(3_723_000)]).toEqual([
      '0:05',
      '12:30',
      '1:02:03',
    ])
    expect([cut('abcdef', 4), cut('abc', 4)]).toEqual(['abc…', 'abc'])
    expect(safe('a\nb')).toBe('a b')
  })

  it('colour as NO_COLOR, FORCE_COLOR, --no-color and the terminal say', () => {
    const coloured = (env: Record<string, string>, isTTY: boolean, flag?: boolean) =>
      painter({ env }, isTTY, flag)('red', 'x') !== 'x'
    expect(coloured({}, true)).toBe(true)
    expect(coloured({}, false)).toBe(false)
    expect(coloured({ NO_COLOR: '1' }, true)).toBe(false)
    expect(coloured({ NO_COLOR: '' }, true)).toBe(true)
    expect(coloured({ FORCE_COLOR: '1' }, false)).toBe(true)
    expect(coloured({ FORCE_COLOR: '0' }, true)).toBe(false)
    expect(coloured({ FORCE_COLOR: '1' }, true, false)).toBe(false)
    expect(coloured({ TERM: 'dumb' }, true)).toBe(false)
  })

  it.each([
    ['swarm+ssh://me:hunter2@host', 'swarm+ssh://me:***@host'],
    ['tcp://:hunter2@host:2376/x', 'tcp://:***@host:2376/x'],
    ['at https://u:p%40ss@h and http://v:q@i', 'at https://u:***@h and http://v:***@i'],
    ['https://h/x?token=abc&a=1', 'https://h/x?token=***&a=1'],
    ['swarm+ssh://me@host', 'swarm+ssh://me@host'],
  ])('redact %s', (text, redacted) => {
    expect(redact(text)).toBe(redacted)
  })
})
