import { defineApp } from '../app/define.ts'
import { defineGroup } from '../app/group.ts'
import type { App, AppId } from '../app/schema.ts'
import type { Client } from '../client.ts'
import { IntermodalError } from '../errors.ts'
import type { AppStatus } from '../status.ts'
import type { MigrateOptions, Settings } from './options.ts'
import { withOrigin } from './origin.ts'
import type { MigrationStage } from './plan.ts'
import type { Seen, Sides } from './survey.ts'

/** What is to be done with one app. */
export interface Move {
  readonly id: AppId
  readonly stage: MigrationStage
  /** As the new side shall have it, its origin included. */
  readonly app: App
  readonly seen: Seen
  /** How many instances there were before anything was taken away; absent for kinds without a count. */
  readonly count: number | undefined
  /** A schedule that was held before it was moved, and stays so. */
  readonly asleep: boolean
  /** The revision of an app on the new side that somebody else made, and that this one takes the place of. */
  readonly over: string | undefined
  /** How many of those were ready: going back asks for no more than there was. */
  readonly wasReady: number
  /** Apps of this migration that have to be on the new side before it. */
  readonly needs: readonly AppId[]
  /** Apps of the new side that it waits for, and that are not moved with it. */
  readonly needsThere: readonly AppId[]
  /** Apps it needs that are nowhere on the new side. */
  readonly missing: readonly AppId[]
}

/** In the order of their dependencies. Throws what makes the migration impossible, everything at once. */
export async function movesOf(
  sides: Sides,
  seen: readonly Seen[],
  options: MigrateOptions,
  settings: Settings,
): Promise<readonly Move[]> {
  const given = new Map((options.apps ?? []).map(defineApp).map((app) => [app.id, app]))
  const problems = [
    ...strangers(given, seen, sides.from),
    ...seen.flatMap((each) => problemOf(each, sides, settings) ?? []),
  ]
  if (problems.length > 0) throw together(problems)
  const drafts = new Map(seen.map((each) => [each.id, draftOf(each, given, sides, settings)]))
  const { apps } = defineGroup([...drafts.values()].map(({ app }) => app))
  const outside = await outsideOf(sides.to, apps, options)
  return apps.map((app) => {
    const draft = drafts.get(app.id) as Draft
    const needs = Object.keys(app.dependsOn) as AppId[]
    return {
      ...draft,
      needs: needs.filter((id) => drafts.get(id) && drafts.get(id)?.stage !== 'skip'),
      needsThere: needs.filter((id) => outside.get(id) === true),
      missing: needs.filter((id) => outside.get(id) === false),
    }
  })
}

type Draft = Omit<Move, 'needs' | 'needsThere' | 'missing'>

function draftOf(
  seen: Seen,
  given: ReadonlyMap<AppId, App>,
  { from }: Sides,
  settings: Settings,
): Draft {
  const { id, old } = seen
  // What is taken over counts as not being there: nothing of it was moved.
  const now = isMovedFrom(from, seen) ? seen.new : undefined
  const over = now ? now.origin?.over : seen.new?.status.revision
  const source = given.get(id) ?? old?.app ?? now?.app
  if (!source) throw new TypeError(`${id} is on neither side`)
  const counted = source.kind === 'service' || source.kind === 'stateful'
  const desired = old?.status.counts.desired ?? 0
  const count = counted ? Math.max(desired, now?.origin?.replicas ?? 0) : undefined
  const asleep =
    source.kind === 'cron' &&
    (now?.origin ? now.origin.replicas === 0 : old?.status.state === 'suspended')
  const origin = { from: from.cluster, replicas: asleep ? 0 : count, over }
  const replicas =
    count === undefined || source.autoscale ? undefined : (given.get(id)?.replicas ?? count)
  const stage = stageOf({ id, old, new: now }, settings)
  return {
    id,
    stage,
    app: withOrigin(source, origin, replicas),
    seen: { id, old, new: now },
    count,
    asleep,
    over,
    wasReady: Math.min(count ?? 0, now ? (count ?? 0) : (old?.status.counts.ready ?? 0)),
  }
}

