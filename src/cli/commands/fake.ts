import { Argument, type Command, Option } from 'commander'
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
}

export function fakeCommand({ command, run }: Toolkit): Command {
  return command('fake', "a server that speaks an engine's API, on nodes that are not there", [
    'intermodal fake marathon --port 8080 --nodes 5',
    'intermodal fake marathon --marathon-version 1.4 --speed 60 &',
    'intermodal ps --on marathon+http://127.0.0.1:8080',
    'intermodal fake marathon --dcos --missing shop/web:2',
  ])
    .addArgument(new Argument('<engine>', 'which API').choices(['marathon']))
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
    .option('--marathon-version <version>', 'whose API: 1.4 to 1.11', '1.11')
    .addOption(
      new Option('--members <count>', 'servers, on ports one after the other; the first leads')
        .argParser(parseCount)
        .default(1),
    )
    .option('--dcos', 'with the secret store of DC/OS beside it')
    .addOption(
      new Option('--missing <image>', 'an image nobody can pull; may be repeated')
        .argParser((image: string, others: readonly string[]) => [...others, image])
        .default([], 'none'),
    )
    .option('--quiet', 'without a line for each request')
    .action(
      run(async (context, _engine: string, flags: Flags) => {
        await serve(context, flags)
      }),
    )
}

/** Until Ctrl-C, which is how it is meant to end. */
async function serve(context: Context, flags: Flags): Promise<void> {
  const { signal } = context.io
  const { createWorld } = await import('intermodal/simulated')
  const { fakeMarathon } = await import('intermodal/testing')
  const { nodes, seed, speed, port, host, members, quiet, dcos, marathonVersion: version } = flags
  const { missing } = flags
  const world = createWorld({ nodes, seed, clock: { speed }, start: context.io.clock.now() })
  for (const image of missing) world.images.missing(image)
  try {
    await using fake = await fakeMarathon({
      world,
      version: version as NonNullable<Parameters<typeof fakeMarathon>[0]>['version'],
      port,
      host,
      members: Math.max(1, members),
      dcos,
      onExchange({ method, path, status }) {
        const colour = status < 400 ? 'dim' : 'yellow'
        if (!quiet) print(context, context.paint(colour, safe(`${status} ${method} ${path}`)))
      },
    })
    const there = `marathon+${fake.url}${dcos ? '?secrets=dcos' : ''}`
    print(
      context,
      `${fake.urls.join(' ')} speaks Marathon ${version}, on ${nodes} nodes. Ctrl-C ends it.\nGo there with --on '${there}'`,
    )
    await ended(signal)
  } catch (error) {
    throw explain(error, flags)
  } finally {
    world.close()
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function explain(error: unknown, { port, host }: Flags): unknown {
  if (error instanceof RangeError) return new UsageError(error.message)
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return new UsageError(`port ${port} of ${host} is taken`, 'choose another with --port')
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
    return new UsageError(
      `cannot listen on port ${port} of ${host}`,
      'choose another with --port or --host',
    )
  return error
}

function parseSpeed(text: string): number {
  const speed = Number(text)
  if (!(speed > 0 && Number.isFinite(speed)))
    throw new UsageError(`--speed "${text}" is no factor`, 'write a number above 0, such as 60')
  return speed
}
