import { formatDuration } from '../app/quantity.ts'
import type { App } from '../app/schema.ts'
import type { Client } from '../client.ts'
import { sleep } from '../clock.ts'
import type { AppStatus } from '../status.ts'
import type { Move } from './moves.ts'
import type { Patience } from './patience.ts'

const LOOK_EVERY = 1_000

/** Whether the new side does all that is wanted of it. */
export function isReady(app: App, status: AppStatus | undefined): boolean {
  if (!status || status.observed.stale) return false
  const { counts, state, generation } = status
  switch (app.kind) {
    case 'job':
      return state === 'completed'
    case 'cron':
      return state === 'running' || state === 'suspended'
    case 'daemon':
      return state === 'running'
    default:
      return (
        generation.observed >= generation.desired &&
        counts.ready >= (app.replicas ?? Math.max(1, counts.desired))
      )
  }
}

/** `2 of 3 ready`. */
export function readiness(app: App | undefined, status: AppStatus | undefined): string {
  if (!status) return 'it is not there'
  const { kind, state, counts } = status
  if (kind === 'job' || kind === 'cron') return state
  return `${counts.ready} of ${app?.replicas ?? counts.desired} ready`
}

/**
 * Resolves once the new side has been ready for so long without a gap. Throws `ROLLOUT_FAILED` when it is not so for longer
 * than the patience lasts.
 */
export async function steady(
  { id, app }: Move,
  to: Client,
  hold: number,
  patience: Patience,
): Promise<AppStatus | undefined> {
  const { clock, signal } = patience
  const ready = () =>
    patience.until(
      to,
      id,
      (status) => isReady(app, status),
      (status) =>
        `${id} is not ready on ${to.cluster} after ${formatDuration(patience.limit)}: ${complaint(app, status)}`,
    )
  let status = await ready()
  let since = clock.now()
  while (clock.now() - since < hold) {
    await sleep(clock, Math.min(LOOK_EVERY, hold - (clock.now() - since)), signal)
    const next = await patience.status(to, id)
    if (isReady(app, next)) status = next
    else {
      status = await ready()
      since = clock.now()
    }
  }
  return status
}

/**
 * An app with an autoscaler begins with as few as that allows: it gets as many as the old side has, and what becomes of them is
 * the autoscaler's business.
 */
export async function enlarge(
  { id, app, count }: Move,
  to: Client,
  patience: Patience,
): Promise<void> {
  if (!app.autoscale || count === undefined) return
  const wanted = Math.min(count, app.autoscale.max)
  const status = await patience.status(to, id)
  if (status && status.counts.desired >= wanted) return
  await patience.ask(() => to.scale(id, wanted, { signal: patience.signal }))
  await patience.until(
    to,
    id,
    (found) => (found?.counts.ready ?? 0) >= wanted,
    (found) => `${id} does not grow to ${wanted} on ${to.cluster}: ${complaint(app, found)}`,
    app.update.progressDeadline,
  )
}

function complaint(app: App, status: AppStatus | undefined): string {
  const reason = status?.reasons[0]
  return `${readiness(app, status)}${reason ? `, ${reason.message}` : ''}`
}
