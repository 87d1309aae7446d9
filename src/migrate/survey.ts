import pLimit from 'p-limit'
import type { Loss, Selector } from '../adapter.ts'
import { defineApp } from '../app/define.ts'
import type { App, AppId } from '../app/schema.ts'
import type { Client } from '../client.ts'
import { IntermodalError } from '../errors.ts'
import type { AppStatus } from '../status.ts'
import type { MigrateOptions } from './options.ts'
import { type Origin, originOf } from './origin.ts'

/** So many apps are asked for at a time. */
const AT_ONCE = 8

/** One app as both sides have it at the beginning. */
export interface Seen {
  readonly id: AppId
  readonly old?: OldSide | undefined
  readonly new?: NewSide | undefined
}

interface OldSide {
  readonly status: AppStatus
  readonly app: App
  readonly losses: readonly Loss[]
  readonly filledIn: readonly string[]
}

interface NewSide {
  readonly status: AppStatus
  readonly app: App
  readonly origin: Origin | undefined
}

export interface Sides {
  readonly from: Client
  readonly to: Client
}

/** Which apps, and how both sides have them. Throws `APP_INVALID` for two sides that are one, `APP_NOT_FOUND` for no apps. */
export async function survey(
  { from, to }: Sides,
  which: readonly AppId[] | Selector,
  options: MigrateOptions,
): Promise<readonly Seen[]> {
  if (from === to || from.cluster === to.cluster) throw oneSide(from, to)
  const ids = isList(which) ? [...new Set(which)] : await selected({ from, to }, which, options)
  const limit = pLimit(AT_ONCE)
  const looks = ids.map((id) => limit(() => look({ from, to }, id, options)))
  const seen = await Promise.all(looks)
  const same = seen.find(isOneAppTwice)
  if (same) throw oneSide(from, to, same.id)
  return seen
}

function isList(which: readonly AppId[] | Selector): which is readonly AppId[] {
  return Array.isArray(which)
}

/** Those of the old side, and those that an earlier run has moved and removed from there. */
async function selected(
  { from, to }: Sides,
  selector: Selector,
  { signal, timeout }: MigrateOptions,
): Promise<readonly AppId[]> {
  const idsOf = (client: Client) =>
    Array.fromAsync(client.list(selector, { signal, timeout }), ({ id }) => id)
  const [old, now] = await Promise.all([idsOf(from), idsOf(to)])
  const rest = now.filter((id) => !old.includes(id))
  const moved = await Promise.all(
    rest.map(async (id) => {
      const { app } = await to.export(id, { signal, timeout })
      return originOf(app)?.from === from.cluster ? [id] : []
    }),
  )
  const ids = [...old, ...moved.flat()]
  if (ids.length > 0) return ids
  throw new IntermodalError('APP_NOT_FOUND', `there is no such app on ${from.cluster}`, {
    cluster: from.cluster,
    remedy: 'list() shows what is there',
  })
}

async function look(
  { from, to }: Sides,
  id: AppId,
  { signal, timeout }: MigrateOptions,
): Promise<Seen> {
  const options = { signal, timeout }
  const [was, is] = await Promise.all([from.status(id, options), to.status(id, options)])
  const [old, now] = await Promise.all([
    was ? from.export(id, options) : undefined,
    is ? to.export(id, options) : undefined,
  ])
  return {
    id,
    old:
      was && old
        ? {
            status: was,
            app: defineApp(old.app),
            losses: old.losses,
            filledIn: old.filledIn ?? [],
          }
        : undefined,
    new: is && now ? { status: is, app: defineApp(now.app), origin: originOf(now.app) } : undefined,
  }
}

/** Two addresses of one cluster show the same app down to its instances, and when it was made. */
function isOneAppTwice({ old, new: now }: Seen): boolean {
  if (!old || !now || old.status.createdAt === undefined) return false
  const print = ({ createdAt, revision, generation, instances }: AppStatus) =>
    JSON.stringify([
      createdAt,
      revision,
      generation.desired,
      instances.map(({ id, startedAt }) => `${id} ${startedAt}`).sort(),
    ])
  return now.origin === undefined && print(old.status) === print(now.status)
}

function oneSide(from: Client, to: Client, id?: AppId): IntermodalError {
  const what =
    id !== undefined
      ? `${from.cluster} and ${to.cluster} have the very same ${id}: they are one cluster`
      : from === to
        ? `${from.cluster} is the old and the new side`
        : `the old and the new side are both called ${from.cluster}`
  return new IntermodalError('APP_INVALID', what, {
    cluster: to.cluster,
    app: id,
    remedy:
      id === undefined && from !== to
        ? 'give one of them another name with connect(adapter, { name })'
        : 'name another cluster to move to',
  })
}
