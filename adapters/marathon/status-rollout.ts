import type { Instance, Reason, RolloutStatus, StatusFacts } from 'intermodal'
import { reason } from './failure.ts'
import { configuredAt, generationOf } from './revision.ts'
import type { Judging } from './status-instance.ts'
import type { Deployment, DeploymentAction } from './wire-answers.ts'

/** How long an app may look half-replaced without a deployment before it is believed, milliseconds: lists lag before 1.8.194. */
const LAG = 5_000

export interface Rolling {
  readonly judging: Judging
  readonly deployments: readonly Deployment[]
  readonly instances: readonly Instance[]
  readonly desired: number
  /** Since when instances of older revisions have run without a deployment, by our clock. */
  readonly undrivenSince: number | undefined
}

/** The deployment that is at work on this app; listed, or only named by the app. */
export function deploymentOf(
  app: Judging['app'],
  deployments: readonly Deployment[],
): Deployment | undefined {
  const ids = new Set((app.deployments ?? []).map(({ id }) => id))
  return (
    deployments.find(({ id }) => ids.has(id)) ??
    deployments.find(
      ({ affectedApps = [], affectedPods = [] }) =>
        affectedApps.includes(app.id) || affectedPods.includes(app.id),
    ) ??
    (ids.size > 0 ? { id: [...ids][0] as string } : undefined)
  )
}

/**
 * A deployment that is listed runs; one that is gone has succeeded only if version and counts say so. Left half done it was
 * cancelled, or another was forced over it: nobody finishes it by himself.
 */
export function rolloutOf(rolling: Rolling): RolloutStatus | undefined {
  const { judging, deployments, instances, desired, undrivenSince } = rolling
  const { revision, app, previous, now } = judging
  const deployment = deploymentOf(app, deployments)
  if (deployment) {
    return {
      state: 'running',
      revision,
      message: progressOf(deployment, app.id),
      ...since(deployment.version ?? app.version),
    }
  }
  const live = instances.filter(({ state }) => state === 'running')
  const outdated = live.filter((instance) => instance.revision !== revision)
  if (outdated.length > 0) {
    if (undrivenSince === undefined || now - undrivenSince < LAG)
      return { state: 'running', revision, message: 'waiting for its deployment to be listed' }
    return {
      state: 'cancelled',
      revision,
      message: `its deployment is gone with ${outdated.length} of ${live.length} instances still of an older version: it was cancelled, or another was forced over it`,
      since: undrivenSince,
    }
  }
  const ready = instances.filter((instance) => instance.ready).length
  const before = previous?.rollout
  const was = before?.state === 'succeeded' && before.revision === revision
  return was || ready >= desired
    ? { state: 'succeeded', revision, ...since(configuredAt(app)) }
    : undefined
}

/** `step 2 of 3: ScaleApplication /shop/web`. */
function progressOf(
  { id, currentStep, totalSteps, currentActions = [] }: Deployment,
  app: string,
): string {
  if (totalSteps === undefined) return `deployment ${id}`
  const mine =
    currentActions.find((action) => (action.app ?? action.pod) === app) ?? currentActions[0]
  const what = mine ? `: ${wordOf(mine)} ${mine.app ?? mine.pod ?? ''}`.trimEnd() : ''
  return `deployment ${id}, step ${Math.max(1, currentStep ?? 1)} of ${totalSteps}${what}`
}

function wordOf({ action, type }: DeploymentAction): string {
  return action ?? type ?? 'at work'
}

export function activityOf({ judging, deployments }: Rolling): StatusFacts['activity'] {
  const { app, revision, revisions } = judging
  if (!deploymentOf(app, deployments)) return undefined
  const { lastScalingAt, lastConfigChangeAt } = app.versionInfo ?? {}
  const scaled = generationOf(lastScalingAt)
  const configured = generationOf(lastConfigChangeAt)
  // A new app is scaled as well: both moments are its first.
  if (scaled > configured && scaled === generationOf(app.version)) return 'scaling'
  const before = [...revisions.entries()]
    .filter(([moment]) => moment < configured)
    .sort(([a], [b]) => b - a)
  return before[0]?.[1] === revision ? 'restarting' : undefined
}

/** It is in a deployment that works on other apps first. */
export function lockReasons({
  app,
  deployments,
  now,
}: Pick<Judging, 'app' | 'now'> & Pick<Rolling, 'deployments'>): readonly Reason[] {
  const deployment = deploymentOf(app, deployments)
  const actions = deployment?.currentActions ?? []
  const others = actions.flatMap((action) => action.app ?? action.pod ?? [])
  if (!deployment || others.length === 0 || others.includes(app.id)) return []
  return [
    reason(
      'LockedByDeployment',
      `deployment ${deployment.id} is at work on ${[...new Set(others)].join(', ')} first`,
      generationOf(deployment.version) || now,
    ),
  ]
}

function since(version: string | undefined): { readonly since?: number } {
  const time = generationOf(version)
  return time > 0 ? { since: time } : {}
}
