import type { Readable, Writable } from 'node:stream'
import { IntermodalError } from 'intermodal'
import { type ExecConfig, ExecPlugin } from './exec-plugin.ts'
import type { KubeConfigLike, KubeconfigFile, KubernetesConnection } from './kube-config-like.ts'
import { withServerName } from './server-name.ts'

type Library = typeof import('@kubernetes/client-node')
type Loaded = InstanceType<Library['KubeConfig']>

/** A kubeconfig in use, and what has to end with it. */
export interface OpenConfig {
  readonly config: KubeConfigLike
  /** The server said 401: what was given is not good any more. */
  forget(): void
  close(): void
}

const PLUGIN = 'intermodal-exec'

/** Reads a kubeconfig with the client library, which knows every way to authenticate. */
export async function openConfig({
  kubeconfig,
  context,
}: KubernetesConnection): Promise<OpenConfig> {
  const library = await load()
  const files = typeof kubeconfig === 'string' ? [{ content: kubeconfig }] : (kubeconfig ?? [])
  if (files.length === 0) {
    throw new IntermodalError('UNSUPPORTED', 'kubernetes() was given no kubeconfig', {
      remedy: 'pass kubeconfig or kubeConfig; resolveKubeconfig() finds what kubectl uses',
    })
  }
  const parsed = files.map((file) => parse(library, file))
  const config = merged(library, parsed)
  const plugins = takePlugins(config)
  if (context !== undefined) config.setCurrentContext(context)
  return {
    config,
    forget: () => {
      for (const plugin of plugins) plugin.forget()
    },
    close: () => {
      for (const plugin of plugins) plugin.stop()
    },
  }
}

export interface ExecTarget {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly command: readonly string[]
  readonly tty: boolean
}

export interface ExecStreams {
  readonly stdout: Writable
  readonly stderr: Writable
  readonly stdin: Readable | undefined
  /** The command has ended; how, in a `Status`. */
  ended(status: unknown): void
  /** The connection is gone, for whatever reason. */
  closed(): void
}

/** Runs a command through the client library, which speaks the protocol. The function returned breaks it off. */
export async function openExec(
  config: KubeConfigLike,
  { namespace, pod, container, command, tty }: ExecTarget,
  { stdout, stderr, stdin, ended, closed }: ExecStreams,
  signal: AbortSignal,
): Promise<() => void> {
  const { Exec } = await load()
  const { handler } = new Exec(forExec(config, signal) as Loaded)
  const exec = new Exec(config as Loaded, { connect: carefully(handler) })
  const socket = await exec.exec(
    namespace,
    pod,
    container,
    [...command],
    stdout,
    tty ? null : stderr,
    stdin ?? null,
    tty,
    ended,
  )
  socket.onclose = closed
  // A goodbye would wait for the other side's, for as long as that one likes.
  return () => socket.terminate()
}

type Handler = InstanceType<Library['Exec']>['handler']

/** The library trusts what it is told of the end of a command, and nobody would catch what it throws. */
function carefully(handler: Handler): Handler['connect'] {
  return async (path, text, binary) => {
    let garbled = false
    const socket = await handler.connect(path, text, (stream, data) => {
      try {
        return !garbled && (binary?.(stream, data) ?? true)
      } catch {
        garbled = true
        return false
      }
    })
    if (garbled) socket.terminate()
    return socket
  }
}

/** Without an address as server name; and an answer that never comes to the opening is waited for no longer than the signal. */
function forExec(config: KubeConfigLike, signal: AbortSignal): KubeConfigLike {
  const own: KubeConfigLike = Object.create(config)
  own.applyToHTTPSOptions = async (options) => {
    await config.applyToHTTPSOptions(options)
    Object.assign(options, withServerName(options), { signal })
  }
  return own
}

async function load(): Promise<Library> {
  try {
    return await import('@kubernetes/client-node')
  } catch (error) {
    throw new IntermodalError(
      'UNSUPPORTED',
      'the Kubernetes adapter needs the package @kubernetes/client-node, which cannot be loaded',
      { cause: error, remedy: 'npm install @kubernetes/client-node' },
    )
  }
}

function parse(library: Library, { content, directory }: KubeconfigFile): Loaded {
  const config = new library.KubeConfig()
  try {
    config.loadFromString(content)
  } catch (error) {
    // The parser quotes the text around a mistake, and the text may hold a token: only our own words are passed on.
    const said = error instanceof Error ? error.message : ''
    const problem = /^(?:clusters|users|contexts)\[\d+\][\w.]* is missing$/.test(said)
      ? said
      : 'it is not valid YAML'
    throw new IntermodalError('UNSUPPORTED', `the kubeconfig cannot be used: ${problem}`, {
      remedy: 'mend the file; `kubectl config view` says more',
    })
  }
  if (directory !== undefined) config.makePathsAbsolute(directory)
  return config
}

/** As kubectl merges: the first file that has a name keeps it, and so the current context. */
function merged(library: Library, parsed: readonly Loaded[]): Loaded {
  const config = new library.KubeConfig()
  config.loadFromOptions({
    clusters: firstOfEach(parsed.flatMap(({ clusters }) => clusters)),
    users: firstOfEach(parsed.flatMap(({ users }) => users)),
    contexts: firstOfEach(parsed.flatMap(({ contexts }) => contexts)),
    currentContext: parsed.map((one) => one.getCurrentContext()).find(Boolean),
  })
  return config
}

function firstOfEach<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  return [...Map.groupBy(entries, ({ name }) => name).values()].flatMap(([first]) =>
    first ? [first] : [],
  )
}

/** Puts our own runner in the place of the library's, for users whose credential comes from a program. */
function takePlugins(config: Loaded): readonly ExecPlugin[] {
  const plugins = new Map<string, ExecPlugin>()
  config.users = config.users.map((user) => {
    const exec = (user.exec ?? undefined) as ExecConfig | undefined
    if (typeof exec?.command !== 'string') return user
    plugins.set(user.name, new ExecPlugin(exec))
    const { exec: _, ...rest } = user
    return { ...rest, authProvider: { name: PLUGIN } }
  })
  config.addAuthenticator({
    isAuthProvider: (user) => user.authProvider?.name === PLUGIN,
    applyAuthentication: async (user, options) => plugins.get(user.name)?.apply(options),
  })
  return [...plugins.values()]
}
