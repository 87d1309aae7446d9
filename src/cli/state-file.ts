import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { IntermodalError, sleep } from 'intermodal'
import { UsageError } from './exit.ts'
import type { Io } from './io.ts'

/** What a simulated cluster leaves between commands. */
export interface Saved<World> {
  readonly version: 1
  /** Real milliseconds since the epoch. */
  readonly savedAt: number
  readonly world: World
}

/** A command that only asks waits no longer than a person would for the one before it to finish. */
const PATIENCE = 3000
const RETRY = 50

/**
 * Where the state of a simulated cluster is: what `?state=` says, else a file of its name in
 * `$XDG_STATE_HOME/intermodal` (`~/.local/state/intermodal`), so that it is the same cluster from every folder.
 */
export function statePath(io: Pick<Io, 'env' | 'cwd'>, name: string, given: string | null): string {
  if (given) return resolve(io.cwd, given)
  const state = io.env.XDG_STATE_HOME || join(io.env.HOME || io.cwd, '.local', 'state')
  return join(state, 'intermodal', `${encodeURIComponent(name)}.json`)
}

export async function readState<World>(path: string): Promise<Saved<World> | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unusable(path, 'cannot be read', error)
  }
  try {
    const saved = JSON.parse(text) as Saved<World>
    if (saved.version === 1) return saved
  } catch (error) {
    throw unusable(path, 'is damaged', error)
  }
  throw unusable(path, 'is of another version of intermodal')
}

/** As a whole or not at all: a command that is killed leaves the state before it. */
export async function writeState<World>(path: string, saved: Saved<World>): Promise<void> {
  const next = `${path}.${process.pid}.tmp`
  await mkdir(dirname(path), { recursive: true })
  await writeFile(next, JSON.stringify(saved), { mode: 0o600 })
  await rename(next, path)
}

export function unusable(path: string, what: string, cause?: unknown): UsageError {
  const error = new UsageError(
    `the state of the simulated cluster ${what}: ${path}`,
    'remove that file to begin with an empty cluster',
  )
  error.cause = cause
  return error
}

/**
 * Keeps other commands from changing the same state meanwhile; the function returned lets them again. Throws `LOCKED`
 * when another one does not finish soon.
 */
export async function lockState(io: Io, path: string): Promise<() => Promise<void>> {
  const lock = `${path}.lock`
  await mkdir(dirname(path), { recursive: true })
  const until = io.clock.now() + PATIENCE
  for (;;) {
    if (await take(lock)) return () => rm(lock, { force: true })
    const owner = await ownerOf(lock)
    if (owner !== undefined && !isAlive(owner)) await rm(lock, { force: true })
    else if (io.clock.now() >= until) throw locked(owner, lock)
    else await sleep(io.clock, RETRY, io.signal)
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx')
    await file.writeFile(String(process.pid))
    await file.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** The process that holds the lock; unknown in the moment between making and writing it. */
async function ownerOf(lock: string): Promise<number | undefined> {
  const text = await readFile(lock, 'utf8').catch(() => '')
  return /^\d+$/.test(text) ? Number(text) : undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Someone else's process is alive, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function locked(owner: number | undefined, lock: string): IntermodalError {
  const who = owner === undefined ? 'another command' : `another command (process ${owner})`
  return new IntermodalError('LOCKED', `${who} is changing the simulated cluster`, {
    remedy: `wait for it, use a cluster of your own such as simulated:mine, or remove ${lock}`,
  })
}
