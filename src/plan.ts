import type { Capabilities, ClusterNode, Loss } from './adapter.ts'
import { toPointer } from './app/pointer.ts'
import { printApp } from './app/print.ts'
import type { App, AppId } from './app/schema.ts'
import { diffApps } from './plan/diff.ts'
import { type Effect, effectOf, hasDowntime, lostClaims, strongest } from './plan/effect.ts'
import { show } from './plan/show.ts'
import { summarize } from './plan/summary.ts'
import { warningsFor } from './plan/warnings.ts'
import type { AppStatus } from './status.ts'

export { EFFECTS, type Effect } from './plan/effect.ts'

/** One difference between the live app and the wanted one. */
export interface PlanChange {
  /** JSON pointer into the app. */
  readonly path: string
  /** As in an app file: `"512Mi"`, not bytes. Absent: not there. */
  readonly before?: unknown
  readonly after?: unknown
  readonly effect: Effect
}

/** What `apply` would do with one app. Nothing was changed. */
export interface Plan {
  readonly app: AppId
  readonly cluster: string
  readonly action: 'create' | 'update' | 'none'
  /** The strongest effect of all changes. `replace`: removed and made anew; `apply` wants `replace: true` for it. */
  readonly effect: Effect
  /** How many running instances are replaced. */
  readonly restarts: number
  /** At some moment nothing serves. */
  readonly downtime: boolean
  /** Volumes whose content will be gone, by name. */
  readonly dataLoss: readonly string[]
  readonly changes: readonly PlanChange[]
  readonly losses: readonly Loss[]
  /** Things that will probably not work: an update that can find no place. */
  readonly warnings: readonly string[]
  /** One sentence: `rolling restart of 3 instances`. */
  readonly summary: string
}

/** All that `planApp` goes by. */
export interface PlanInput {
  readonly cluster: string
  /** Both as the engine would give them back, so that what it rounds or renames is no difference. */
  readonly wanted: App
  readonly live: App | undefined
  readonly status: AppStatus | undefined
  readonly capabilities: Pick<Capabilities, 'inPlace' | 'immutable'>
  readonly losses: readonly Loss[]
  /** For the forecast whether everything finds a place. */
  readonly nodes?: readonly ClusterNode[] | undefined
  /** Ids of the apps on the cluster, to tell which dependencies are missing. */
  readonly known?: ReadonlySet<AppId> | undefined
}

/** What a change from the live app to the wanted one does. Pure. */
export function planApp(input: PlanInput): Plan {
  const { wanted, live, status, cluster, losses } = input
  return live
    ? planUpdate(input, live)
    : {
        app: wanted.id,
        cluster,
        action: 'create',
        effect: 'none',
        restarts: 0,
        downtime: false,
        dataLoss: [],
        changes: Object.entries(printApp(wanted))
          .filter(([key]) => key !== 'id')
          .map(([key, after]) => ({
            path: toPointer([key]),
            after: show(after, [key]),
            effect: 'none',
          })),
        losses,
        warnings: [...ownerWarning(status), ...warningsFor(outlook(input, 'none'))],
        summary: summarize({ action: 'create', wanted }),
      }
}

function planUpdate(input: PlanInput, live: App): Plan {
  const { wanted, status, cluster, capabilities, losses } = input
  const current = currentReplicas(input, live)
  const differences = diffApps(live, wanted).flatMap((difference) => {
    if (difference.path[0] !== 'replicas' || difference.path.length > 1) return [difference]
    return difference.after === current ? [] : [{ ...difference, before: current }]
  })
  const changes = differences.map((difference): PlanChange => {
    const { path, before, after } = difference
    return {
      path: toPointer(path),
      ...(before === undefined ? {} : { before: show(before, path) }),
      ...(after === undefined ? {} : { after: show(after, path) }),
      effect: effectOf(difference, wanted, capabilities),
    }
  })
  const effect = strongest(changes.map((change) => change.effect))
  const { desired, running, ...rest } = outlook(input, effect)
  const replaces = effect === 'rollingRestart' || effect === 'recreate' || effect === 'replace'
  const scales = changes.some(({ path }) => path === '/replicas')
  const isService = wanted.kind === 'service' || wanted.kind === 'stateful'
  const restarts = !replaces
    ? 0
    : isService && effect !== 'replace'
      ? Math.min(running, desired)
      : running
  const downtime = (replaces || scales) && hasDowntime(effect, wanted, running, desired)
  const dataLoss = lostClaims(live, wanted, effect)
  const action = changes.length === 0 ? 'none' : 'update'
  return {
    app: wanted.id,
    cluster,
    action,
    effect,
    restarts,
    downtime,
    dataLoss,
    changes,
    losses,
    warnings: [
      ...(action === 'update' ? ownerWarning(status) : []),
      ...(isService && desired === 0 && wanted.replicas === undefined
        ? ['it is suspended and stays so: replicas is absent, so the live count of 0 is kept']
        : []),
      ...(action === 'update' ? warningsFor({ ...rest, desired, running }) : []),
    ],
    summary: summarize({ action, wanted, effect, restarts, downtime, dataLoss, changes }),
  }
}

/** Some engines do not write the count into the app; the status always has it. */
function currentReplicas({ status }: PlanInput, live: App): number | undefined {
  return live.replicas ?? status?.counts.desired
}

function outlook(input: PlanInput, effect: Effect) {
  const { wanted, live, status, cluster, nodes, known } = input
  const desired = (() => {
    if (wanted.kind === 'job') return wanted.job?.parallelism ?? 1
    if (wanted.kind === 'cron') return 0
    if (wanted.kind === 'daemon') return status?.counts.desired ?? 0
    return (
      wanted.replicas ??
      (live ? currentReplicas(input, live) : undefined) ??
      wanted.autoscale?.min ??
      1
    )
  })()
  const running = status?.counts.running ?? (live ? (live.replicas ?? 1) : 0)
  return { wanted, cluster, effect, desired, running, nodes, known }
}

function ownerWarning(status: AppStatus | undefined): readonly string[] {
  return status && !status.managed
    ? ['someone else made this app: apply takes it over only with force']
    : []
}
