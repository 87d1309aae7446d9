/// <reference path="./dockerode.d.ts" />
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { abortable, type Clock, IntermodalError } from 'intermodal'
import type { DockerLike, Options, Removable } from './docker-like.ts'
import type { Transport } from './transport.ts'
import { foreignError, TransportError } from './transport-error.ts'
import type {
  Config,
  ConfigSpec,
  Network,
  NetworkSpec,
  Node,
  Secret,
  SecretSpec,
  Service,
  ServiceSpec,
  Task,
} from './wire.ts'

type Filters = Readonly<Record<string, readonly string[]>>

/** How long each class of call may take, milliseconds. A manager gives up on its leader after 20 seconds. */
const PING = 2_000
const READ = 10_000
const WRITE = 25_000

export interface EngineOptions {
  /** A live client. Its transport is used as it is. */
  readonly docker?: DockerLike | undefined
  /** Ours, when no client is given. */
  readonly transport?: Transport | undefined
  readonly clock: Clock
}

/**
 * The calls we make, each with a deadline of its own class on top of the caller's signal. The one file that touches
 * dockerode. Failures are `TransportError`s; an abort rethrows the signal's reason.
 */
export class Engine {
  readonly at: string
  readonly #options: EngineOptions
  #docker: Promise<DockerLike> | undefined

  constructor(options: EngineOptions) {
    this.#options = options
    this.at = options.transport?.at ?? 'the Docker client given'
  }

  /** Whether it still answers, on a connection that hung calls cannot block. */
  async ping(signal: AbortSignal): Promise<void> {
    const { transport } = this.#options
    await this.#call(signal, PING, async (inner) =>
      transport ? transport.ping(inner) : (await this.#client()).ping(),
    )
  }

  /** The version of the API, where it is ours to choose. */
  async apiVersion(signal: AbortSignal): Promise<string | undefined> {
    const { transport } = this.#options
    return transport && this.#call(signal, PING, (inner) => transport.version(inner))
  }

