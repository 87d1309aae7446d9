import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Cluster } from '../cluster.ts'
import { badRequest, failure, Refused } from '../errors.ts'
import { PODS } from '../kinds.ts'
import type { ContainerLife } from '../nodes/life.ts'
import { outcomeOf } from '../nodes/program.ts'
import { Channels, refuse } from './channels.ts'
import { containerOf, follow, LOOK } from './logs.ts'
import type { Target } from './path.ts'

/** What a command would print, and how it would end. */
interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

/** Runs a command over a WebSocket: there is no process, only what its words say it would do. */
export function serveExec(
  cluster: Cluster,
  target: Target,
  query: URLSearchParams,
  request: IncomingMessage,
  socket: Duplex,
): void {
  const run = within(socket, () => prepared(cluster, target, query))
  const channels = run && Channels.open(request, socket)
  if (!run || !channels) return
  const tell = ({ stdout, stderr, code }: Outcome) => {
    if (query.get('stdout') === 'true') channels.stdout(stdout)
    if (query.get('stderr') === 'true' && stderr) channels.stderr(stderr)
    channels.end(statusOf(code))
  }
  const listens = query.get('stdin') === 'true' && READERS.test(query.getAll('command').join(' '))
  if (listens) channels.stdin((text) => tell(run(text)))
  else tell(run(''))
}

/** What a container writes from now on, until it ends. */
export function serveAttach(
  cluster: Cluster,
  target: Target,
  query: URLSearchParams,
  request: IncomingMessage,
  socket: Duplex,
): void {
  const found = within(socket, () => running(cluster, target, query))
  const channels = found && Channels.open(request, socket)
  if (!found || !channels) return
  const { life, latest } = found
  follow(life, latest, {
    write: ({ text }) => channels.stdout(`${text}\n`),
    end: () => channels.end(statusOf(latest()?.end?.code ?? 0)),
    later: (look) => cluster.after(LOOK, look),
    onClose: (stop) => channels.onClose(stop),
  })
}

/** What is refused is told before there are channels. */
function within<T>(socket: Duplex, run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    refuse(socket, error.status)
    return undefined
  }
}

function running(cluster: Cluster, { namespace, name = '' }: Target, query: URLSearchParams) {
  const pod = cluster.writer.mustGet(PODS, namespace, name)
  const container = containerOf(pod.spec as never, query.get('container'), name)
  const latest = (): ContainerLife | undefined =>
    cluster.nodes.kubelet.containerOf(pod.metadata.uid, container)
  const life = latest()
  if (life?.phase !== 'running')
    throw failure(500, 'InternalError', `container not found ("${container}")`)
  return { pod, life, latest }
}

/** These do what they read. */
const READERS = /^\S*(?:cat|(?:ba|a)?sh)(?: -)?$/

function prepared(
  cluster: Cluster,
  target: Target,
  query: URLSearchParams,
): (input: string) => Outcome {
  const command = query.getAll('command')
  const { pod } = running(cluster, target, query)
  if (command.length === 0)
    throw badRequest('you must specify at least 1 command for the container')
  const scripts = cluster.world.engine.state.scripts.get(cluster.nodes.kubelet.levers.appOf(pod))
  const scripted = scripts?.exec?.[command.join(' ')]
  if (scripted) {
    const { stdout = '', stderr = '', exitCode = 0 } = scripted
    return () => ({ stdout, stderr, code: exitCode })
  }
  const [word = ''] = command
  // By this files are copied, and there are none.
  if (word === 'tar')
    throw failure(
      500,
      'InternalError',
      'Internal error occurred: error executing command in container: exec: "tar": executable file not found in $PATH',
    )
  if (!READERS.test(command.join(' '))) return () => ({ stderr: '', ...outcomeOf(command) })
  if (/cat$/.test(word)) return (input) => ({ stdout: input, stderr: '', code: 0 })
  return (input) => ({ stderr: '', ...outcomeOf([word, '-c', input]) })
}

function statusOf(code: number): object {
  if (code === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}
