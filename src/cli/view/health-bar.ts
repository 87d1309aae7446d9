import type { AppStatus } from 'intermodal'
import type { Paint } from '../style.ts'

const CELLS = 10

/** Each part has a character of its own, so that it reads without colours too. */
const PARTS = [
  { key: 'healthy', cell: '█', colour: 'green' },
  { key: 'running', cell: '▓', colour: 'cyan' },
  { key: 'starting', cell: '▒', colour: 'yellow' },
  { key: 'unhealthy', cell: '╳', colour: 'red' },
  { key: 'missing', cell: '░', colour: 'gray' },
] as const

type Part = (typeof PARTS)[number]['key']

/**
 * What the wanted instances are doing, in ten cells: healthy, running without a check, starting or unknown, unhealthy,
 * missing. Every part that is there has at least one cell.
 */
export function healthBar(status: AppStatus, paint: Paint): string {
  const shares = sharesOf(status)
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0)
  if (total === 0) return paint('dim', '·'.repeat(CELLS))
  const cells = allot(
    PARTS.map(({ key }) => shares[key]),
    CELLS,
  )
  return PARTS.map(({ cell, colour }, index) => {
    const length = cells[index] ?? 0
    return length > 0 ? paint(colour, cell.repeat(length)) : ''
  }).join('')
}

function sharesOf(status: AppStatus): Record<Part, number> {
  const { counts } = status
  if (status.kind === 'job' || status.kind === 'cron') {
    const live = counts.running + counts.pending
    const done = Math.min(counts.updated, counts.desired)
    return {
      healthy: done,
      running: 0,
      starting: live,
      unhealthy: status.state === 'failed' ? Math.max(0, counts.desired - done) : 0,
      missing: status.state === 'failed' ? 0 : Math.max(0, counts.desired - done - live),
    }
  }
  const unchecked = status.instances.filter(
    ({ state, health, ready }) => state === 'running' && health === 'none' && ready,
  ).length
  const warming = status.instances.filter(
    ({ state, health }) => state === 'running' && (health === 'warmingUp' || health === 'unknown'),
  ).length
  const shown = counts.healthy + unchecked + warming + counts.unhealthy
  const starting = warming + Math.min(counts.pending, Math.max(0, counts.desired - shown))
  return {
    healthy: counts.healthy,
    running: unchecked,
    starting,
    unhealthy: counts.unhealthy,
    missing: Math.max(0, counts.desired - counts.healthy - unchecked - starting - counts.unhealthy),
  }
}

/** Shares as whole cells: at least one for each that is there, the rest by largest remainder. */
export function allot(shares: readonly number[], cells: number): number[] {
  const total = shares.reduce((sum, share) => sum + share, 0)
  const exact = shares.map((share) => (share / total) * cells)
  const allotted = exact.map((value, index) =>
    shares[index] === 0 ? 0 : Math.max(1, Math.floor(value)),
  )
  const sum = () => allotted.reduce((left, right) => left + right, 0)
  while (sum() < cells) {
    const rest = exact.map((value, index) =>
      shares[index] === 0 ? -1 : value - (allotted[index] ?? 0),
    )
    const index = rest.indexOf(Math.max(...rest))
    allotted[index] = (allotted[index] ?? 0) + 1
  }
  while (sum() > cells) {
    const index = allotted.indexOf(Math.max(...allotted))
    allotted[index] = (allotted[index] ?? 0) - 1
  }
  return allotted
}
