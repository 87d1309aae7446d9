import { writeFile } from 'node:fs/promises'
import { Argument, type Command, Option } from 'commander'
import type { World } from 'intermodal/simulated'
import { type Context, parseCount, type Toolkit } from '../command.ts'
import { UsageError } from '../exit.ts'
import { print } from '../output.ts'
import { safe } from '../view/text.ts'

interface Flags {
  readonly port: number
  readonly host: string
  readonly nodes: number
  readonly speed: number
  readonly seed: number
  readonly marathonVersion: string
  readonly members: number
  readonly quiet?: boolean
  readonly dcos?: boolean
  readonly missing: readonly string[]
  readonly socket?: string
  readonly managers: number
  readonly kubeconfig?: string
}

type Engine = 'marathon' | 'swarm' | 'kubernetes'

export function fakeCommand({ command, run }: Toolkit): Command {
  return command('fake', "a server that speaks an engine's API, on nodes that are not there", [
    'intermodal fake marathon --port 8080 --nodes 5',
    'intermodal fake marathon --marathon-version 1.4 --speed 60 &',
    'intermodal ps --on marathon+http://127.0.0.1:8080',
    'intermodal fake marathon --dcos --missing shop/web:2',
    'intermodal fake swarm --port 2375 --managers 3 --members 3',
    'intermodal fake kubernetes --port 8001 --kubeconfig fake.yaml',
  ])
    .addArgument(new Argument('<engine>', 'which API').choices(['marathon', 'swarm', 'kubernetes']))
    .addOption(
      new Option('--port <port>', '0 takes a free one').argParser(parseCount).default(8080),
    )
    .option(
      '--host <address>',
      'where to listen; only this machine reaches the default',
      '127.0.0.1',
    )
    .addOption(
      new Option('--nodes <count>', 'of 4 cpu and 8 GiB each').argParser(parseCount).default(3),
    )
    .addOption(
      new Option('--speed <factor>', 'virtual seconds in a real one')
        .argParser(parseSpeed)
        .default(1),
    )
    .addOption(new Option('--seed <number>', 'decides chance').argParser(parseCount).default(1))
    .option('--marathon-version <version>', 'marathon: whose API, 1.4 to 1.11', '1.11')
    .addOption(
      new Option('--members <count>', 'servers, on ports one after the other; the first leads')
        .argParser(parseCount)
        .default(1),
    )
    .option('--socket <path>', 'swarm: a socket to listen on too')
    .addOption(
      new Option('--managers <count>', 'swarm: how many nodes manage it')
        .argParser(parseCount)
        .default(1),
    )
    .option('--kubeconfig <file>', 'kubernetes: writes what kubectl is pointed at it with')
    .option('--dcos', 'marathon: with the secret store of DC/OS beside it')
    .addOption(
      new Option('--missing <image>', 'an image nobody can pull; may be repeated')
        .argParser((image: string, others: readonly string[]) => [...others, image])
        .default([], 'none'),
    )
    .option('--quiet', 'without a line for each request')
    .action(
      run(async (context, engine: Engine, flags: Flags) => {
        await serve(context, engine, flags)
      }),
    )
}

/** Until Ctrl-C, which is how it is meant to end. */
async function serve(context: Context, engine: Engine, flags: Flags): Promise<void> {
  const { signal } = context.io
  const { createWorld } = await import('intermodal/simulated')
  const { nodes, seed, speed, missing } = flags
  const world = createWorld({ nodes, seed, clock: { speed }, start: context.io.clock.now() })
  for (const image of missing) world.images.missing(image)
  try {
    await using _fake = await START[engine](context, world, flags)
    await ended(signal)
  } catch (error) {
    throw explain(error, flags)
  } finally {
    world.close()
  }
}

/** Each starts a server, and says where it is. */
const START: Readonly<
  Record<Engine, (context: Context, world: World, flags: Flags) => Promise<AsyncDisposable>>
