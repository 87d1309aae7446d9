import { type Answer, html } from '../errors.ts'
import { header, type Request } from './request.ts'

/** Who is let in. */
export interface AuthOptions {
  /** `--http_credentials`. */
  readonly basic?: { readonly user: string; readonly password: string } | undefined
  /** What DC/OS takes: `Authorization: token=…`. Also what `fake.auth.token` is set to later. */
  readonly token?: string | undefined
  /** Who was let in may be forbidden some things all the same: false is a 403. */
  readonly allow?: ((method: string, path: string) => boolean) | undefined
}

/** The refusal, if there is one. */
export function refusal(auth: AuthOptions | undefined, request: Request): Answer | undefined {
  if (!auth) return undefined
  const { basic, token, allow } = auth
  const given = header(request, 'authorization')
  const accepted = [
    ...(basic
      ? [`Basic ${Buffer.from(`${basic.user}:${basic.password}`).toString('base64')}`]
      : []),
    ...(token === undefined ? [] : [`token=${token}`]),
  ]
  if (accepted.length > 0 && !accepted.some((one) => one === given)) {
    return token === undefined
      ? {
          ...html(401, 'Unauthorized', request.path),
          headers: { 'www-authenticate': 'basic realm="Mesosphere"' },
        }
      : { status: 401, json: { message: 'Invalid username or password.' } }
  }
  return allow && !allow(request.method, request.path)
    ? { status: 403, json: { message: 'Not Authorized to perform this action!' } }
    : undefined
}
