import { distance } from 'fastest-levenshtein'
import { type AppId, IntermodalError, nameOf } from 'intermodal'
import type { Context } from './command.ts'
import { openOne, type TargetFlags } from './session.ts'

/** An id two slips of the finger away is taken for the one that was meant. */
const SLIPS = 2
const SHOWN = 3

/**
 * The error with what the person may have meant in its remedy, when it says that an app is not there; any other as it is.
 * Asks the cluster once which apps it has: nothing else about the command matters any more.
 */
export async function withNearest(
  context: Context,
  flags: TargetFlags,
  error: unknown,
): Promise<unknown> {
  if (!IntermodalError.is(error) || error.code !== 'APP_NOT_FOUND' || !error.app) return error
  const { message, app, cluster } = error
  const details = { app, cluster, cause: error }
  try {
    await using session = await openOne(context, flags, 'look')
    const ids: AppId[] = []
    for await (const { id } of session.client.list({}, { signal: context.io.signal })) ids.push(id)
    const remedy = remedyFor(app, ids, session.target.flag)
    return new IntermodalError('APP_NOT_FOUND', message, { ...details, remedy })
  } catch {
    // The first failure is the one to tell; this was only to help with it.
    return error
  }
}

function remedyFor(app: string, ids: readonly AppId[], on: string): string {
  if (ids.length === 0) return `there is no app at all on ${on}; is that the right --on?`
  const near = nearest(app, ids)
  if (near.length === 0) return `see the ${ids.length} there are with: intermodal ps --on ${on}`
  return `did you mean ${near.join(' or ')}?`
}

/** Apps of the same name in another group, and those spelt almost the same; the nearest first. */
export function nearest(app: string, ids: readonly AppId[]): readonly AppId[] {
  return ids
    .map((id) => ({ id, slips: distance(app, id), sameName: nameOf(id) === app.split('/').at(-1) }))
    .filter(({ slips, sameName }) => sameName || slips <= SLIPS)
    .sort((a, b) => a.slips - b.slips)
    .slice(0, SHOWN)
    .map(({ id }) => id)
}
