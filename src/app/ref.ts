import { IntermodalError } from '../errors.ts'
import { type AppId, isAppId } from './id.ts'

/** Where an app is. */
export interface AppRef {
  readonly cluster: string
  readonly app: AppId
}

/** `prod:/shop/web`. */
export function formatRef({ cluster, app }: AppRef): string {
  return `${cluster}:${app}`
}

/** The way back. The cluster's name may itself hold colons. Throws `APP_INVALID` for what is no such text. */
export function parseRef(text: string): AppRef {
  const colon = text.lastIndexOf(':/')
  const app = text.slice(colon + 1)
  if (colon > 0 && isAppId(app)) return { cluster: text.slice(0, colon), app }
  throw new IntermodalError('APP_INVALID', `"${text}" names no app on a cluster`, {
    remedy: 'write the name of the cluster, a colon and the id of the app: prod:/shop/web',
  })
}
