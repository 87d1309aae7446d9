import { IntermodalError } from 'intermodal'

/** Where the engine is and how to get in. Everything is explicit: no environment and no files are read. */
export interface SwarmConnection {
  /**
   * `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host`, `npipe:////./pipe/docker_engine`. For ssh a
   * path is the engine's socket on the other side. @default 'unix:///var/run/docker.sock'
   */
  readonly host?: string | undefined
  /** For `tcp://`: certificates as PEM text. Given: TLS is used. */
  readonly tls?: TlsOptions | undefined
}

/** Certificates and keys as PEM text. */
export interface TlsOptions {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** Off only by name: an engine's API is root on its machine. @default true */
  readonly verify?: boolean | undefined
}

export interface Tls extends TlsOptions {
  readonly verify: boolean
}

export interface SshTarget {
  readonly hostname: string
  readonly port?: number | undefined
  readonly user?: string | undefined
  /** The engine's socket on the other side. */
  readonly socketPath: string
}

export interface Endpoint {
  /** For messages: the address without user names, passwords or keys. */
  readonly at: string
  readonly socketPath?: string | undefined
  readonly hostname?: string | undefined
  readonly port?: number | undefined
  readonly tls?: Tls | undefined
  readonly ssh?: SshTarget | undefined
}

export const DEFAULT_SOCKET = '/var/run/docker.sock'
const DEFAULT_PIPE = '//./pipe/docker_engine'
const PLAIN_PORT = 2375
const TLS_PORT = 2376

/** Throws `UNSUPPORTED` for an address of a kind nobody speaks. */
export function parseConnection(connection: SwarmConnection): Endpoint {
  const host = connection.host || `unix://${DEFAULT_SOCKET}`
  if (host.startsWith('unix://')) {
    const socketPath = host.slice('unix://'.length) || DEFAULT_SOCKET
    return { at: `unix://${socketPath}`, socketPath }
  }
  if (host.startsWith('npipe://')) {
    const socketPath = host.slice('npipe://'.length) || DEFAULT_PIPE
    return { at: `npipe://${socketPath}`, socketPath }
  }
  const url = parseUrl(host)
  if (url.protocol === 'ssh:') return sshEndpoint(url)
  const tls = tlsOf(url, connection.tls)
  const port = url.port ? Number(url.port) : tls ? TLS_PORT : PLAIN_PORT
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  return { at: `tcp://${url.hostname}:${port}`, hostname, port, tls }
}

function parseUrl(host: string): URL {
  // `docker -H somewhere:2375` means tcp.
  const text = host.includes('://') ? host : `tcp://${host}`
  const refuse = (detail: string) =>
    new IntermodalError('UNSUPPORTED', `the Docker host ${detail}`, {
      remedy: 'give unix:///path, tcp://host:port or ssh://user@host',
    })
  if (!URL.canParse(text)) throw refuse('is no address')
  const url = new URL(text)
  if (!['tcp:', 'http:', 'https:', 'ssh:'].includes(url.protocol))
    throw refuse(`is of an unknown kind, "${url.protocol}"`)
  if (!url.hostname) throw refuse(`names no machine after "${url.protocol}//"`)
  // A password here would end up in shell histories and process lists; ssh has keys and tcp has certificates.
  if (url.password) throw refuse('carries a password')
  return url
}

function tlsOf(url: URL, options: TlsOptions | undefined): Tls | undefined {
  if (!options && url.protocol !== 'https:') return undefined
  return { ...options, verify: options?.verify ?? true }
}

function sshEndpoint(url: URL): Endpoint {
  const path = decodeURIComponent(url.pathname)
  return {
    at: `ssh://${url.host}`,
    ssh: {
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port ? Number(url.port) : undefined,
      user: url.username ? decodeURIComponent(url.username) : undefined,
      socketPath: path === '' || path === '/' ? DEFAULT_SOCKET : path,
    },
  }
}
