import { formatDuration } from '../app/quantity.ts'
import type { App, AppId } from '../app/schema.ts'
import { type Clock, sleep } from '../clock.ts'
import { IntermodalError } from '../errors.ts'
import type { AppStatus } from '../status.ts'
import type { GroupTarget } from './target.ts'

export type Condition = App['dependsOn'][AppId]

/** Whether an app is as far as one that depends on it needs it. */
export function isMet(condition: Condition, status: AppStatus | undefined): boolean {
  if (!status || status.observed.stale) return false
  switch (condition) {
    case 'started':
      return status.counts.running > 0 || status.state === 'running' || status.state === 'completed'
    case 'healthy':
      return status.state === 'running' || status.state === 'completed'
    case 'completed':
      return status.state === 'completed'
  }
}

const FIRST_REST = 500
const LONGEST_REST = 5_000

/**
 * Resolves when a live app is as far as `app` needs it. Throws `ROLLOUT_FAILED` when it will not get there by itself,
 * `TIMEOUT` after the progress deadline of the app that waits.
 */
export async function awaitDependency(
  target: Pick<GroupTarget, 'status' | 'cluster'>,
  app: App,
  id: AppId,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const condition = app.dependsOn[id] ?? 'started'
  const { cluster } = target
  const limit = app.update.progressDeadline
  const deadline = clock.now() + limit
  let last = 'not seen yet'
  for (let rest = FIRST_REST; ; rest = Math.min(rest * 2, LONGEST_REST)) {
    const status = await look(target, id, signal)
    if (isMet(condition, status)) return
    if (status) {
      last = status.state
      const hopeless = hopelessness(condition, status)
      if (hopeless) {
        throw new IntermodalError('ROLLOUT_FAILED', `${app.id} needs ${id}, which ${hopeless}`, {
          cluster,
          app: app.id,
          remedy: `see to ${id} first: explain() tells more`,
        })
      }
    }
    if (clock.now() + rest > deadline) {
      throw new IntermodalError(
        'TIMEOUT',
        `${app.id} waited ${formatDuration(limit)} for ${id} on ${cluster} to be ${condition}; it is ${last}`,
        { cluster, app: app.id, remedy: `see to ${id} first: explain() tells more` },
      )
    }
    await sleep(clock, rest, signal)
  }
}

/** A cluster that cannot be asked for a moment is asked again. */
async function look(
  target: Pick<GroupTarget, 'status'>,
  id: AppId,
  signal: AbortSignal,
): Promise<AppStatus | undefined> {
  try {
    return await target.status(id, { signal })
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (IntermodalError.is(error) && error.retryable) return undefined
    throw error
  }
}

function hopelessness(condition: Condition, status: AppStatus): string | undefined {
  if (status.state === 'suspended') return 'is suspended'
  if (status.kind === 'job' && status.state === 'failed') return 'has failed'
  if (condition === 'completed' && status.kind !== 'job')
    return `is a ${status.kind} and never completes`
  return undefined
}