function stageOf({ old, new: now }: Seen, { finish, rerunJobs }: Settings): MigrationStage {
  if (old && old.app.kind === 'job' && !rerunJobs && !now) return 'skip'
  if (!now) return 'start'
  if (!old) return 'done'
  const isThere = isUp(now.status, now.origin?.replicas)
  if (!isThere || (finish !== 'keep' && !isDown(old.status))) return 'shift'
  return finish === 'remove' ? 'finish' : 'done'
}

function isDown({ kind, state, counts }: AppStatus): boolean {
  if (kind === 'job' || kind === 'daemon') return true
  return kind === 'cron' ? state === 'suspended' : counts.desired === 0 && counts.running === 0
}

function isUp({ kind, state, counts }: AppStatus, count = 0): boolean {
  if (kind === 'job') return state === 'completed'
  return counts.ready >= count && (state === 'running' || state === 'suspended')
}

function problemOf(
  seen: Seen,
  { from, to }: Sides,
  { rerunJobs, force }: Settings,
): IntermodalError | undefined {
  const { id, old, new: now } = seen
  if (now && !isMovedFrom(from, seen) && !(old && force)) {
    const whose = now.origin ? `came from ${now.origin.from}` : 'was not moved there'
    return old
      ? new IntermodalError('CONFLICT', `${id} is on ${to.cluster} already, and ${whose}`, {
          cluster: to.cluster,
          app: id,
          remedy: 'remove it there, leave it out, or take it over with { force: true } (--force)',
        })
      : notThere(id, from, `; the one on ${to.cluster} ${whose}`)
  }
  if (!old) return now ? undefined : notThere(id, from, '')
  if (old.app.kind === 'job' && !rerunJobs && !now && old.status.state !== 'completed') {
    return new IntermodalError(
      'CONFLICT',
      `${id} on ${from.cluster} is a job that is ${old.status.state}`,
      {
        cluster: from.cluster,
        app: id,
        remedy: 'wait until it has completed, leave it out, or have it run again on the new side',
      },
    )
  }
  return undefined
}

function isMovedFrom({ cluster }: Client, { new: now }: Seen): boolean {
  return now?.origin?.from === cluster
}

function notThere(id: AppId, { cluster }: Client, more: string): IntermodalError {
  return new IntermodalError('APP_NOT_FOUND', `there is no app ${id} on ${cluster}${more}`, {
    cluster,
    app: id,
    remedy: 'list() shows what is there',
  })
}

function strangers(
  given: ReadonlyMap<AppId, App>,
  seen: readonly Seen[],
  { cluster }: Client,
): IntermodalError[] {
  const ids = new Set(seen.map(({ id }) => id))
  return [...given.keys()]
    .filter((id) => !ids.has(id))
    .map(
      (id) =>
        new IntermodalError('APP_INVALID', `${id} is given, and is not among the apps that move`, {
          cluster,
          app: id,
          remedy: 'name it as well, or leave it out',
        }),
    )
}

/** Whether what apps need beyond each other is on the new side. */
async function outsideOf(
  to: Client,
  apps: readonly App[],
  { signal, timeout }: MigrateOptions,
): Promise<ReadonlyMap<AppId, boolean>> {
  const inside = new Set(apps.map(({ id }) => id))
  const outside = new Set(apps.flatMap(({ dependsOn }) => Object.keys(dependsOn) as AppId[]))
  const looks = [...outside]
    .filter((id) => !inside.has(id))
    .map(async (id) => [id, (await to.status(id, { signal, timeout })) !== undefined] as const)
  return new Map(await Promise.all(looks))
}

function together(problems: readonly IntermodalError[]): IntermodalError {
  const [first] = problems
  if (!first) throw new TypeError('there is no problem')
  if (problems.length === 1) return first
  const lines = problems.map(({ message }) => `\n- ${message}`)
  return new IntermodalError(
    first.code,
    `nothing was moved, for ${problems.length} reasons:${lines.join('')}`,
    { cluster: first.cluster, remedy: first.remedy, cause: first },
  )
}
