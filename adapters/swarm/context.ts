import { createHash } from 'node:crypto'
import { IntermodalError } from 'intermodal'
import { DEFAULT_SOCKET, type SwarmConnection, type TlsOptions } from './connection.ts'

/** What `docker` would go by, given by the caller: adapters read no environment and no files. */
export interface ResolveDockerOptions {
  /** `process.env`, or what stands for it. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Reads a text file; rejects with `code: 'ENOENT'` when there is none, as `fs.promises.readFile` does. */
  readonly readFile: (path: string) => Promise<string>
  /** Whether a path is there, for the socket of Docker Desktop. Without it only the usual path is tried. */
  readonly exists?: ((path: string) => Promise<boolean>) | undefined
  /** As `docker --host`: goes over everything else. */
  readonly host?: string | undefined
  /** As `docker --context`. */
  readonly context?: string | undefined
}

/**
 * Where the `docker` command would connect to, by its own rules: `--host`, `--context`, `DOCKER_HOST`,
 * `DOCKER_CONTEXT`, the current context of `config.json`, then the usual socket. Reads nothing but what it is given.
 *
 * `swarm(await resolveDocker({ env: process.env, readFile: (path) => readFile(path, 'utf8') }))`
 *
 * Throws `UNSUPPORTED` for a context that does not exist or is not for Docker, or for certificates that are missing.
 */
export async function resolveDocker(options: ResolveDockerOptions): Promise<SwarmConnection> {
  const { env } = options
  if (options.host && options.context)
    throw refuse('a Docker host and a context were both given', 'give one of them')
  const host = options.host ?? (options.context ? undefined : env.DOCKER_HOST)
  if (host) return { host, tls: await tlsFromEnv(options, host) }
  const name = options.context || env.DOCKER_CONTEXT || (await currentContext(options))
  if (name && name !== 'default') return readContext(options, name)
  if (options.context && env.DOCKER_HOST) {
    return { host: env.DOCKER_HOST, tls: await tlsFromEnv(options, env.DOCKER_HOST) }
  }
  return { host: `unix://${await defaultSocket(options)}` }
}

function configDirectory({ env }: ResolveDockerOptions): string {
  return env.DOCKER_CONFIG || `${homeDirectory(env)}/.docker`
}

function homeDirectory(env: ResolveDockerOptions['env']): string {
  return env.HOME || env.USERPROFILE || ''
}

async function currentContext(options: ResolveDockerOptions): Promise<string | undefined> {
  const path = `${configDirectory(options)}/config.json`
  const text = await readIfThere(options, path)
  if (text === undefined) return undefined
  const { currentContext: name } = parseJson(text, path)
  return typeof name === 'string' ? name : undefined
}

async function readContext(options: ResolveDockerOptions, name: string): Promise<SwarmConnection> {
  const store = `${configDirectory(options)}/contexts`
  const id = createHash('sha256').update(name).digest('hex')
  const path = `${store}/meta/${id}/meta.json`
  const text = await readIfThere(options, path)
  if (text === undefined)
    throw refuse(`there is no Docker context "${name}"`, 'see `docker context ls`')
  const docker = field(field(parseJson(text, path), 'Endpoints'), 'docker')
  const host = field(docker, 'Host')
  if (typeof host !== 'string' || !host)
    throw refuse(
      `the Docker context "${name}" has no Docker endpoint`,
      'choose one that has a DOCKER ENDPOINT in `docker context ls`',
    )
  const verify = field(docker, 'SkipTLSVerify') !== true
  const certificates = await readCertificates(options, `${store}/tls/${id}/docker`)
  const tls = certificates || (!verify && isTcp(host)) ? { ...certificates, verify } : undefined
  return { host, tls }
}

async function tlsFromEnv(
  options: ResolveDockerOptions,
  host: string,
): Promise<TlsOptions | undefined> {
  const { env } = options
  // The docker command takes any value that is not empty for a yes, `0` as well.
  const verify = Boolean(env.DOCKER_TLS_VERIFY)
  if (!isTcp(host) || !(verify || env.DOCKER_TLS)) return undefined
  const directory = env.DOCKER_CERT_PATH || configDirectory(options)
  const certificates = await readCertificates(options, directory)
  if (!certificates && env.DOCKER_CERT_PATH)
    throw refuse(
      `DOCKER_CERT_PATH, ${directory}, holds none of ca.pem, cert.pem and key.pem`,
      'correct DOCKER_CERT_PATH, or unset DOCKER_TLS_VERIFY and DOCKER_TLS',
    )
  return { ...certificates, verify }
}

async function readCertificates(
  options: ResolveDockerOptions,
  directory: string,
): Promise<TlsOptions | undefined> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readIfThere(options, `${directory}/${name}`)),
  )
  if (ca === undefined && cert === undefined && key === undefined) return undefined
  return { ca, cert, key }
}

async function defaultSocket({ env, exists }: ResolveDockerOptions): Promise<string> {
  const desktop = `${homeDirectory(env)}/.docker/run/docker.sock`
  return (await exists?.(desktop)) ? desktop : DEFAULT_SOCKET
}

async function readIfThere(
  { readFile }: ResolveDockerOptions,
  path: string,
): Promise<string | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (field(error, 'code') === 'ENOENT') return undefined
    throw new IntermodalError('UNSUPPORTED', `${path} cannot be read`, {
      cause: error,
      remedy: 'make it readable, or give the Docker host itself',
    })
  }
}

function parseJson(text: string, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {}
  // The parser's own words are not passed on: they quote the file, and config.json can hold credentials.
  throw refuse(`${path} is not a JSON object`, 'mend the file, or give the Docker host itself')
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[key]
    : undefined
}

function isTcp(host: string): boolean {
  return !/^(?:unix|npipe|ssh|fd):/.test(host)
}

function refuse(message: string, remedy: string): IntermodalError {
  return new IntermodalError('UNSUPPORTED', message, { remedy })
}