> = {
  async marathon(context, world, flags) {
    const { fakeMarathon } = await import('intermodal/testing')
    const { nodes, port, host, members, dcos, marathonVersion: version } = flags
    const fake = await fakeMarathon({
      world,
      version: version as NonNullable<Parameters<typeof fakeMarathon>[0]>['version'],
      port,
      host,
      members: Math.max(1, members),
      dcos,
      onExchange: teller(context, flags),
    })
    const there = `marathon+${fake.url}${dcos ? '?secrets=dcos' : ''}`
    print(
      context,
      `${fake.urls.join(' ')} speaks Marathon ${version}, on ${nodes} nodes. Ctrl-C ends it.\nGo there with --on '${there}'`,
    )
    return fake
  },
  async swarm(context, world, flags) {
    const { fakeSwarm } = await import('intermodal/testing')
    const { nodes, port, host, members, managers, socket } = flags
    const fake = await fakeSwarm({
      world,
      port,
      host,
      socket,
      managers,
      engines: Math.max(1, members),
      onExchange: teller(context, flags),
    })
    const others = [...fake.urls.slice(1), ...(socket === undefined ? [] : [`unix://${socket}`])]
    print(
      context,
      `${[fake.url, ...others].join(' ')} speaks the Docker Engine API of a swarm, on ${nodes} nodes. Ctrl-C ends it.\nGo there with docker -H ${fake.dockerHost}, or with --on 'swarm+${fake.dockerHost}'`,
    )
    return fake
  },
  async kubernetes(context, world, flags) {
    const { fakeKubernetes } = await import('intermodal/testing')
    const { nodes, port, host, kubeconfig } = flags
    const fake = await fakeKubernetes({ world, port, host, onExchange: teller(context, flags) })
    if (kubeconfig !== undefined) await writeFile(kubeconfig, fake.kubeconfig, { mode: 0o600 })
    const there =
      kubeconfig === undefined
        ? `kubectl --server ${fake.url}; with --kubeconfig FILE also with --on kubernetes:`
        : `kubectl --kubeconfig ${safe(kubeconfig)}, or with KUBECONFIG=${safe(kubeconfig)} and --on kubernetes:`
    print(
      context,
      `${fake.url} speaks the API of Kubernetes 1.34, on ${nodes} nodes. Ctrl-C ends it.\nGo there with ${there}`,
    )
    return fake
  },
}

/** Prints a line for each request, unless nobody wants them. */
function teller(context: Context, { quiet }: Flags) {
  return ({ method, path, status }: Told): void => {
    const colour = status < 400 ? 'dim' : 'yellow'
    if (!quiet) print(context, context.paint(colour, safe(`${status} ${method} ${path}`)))
  }
}

interface Told {
  readonly method: string
  readonly path: string
  readonly status: number
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function explain(error: unknown, { port, host, socket }: Flags): unknown {
  if (error instanceof RangeError) return new UsageError(error.message)
  const { code, address } = error as NodeJS.ErrnoException & { readonly address?: string }
  if (socket !== undefined && address === socket) return explainSocket(error, socket)
  if (code === 'EADDRINUSE')
    return new UsageError(`port ${port} of ${host} is taken`, 'choose another with --port')
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
    return new UsageError(
      `cannot listen on port ${port} of ${host}`,
      'choose another with --port or --host',
    )
  return error
}

function explainSocket(error: unknown, socket: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return new UsageError(
      `there is something at ${safe(socket)} already`,
      'choose another path with --socket, or remove it if nobody listens there',
    )
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES')
    return new UsageError(
      `cannot make a socket at ${safe(socket)}`,
      'choose a path with --socket in a folder that exists and may be written to',
    )
  return error
}

function parseSpeed(text: string): number {
  const speed = Number(text)
  if (!(speed > 0 && Number.isFinite(speed)))
    throw new UsageError(`--speed "${text}" is no factor`, 'write a number above 0, such as 60')
  return speed
}