  /** With the counts Swarm keeps. */
  services(signal: AbortSignal, filters?: Filters): Promise<readonly Service[]> {
    return this.#list(
      signal,
      (docker, options) => docker.listServices({ ...options, status: true }),
      filters,
    )
  }

  /** The API finds by prefix as well. */
  async service(name: string, signal: AbortSignal): Promise<Service | undefined> {
    const found = await this.services(signal, { name: [name] })
    return found.find(({ Spec }) => Spec.Name === name)
  }

  tasks(signal: AbortSignal, filters?: Filters): Promise<readonly Task[]> {
    return this.#list(signal, (docker, options) => docker.listTasks(options), filters)
  }

  nodes(signal: AbortSignal): Promise<readonly Node[]> {
    return this.#list(signal, (docker, options) => docker.listNodes(options))
  }

  networks(signal: AbortSignal, filters?: Filters): Promise<readonly Network[]> {
    return this.#list(signal, (docker, options) => docker.listNetworks(options), filters)
  }

  secrets(signal: AbortSignal, filters?: Filters): Promise<readonly Secret[]> {
    return this.#list(signal, (docker, options) => docker.listSecrets(options), filters)
  }

  configs(signal: AbortSignal, filters?: Filters): Promise<readonly Config[]> {
    return this.#list(signal, (docker, options) => docker.listConfigs(options), filters)
  }

  containers(signal: AbortSignal, filters: Filters): Promise<readonly { readonly Id: string }[]> {
    return this.#list(signal, (docker, options) => docker.listContainers(options), filters)
  }

  createService(spec: ServiceSpec, auth: unknown, signal: AbortSignal): Promise<string> {
    return this.#create(signal, (docker, abortSignal) =>
      docker.createService(auth, { ...spec, abortSignal }),
    )
  }

  async updateService(
    service: Service,
    spec: ServiceSpec,
    auth: unknown,
    signal: AbortSignal,
  ): Promise<void> {
    const version = service.Version.Index
    const said: unknown = await this.#call(signal, WRITE, async (abortSignal) =>
      (await this.#client())
        .getService(service.ID)
        .update(auth, { _query: { version }, _body: spec, abortSignal }),
    )
    // The page of something in between is no word of the engine's.
    if (typeof said !== 'object' || said === null)
      throw new TransportError('garbled', { at: this.at })
  }

  removeService(id: string, signal: AbortSignal): Promise<void> {
    return this.#remove(signal, (docker) => docker.getService(id))
  }

  createNetwork(spec: NetworkSpec, signal: AbortSignal): Promise<string> {
    return this.#create(signal, (docker, abortSignal) =>
      docker.createNetwork({ _query: {}, _body: { CheckDuplicate: true, ...spec }, abortSignal }),
    )
  }

  removeNetwork(id: string, signal: AbortSignal): Promise<void> {
    return this.#remove(signal, (docker) => docker.getNetwork(id))
  }

  createSecret(spec: SecretSpec, signal: AbortSignal): Promise<string> {
    return this.#create(signal, (docker, abortSignal) =>
      docker.createSecret({ _query: {}, _body: spec, abortSignal }),
    )
  }

  removeSecret(id: string, signal: AbortSignal): Promise<void> {
    return this.#remove(signal, (docker) => docker.getSecret(id))
  }

  createConfig(spec: ConfigSpec, signal: AbortSignal): Promise<string> {
    return this.#create(signal, (docker, abortSignal) =>
      docker.createConfig({ _query: {}, _body: spec, abortSignal }),
    )
  }

  removeConfig(id: string, signal: AbortSignal): Promise<void> {
    return this.#remove(signal, (docker) => docker.getConfig(id))
  }

  /** The events of the whole swarm, line by line. Has to be read without pause: see `EventHints`. */
  async events(signal: AbortSignal): Promise<IncomingMessage> {
    const filters = { type: ['service', 'node', 'secret', 'config', 'network'], scope: ['swarm'] }
    const stream = await this.#stream(signal, async (abortSignal) =>
      (await this.#client()).getEvents({ filters, abortSignal }),
    )
    // A page in their place is no stream, and would be opened again and again.
    if (!stream.headers?.['content-type']?.includes('html')) return stream
    stream.destroy()
    throw new TransportError('garbled', { at: this.at })
  }

  /** Past dockerode's own `logs`: that one returns a Buffer, or an object, unless it follows. */
  logs(
    of: { readonly kind: 'services' | 'tasks'; readonly id: string },
    options: Options,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    return this.#stream(signal, async (abortSignal) => {
      const { modem } = await this.#client()
      return new Promise((resolve, reject) => {
        modem.dial(
          {
            path: `/${of.kind}/${of.id}/logs?`,
            method: 'GET',
            isStream: true,
            abortSignal,
            statusCodes: { 200: true },
            options: { ...options },
          },
          (error, result) => (error ? reject(error) : resolve(result)),
        )
      })
    })
  }

  /** Runs a command in a container of this engine; `inspect` tells its exit code after the connection has ended. */
  async exec(
    container: string,
    options: Options,
    signal: AbortSignal,
  ): Promise<{
    readonly socket: Duplex
    readonly exitCode: (signal: AbortSignal) => Promise<number | undefined>
  }> {
    const exec = await this.#call(signal, READ, async (abortSignal) =>
      (await this.#client()).getContainer(container).exec({ ...options, abortSignal }),
    )
    const socket = await this.#stream<Duplex>(signal, (abortSignal) =>
      exec.start({ hijack: true, stdin: true, Tty: options.Tty === true, abortSignal }),
    )
    return {
      socket,
      exitCode: async (inner) => {
        const state = (await this.#call(inner, READ, (abortSignal) =>
          exec.inspect({ abortSignal }),
        )) as { readonly Running?: boolean; readonly ExitCode?: number | null }
        return state.Running ? undefined : (state.ExitCode ?? undefined)
      },
    }
  }

  async #list<T>(
    signal: AbortSignal,
    run: (docker: DockerLike, options: Options) => Promise<unknown>,
    filters?: Filters,
  ): Promise<readonly T[]> {
    const rows = await this.#call(signal, READ, async (abortSignal) =>
      run(await this.#client(), { abortSignal, ...(filters ? { filters } : {}) }),
    )
    if (!Array.isArray(rows)) throw new TransportError('garbled', { at: this.at })
    return rows as readonly T[]
  }

  async #create(
    signal: AbortSignal,
    run: (docker: DockerLike, signal: AbortSignal) => Promise<{ readonly id: string }>,
  ): Promise<string> {
    const { id } = await this.#call(signal, WRITE, async (inner) =>
      run(await this.#client(), inner),
    )
    if (typeof id !== 'string') throw new TransportError('garbled', { at: this.at })
    return id
  }

  async #remove(signal: AbortSignal, of: (docker: DockerLike) => Removable): Promise<void> {
    await this.#call(signal, WRITE, async (abortSignal) =>
      of(await this.#client()).remove({ abortSignal }),
    )
  }

  /** Its deadline is for the answer to begin; after that only the caller's signal ends it. */
  async #stream<T = IncomingMessage>(
    signal: AbortSignal,
    run: (signal: AbortSignal) => Promise<unknown>,
  ): Promise<T> {
    return (await this.#call(signal, READ, run)) as T
  }

  async #call<T>(
    signal: AbortSignal,
    milliseconds: number,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted()
    const deadline = new AbortController()
    const cancel = this.#options.clock.after(milliseconds, () =>
      deadline.abort(new TransportError('timeout', { at: this.at })),
    )
    const both = AbortSignal.any([signal, deadline.signal])
    try {
      // A client from outside may never settle; the caller is still told.
      return await abortable(run(both), both)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw foreignError(error, this.at)
    } finally {
      cancel()
    }
  }

  #client(): Promise<DockerLike> {
    const { docker, transport } = this.#options
    if (docker) return Promise.resolve(docker)
    this.#docker ??= load(transport)
    return this.#docker
  }
}

async function load(modem: unknown): Promise<DockerLike> {
  const { default: Docker } = await import('dockerode').catch((error: unknown) => {
    throw new IntermodalError('UNSUPPORTED', 'the package "dockerode" is not installed', {
      remedy: 'npm install dockerode',
      cause: error,
    })
  })
  return new Docker({ modem }) as DockerLike
}
