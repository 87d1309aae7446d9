import { z } from 'zod'
import { once } from './named.ts'

/** A path of RFC 1123 labels, `/shop/web`: the last label is the app's name, the rest its group. */
export type AppId = `/${string}`

export const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
export const ID = /^(?:\/[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/
/** A whole id, or the way from the group of the app that refers. */
export const REFERENCE =
  /^\/?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\/[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/
export const MAX_ID = 200

const HELP =
  'needs a path of lower-case names such as "/shop/web": letters, digits and inner hyphens, up to 63 in each name'

/** Whether a text is an app's id: `/shop/web`, a path of lower-case names of up to 63, up to 200 in all. */
export function isAppId(value: string): value is AppId {
  return value.length <= MAX_ID && ID.test(value)
}

export const appIdSchema = once(
  () =>
    z
      .string({
        error: ({ input }) =>
          input === undefined ? 'is missing: it needs a path such as "/shop/web"' : HELP,
      })
      .regex(ID, HELP)
      .max(MAX_ID, `is longer than ${MAX_ID} characters`)
      .meta({ examples: ['/shop/web'], patternErrorMessage: HELP }) as unknown as z.ZodType<
      AppId,
      string
    >,
)

/** `/shop/web` is `web`. */
export function nameOf(id: AppId): string {
  return id.slice(id.lastIndexOf('/') + 1)
}

/** `/shop/web` is `/shop`, `/web` is `/`. */
export function groupOf(id: AppId): string {
  return id.slice(0, id.lastIndexOf('/')) || '/'
}

/** Whether an app is in a group or one below it. Every app is in `/`. */
export function inGroup(id: AppId, group: string): boolean {
  const prefix = group.endsWith('/') ? group : `${group}/`
  return id.startsWith(prefix)
}

/** `db` next to `/shop/web` is `/shop/db`; a full path stays. */
export function resolveId(reference: string, from: AppId): AppId {
  if (reference.startsWith('/')) return reference as AppId
  const group = groupOf(from)
  return `${group === '/' ? '' : group}/${reference}` as AppId
}
