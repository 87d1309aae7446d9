import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const script = path.join(import.meta.dirname, 'engine.sh')

export interface LiveEngine extends AsyncDisposable {
  /** `unix:///…/docker.sock` */
  readonly host: string
}

/** An engine that a test may stop, kill and start again. */
export interface BreakableEngine extends LiveEngine {
  /** It keeps its connections and answers nothing more. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  kill(): Promise<void>
  /** After `kill`. Resolves when it answers again. */
  restart(): Promise<void>
}

/**
 * A dockerd of our own in swarm mode with the test images; needs root. Only one in the network namespace of this
 * process.
 */
export async function startEngine(): Promise<LiveEngine> {
  return launch('')
}

/** The same in a network namespace of its own, so that the other one does not notice what is done to it. */
export async function startBreakableEngine(): Promise<BreakableEngine> {
  return launch(`intermodal-${randomBytes(3).toString('hex')}`)
}

/** The engine someone gave is used as it is; it only gets the test images. */
export async function loadImages(host: string): Promise<void> {
  await run('sh', [path.join(import.meta.dirname, 'images.sh'), host])
}

async function launch(netns: string): Promise<BreakableEngine> {
  await engine('install')
  const directory = await mkdtemp(path.join(tmpdir(), 'intermodal-engine-'))
  const place = [directory, netns]
  await engine('start', ...place)
  await engine('swarm', directory)
  const pid = async () => Number(await readFile(path.join(directory, 'pid'), 'utf8'))
  const signal = async (name: NodeJS.Signals) => {
    process.kill(await pid(), name)
  }
  return {
    host: `unix://${directory}/docker.sock`,
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    kill: () => signal('SIGKILL'),
    restart: () => engine('daemon', ...place),
    [Symbol.asyncDispose]: () => engine('stop', ...place),
  }
}

async function engine(...given: string[]): Promise<void> {
  await run('sh', [script, ...given])
}
