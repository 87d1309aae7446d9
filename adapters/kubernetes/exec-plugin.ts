import { spawn } from 'node:child_process'
import type { RequestOptions } from 'node:https'

/** The `exec` part of a kubeconfig user. */
export interface ExecConfig {
  readonly command: string
  readonly args?: readonly string[] | null
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null
  readonly apiVersion?: string
  readonly installHint?: string
}

interface Credential {
  readonly token?: string | undefined
  readonly clientCertificateData?: string | undefined
  readonly clientKeyData?: string | undefined
  /** Milliseconds since the epoch. */
  readonly expires: number
}

/** How long a plugin may take, milliseconds: some open a browser, and wait for a person. */
const PATIENCE = 60_000
const MAX_OUTPUT = 2 ** 20
/** A credential that is about to expire is not used any more, milliseconds. */
const MARGIN = 10_000

/** A plugin that gave no credential. Its own output is not kept: it may hold one. */
export class PluginError extends Error {
  readonly command: string
  readonly installHint: string | undefined
  readonly missing: boolean

  constructor({ command, installHint }: ExecConfig, problem: string, missing = false) {
    super(`the credential plugin ${command} ${problem}`)
    this.name = 'PluginError'
    this.command = command
    this.installHint = installHint
    this.missing = missing
  }
}

/**
 * A user's credential plugin. client-node's own starts one process for each request that comes before the first answer,
 * and none is ever ended; here one runs at a time, for at most a minute, and it ends with `stop()`.
 */
export class ExecPlugin {
  readonly #config: ExecConfig
  readonly #stop = new AbortController()
  #credential: Credential | undefined
  #running: Promise<Credential> | undefined

  constructor(config: ExecConfig) {
    this.#config = config
  }

  async apply(options: RequestOptions): Promise<void> {
    const { token, clientCertificateData, clientKeyData } = await this.#current()
    if (clientCertificateData !== undefined) options.cert = clientCertificateData
    if (clientKeyData !== undefined) options.key = clientKeyData
    if (token !== undefined)
      options.headers = { ...(options.headers as object), Authorization: `Bearer ${token}` }
  }

  /** The server did not take the credential: the next request asks for another. */
  forget(): void {
    this.#credential = undefined
  }

  stop(): void {
    this.#stop.abort()
  }

  async #current(): Promise<Credential> {
    if (this.#credential && this.#credential.expires > Date.now() + MARGIN) return this.#credential
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    this.#credential = await this.#running
    return this.#credential
  }

  #run(): Promise<Credential> {
    const config = this.#config
    const apiVersion = config.apiVersion ?? 'client.authentication.k8s.io/v1'
    return new Promise((resolve, reject) => {
      const fail = (problem: string, missing = false) =>
        reject(new PluginError(config, problem, missing))
      const chunks: Buffer[] = []
      let size = 0
      const child = spawn(config.command, [...(config.args ?? [])], {
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: PATIENCE,
        killSignal: 'SIGKILL',
        signal: this.#stop.signal,
        env: {
          ...process.env,
          ...Object.fromEntries((config.env ?? []).map(({ name, value }) => [name, value])),
          KUBERNETES_EXEC_INFO: JSON.stringify({
            apiVersion,
            kind: 'ExecCredential',
            spec: { interactive: false },
          }),
        },
      })
      child.stdout.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_OUTPUT) child.kill('SIGKILL')
        else chunks.push(chunk)
      })
      child.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') fail('is not installed', true)
        else fail(`could not be run (${error.code ?? error.name})`)
      })
      child.on('close', (code, signal) => {
        if (signal !== null) return fail(`did not end by itself (${signal})`)
        if (code !== 0) return fail(`ended with exit code ${code}`)
        const credential = parse(Buffer.concat(chunks).toString('utf8'))
        if (credential) resolve(credential)
        else fail('gave no credential')
      })
    })
  }
}

function parse(text: string): Credential | undefined {
  try {
    const { status } = JSON.parse(text) as { readonly status?: Readonly<Record<string, string>> }
    if (!status || (status.token === undefined && status.clientCertificateData === undefined))
      return undefined
    const expires = Date.parse(status.expirationTimestamp ?? '')
    return {
      token: status.token,
      clientCertificateData: status.clientCertificateData,
      clientKeyData: status.clientKeyData,
      expires: Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires,
    }
  } catch {
    return undefined // Not JSON: whatever it is, it is no credential.
  }
}
