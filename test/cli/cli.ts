import { type Clock, systemClock } from 'intermodal'
import { onTestFinished } from 'vitest'
import { Interrupted, type Io } from '../../src/cli/io.ts'
import { run } from '../../src/cli/run.ts'
import { project } from './project.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly stdin?: string
  readonly isTTY?: boolean
  /** Of the terminal. @default 50 */
  readonly rows?: number
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly clock?: Clock
  /** Sees everything written so far, after each write. Its result, when given, is what Ctrl-C does. */
  /** Ctrl-C. */
  readonly interrupt?: AbortSignal
  readonly watch?: (written: { readonly stdout: string; readonly stderr: string }) => boolean
}

/** A folder of its own, with a simulated cluster of its own that lives so fast that nobody waits. */
export async function workshop(files: Readonly<Record<string, string>> = {}) {
  const folder = await project(files)
  const env = { XDG_STATE_HOME: `${folder}/state`, INTERMODAL_TARGET: 'simulated:?speed=200' }
  return {
    folder,
    env,
    /** The arguments as one text, or as they are where words are empty or hold spaces. */
    cli: (args: string | readonly string[], options: RunOptions = {}) =>
      runCli(typeof args === 'string' ? args.split(' ') : args, {
        cwd: folder,
        ...options,
        env: { ...env, ...options.env },
      }),
  }
}

/** One command in this process. */
export async function runCli(args: readonly string[], options: RunOptions): Promise<Ran> {
  const written = { stdout: '', stderr: '' }
  const interrupt = new AbortController()
  onTestFinished(() => interrupt.abort())
  options.interrupt?.addEventListener('abort', () => interrupt.abort(new Interrupted('', 130)))
  const sink = (name: 'stdout' | 'stderr') => ({
    isTTY: options.isTTY ?? false,
    columns: 120,
    rows: options.rows ?? 50,
    write(data: string | Uint8Array) {
      written[name] += typeof data === 'string' ? data : new TextDecoder().decode(data)
      if (options.watch?.(written)) interrupt.abort(new Interrupted('', 130))
    },
  })
  const io: Io = {
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    stdin: Object.assign(bytes(options.stdin ?? ''), { isTTY: options.isTTY }),
    env: options.env ?? {},
    cwd: options.cwd ?? '/',
    clock: options.clock ?? systemClock,
    signal: interrupt.signal,
  }
  const code = await run(args, io)
  return { code, ...written }
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}
