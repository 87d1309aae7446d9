import { IntermodalError } from 'intermodal'

/** Where Marathon is and how to get in. Everything is explicit: no environment and no files are read. */
export interface MarathonConnection {
  /**
   * One address, or one for each Marathon of the cluster: `http://host:8080`, `https://dcos.example/service/marathon`. Any of them
   * will do, standbys pass calls on to the leader; one that cannot be reached is left alone for a while.
   * @default 'http://127.0.0.1:8080'
   */
  readonly url?: string | readonly string[] | undefined
  /** HTTP basic authentication. */
  readonly basic?: { readonly username: string; readonly password: string } | undefined
  /** DC/OS: sent as `Authorization: token=…`. A function is asked again when the token is no longer accepted. */
  readonly token?: string | (() => string | Promise<string>) | undefined
  /** Certificates as PEM text. */
  readonly tls?: TlsOptions | undefined
}

/** Certificates and keys as PEM text. */
export interface TlsOptions {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** Off only by name. @default true */
  readonly verify?: boolean | undefined
}

export interface Endpoint {
  /** Scheme, host and port. */
  readonly origin: string
  /** What comes before `/v2`: `/service/marathon`, or nothing. */
  readonly prefix: string
  /** For messages: without credentials. */
  readonly at: string
}

export interface Credentials {
  readonly basic?: { readonly username: string; readonly password: string } | undefined
  readonly token?: MarathonConnection['token']
}

const DEFAULT_URL = 'http://127.0.0.1:8080'

/** Throws `UNSUPPORTED` for an address of a kind nobody speaks. */
export function parseEndpoints(connection: MarathonConnection): readonly Endpoint[] {
  const { url = DEFAULT_URL } = connection
  const urls = typeof url === 'string' ? url.split(',') : url
  const endpoints = urls
    .map((text) => text.trim())
    .filter(Boolean)
    .map(parseEndpoint)
  if (endpoints.length === 0) throw refuse('is empty')
  return endpoints
}

function parseEndpoint(text: string): Endpoint {
  if (!URL.canParse(text)) throw refuse('is no address')
  const { protocol, origin, pathname, username, password } = new URL(text)
  if (protocol !== 'http:' && protocol !== 'https:')
    throw refuse(`is of an unknown kind, "${protocol}"`)
  // In an address they would end up in shell histories and process lists.
  if (username || password) throw refuse('carries credentials')
  const prefix = pathname.replace(/\/+$/, '')
  return { origin, prefix, at: `${origin}${prefix}` }
}

function refuse(detail: string): IntermodalError {
  return new IntermodalError('UNSUPPORTED', `the Marathon address ${detail}`, {
    remedy: 'give http://host:8080 or https://host:8443, and credentials as basic or token',
  })
}

/** The headers that let us in. */
export async function authorization({
  basic,
  token,
}: Credentials): Promise<Record<string, string>> {
  if (basic) {
    const pair = Buffer.from(`${basic.username}:${basic.password}`).toString('base64')
    return { authorization: `Basic ${pair}` }
  }
  if (token === undefined) return {}
  return { authorization: `token=${typeof token === 'string' ? token : await token()}` }
}
