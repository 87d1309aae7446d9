import type { AppStatus, Reason } from 'intermodal'
import type { Paint } from '../style.ts'
import { healthBar } from './health-bar.ts'
import { renderTable } from './table.ts'
import { age, cut, safe } from './text.ts'
import { stateWord } from './words.ts'

/** A status and the cluster it is on. */
export interface Placed {
  readonly cluster: string
  readonly status: AppStatus
}

export interface TableOptions {
  readonly paint: Paint
  /** Milliseconds since the epoch, by the cluster's clock. */
  readonly now: (cluster: string) => number
  readonly wide?: boolean | undefined
  /** With a column for the cluster. */
  readonly clusters?: boolean | undefined
  /** Columns of the terminal; rows are cut to them. Absent: nothing is cut. */
  readonly width?: number | undefined
}

/** The table of `intermodal ps`. */
export function renderStatuses(rows: readonly Placed[], options: TableOptions): string {
  const { paint, wide, clusters } = options
  const headings = [
    ...(clusters ? ['CLUSTER'] : []),
    'APP',
    'KIND',
    'IMAGE',
    'STATE',
    'READY',
    'HEALTH',
    'RESTARTS',
    'AGE',
    ...(wide ? ['UPDATED', 'REVISION', 'NODES', 'LABELS', 'SEEN'] : []),
    'REASON',
  ]
  const cells = rows.map(({ cluster, status }) => [
    ...(clusters ? [cluster] : []),
    status.managed ? status.id : `${status.id} ${paint('dim', '(foreign)')}`,
    status.kind,
    wide ? safe(status.image) : shortImage(status.image),
    stateWord(status.state, paint) + (status.observed.stale ? paint('magenta', ' (stale)') : ''),
    readiness(status),
    healthBar(status, paint),
    String(restartsOf(status)),
    status.createdAt === undefined ? '-' : age(options.now(cluster) - status.createdAt),
    ...(wide
      ? [
          `${status.counts.updated}/${status.counts.desired}`,
          status.revision,
          nodesOf(status),
          labelsOf(status),
          status.observed.source,
        ]
      : []),
    reasonOf(status.reasons),
  ])
  return fit(headings, cells, options)
}

/** `2/3`: ready of desired; of a job, finished of wanted. */
export function readiness(status: AppStatus): string {
  const { counts, kind } = status
  const done = kind === 'job' || kind === 'cron' ? counts.updated : counts.ready
  return `${done}/${counts.desired}`
}

export function restartsOf(status: AppStatus): number {
  return status.instances.reduce((sum, { restarts }) => sum + restarts, 0)
}

function shortImage(image: string): string {
  const [name = image] = safe(image).split('@sha256:')
  return cut(name.slice(name.lastIndexOf('/') + 1), 40)
}

function nodesOf(status: AppStatus): string {
  const nodes = new Set(status.instances.flatMap(({ node }) => (node === undefined ? [] : [node])))
  return nodes.size === 0 ? '-' : [...nodes].sort().map(safe).join(',')
}

function labelsOf(status: AppStatus): string {
  const labels = Object.entries(status.labels).map(([key, value]) => `${key}=${safe(value)}`)
  return labels.length === 0 ? '-' : labels.join(',')
}

function reasonOf([first, ...more]: readonly Reason[]): string {
  if (!first) return '-'
  return `${first.code}: ${safe(first.message)}${more.length > 0 ? ` (+${more.length})` : ''}`
}

/** Cuts the last column, the reason, to what the terminal has left: every other column stays whole. */
function fit(
  headings: readonly string[],
  rows: readonly string[][],
  options: TableOptions,
): string {
  const { paint, width } = options
  const whole = renderTable(headings, rows, paint)
  if (width === undefined) return whole
  const last = headings.length - 1
  const short = renderTable(
    headings,
    rows.map((row) => row.with(last, '')),
    (_, text) => text,
  )
  const left = Math.max(
    12,
    width - (short.split('\n')[0]?.length ?? 0) + (headings[last]?.length ?? 0),
  )
  return renderTable(
    headings,
    rows.map((row) => row.with(last, cut(row[last] ?? '', left))),
    paint,
  )
}
