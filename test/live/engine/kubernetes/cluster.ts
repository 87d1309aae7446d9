import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'

const PROCESSES = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const
type Process = (typeof PROCESSES)[number]

export interface LiveCluster extends AsyncDisposable {
  /** The path of a file: its current context is an administrator. */
  readonly kubeconfig: string
  /** `kubectl`, a path or a name. */
  readonly kubectl: string
}

/** A cluster that a test may take apart. */
export interface BreakableCluster extends LiveCluster {
  /** It keeps its connections and answers nothing more. */
  freeze(process: Process): Promise<void>
  thaw(process: Process): Promise<void>
  /** Ends it: `TERM` politely, `KILL` at once. */
  halt(process: Process, signal?: 'TERM' | 'KILL'): Promise<void>
  /** After `halt`. Resolves when it answers again. */
  run(process: Process): Promise<void>
}

/** The control plane of a current release, with nodes whose pods run without containers. */
export async function startStandIn(nodes = 3): Promise<BreakableCluster> {
  return start((directory) => script('cluster.sh', 'nodes', directory, String(nodes)))
}

/** The same control plane with a kubelet and a containerd: one node, real containers. Needs root. */
export async function startWhole(): Promise<BreakableCluster> {
  return start((directory) => script('node.sh', 'start', directory))
}

async function start(populate: (directory: string) => Promise<void>): Promise<BreakableCluster> {
  const directory = await realpath(await mkdtemp(path.join(tmpdir(), 'intermodal-kubernetes-')))
  const stop = () => script('cluster.sh', 'stop', directory)
  try {
    await script('cluster.sh', 'start', directory)
    await populate(directory)
  } catch (error) {
    await stop()
    throw error
  }
  const settings = await readFile(path.join(directory, 'settings'), 'utf8')
  const bin = /^bin='(.*)'$/m.exec(settings)?.[1] ?? ''
  const signal = async (name: Process, wanted: NodeJS.Signals) => {
    process.kill(Number(await readFile(path.join(directory, 'pid', name), 'utf8')), wanted)
  }
  return {
    kubeconfig: path.join(directory, 'kubeconfig'),
    kubectl: path.join(bin, 'kubectl'),
    freeze: (name) => signal(name, 'SIGSTOP'),
    thaw: (name) => signal(name, 'SIGCONT'),
    halt: (name, wanted = 'TERM') => script('cluster.sh', 'halt', directory, name, wanted),
    run: (name) => script('cluster.sh', 'run', directory, name),
    [Symbol.asyncDispose]: stop,
  }
}

/** The first time it builds Kubernetes, and tells so on the standard error of this process. */
async function script(name: string, ...given: string[]): Promise<void> {
  await exec('sh', [path.join(import.meta.dirname, name), ...given], 'inherit')
}

/** Runs `kubectl` as the administrator; what it prints. Throws with what it says when it fails. */
export async function kubectl(
  cluster: Pick<LiveCluster, 'kubeconfig' | 'kubectl'>,
  command: readonly string[],
  input = '',
): Promise<string> {
  return exec(cluster.kubectl, ['--kubeconfig', cluster.kubeconfig, ...command], 'pipe', input)
}

async function exec(
  command: string,
  given: readonly string[],
  errors: 'inherit' | 'pipe',
  input = '',
): Promise<string> {
  const child = spawn(command, given, { stdio: [input === '' ? 'ignore' : 'pipe', 'pipe', errors] })
  // Whoever ends before all is read says why by the exit code.
  child.stdin?.on('error', () => {}).end(input)
  const closed = once(child, 'close')
  const [output, said] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
  ])
  const [code] = await closed
  if (code !== 0)
    throw new Error(`${path.basename(command)} ${given.join(' ')}: exit code ${code} ${said}`)
  return output
}
