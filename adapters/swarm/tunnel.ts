import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { abortable, type Clock, IntermodalError, sleep } from 'intermodal'
import type { SshTarget } from './connection.ts'

const LOOK_AGAIN = 50
const KEEP_STDERR = 4000

/** Which line of ssh's stderr means what. The first that matches is taken; nothing else of it is repeated. */
const FAILURES: readonly {
  readonly pattern: RegExp
  readonly code: 'UNAUTHENTICATED' | 'UNAVAILABLE'
  readonly what: string
  readonly remedy: string
}[] = [
  {
    pattern: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/,
    code: 'UNAUTHENTICATED',
    what: 'its host key is unknown or has changed',
    remedy: 'check the key, then add it to known_hosts by connecting once with ssh',
  },
  {
    pattern: /Permission denied/,
    code: 'UNAUTHENTICATED',
    what: 'ssh was refused',
    remedy: 'load a key the machine accepts into the ssh agent; no password is asked for here',
  },
  {
    pattern: /Could not resolve hostname/,
    code: 'UNAVAILABLE',
    what: 'its name cannot be resolved',
    remedy: 'check the host name',
  },
  {
    pattern: /Connection refused|timed out|No route to host|Network is unreachable/,
    code: 'UNAVAILABLE',
    what: 'it cannot be reached',
    remedy: 'check the host name, the port and the network',
  },
]

/**
 * One long-lived ssh connection that carries the engine's socket to a local one, through the system's `ssh`: so
 * `~/.ssh/config`, agents and jump hosts work, and host keys are always checked. dockerode's own ssh opens one
 * connection per request, which sshd's MaxStartups refuses under load, and checks no host key.
 */
export class Tunnel {
  readonly #target: SshTarget
  readonly #at: string
  readonly #clock: Clock
  readonly #command: string
  #opening: Promise<string> | undefined
  #process: ChildProcess | undefined
  #directory: string | undefined
  readonly #closed = new AbortController()

  constructor(target: SshTarget, at: string, clock: Clock, command = 'ssh') {
    this.#target = target
    this.#at = at
    this.#clock = clock
    this.#command = command
  }

  /** The local socket. Opens the tunnel, or opens it again when ssh has ended. */
  open(signal: AbortSignal): Promise<string> {
    if (this.#closed.signal.aborted) return Promise.reject(this.#closed.signal.reason)
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return abortable(this.#opening, signal)
  }

  async close(): Promise<void> {
    this.#closed.abort(
      new IntermodalError('UNAVAILABLE', `the tunnel to ${this.#at} is closed`, {
        retryable: false,
      }),
    )
    await this.#opening?.catch(() => {})
    await this.#drop()
  }

  async #open(): Promise<string> {
    await this.#drop()
    this.#directory = await mkdtemp(path.join(tmpdir(), 'intermodal-ssh-'))
    const socketPath = path.join(this.#directory, 'docker.sock')
    const child = spawn(this.#command, this.#arguments(socketPath), {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#process = child
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-KEEP_STDERR)
    })
    const ended = new AbortController()
    child.once('error', (error: NodeJS.ErrnoException) => ended.abort(this.#cannotRun(error)))
    child.once('close', () => {
      ended.abort(this.#failure(stderr))
      if (this.#process === child) this.#opening = undefined
    })
    const stop = AbortSignal.any([ended.signal, this.#closed.signal])
    while (!(await accepts(socketPath))) await sleep(this.#clock, LOOK_AGAIN, stop)
    return socketPath
  }

  #arguments(socketPath: string): string[] {
    const { hostname, port, user, socketPath: remote } = this.#target
    return [
      '-nNT',
      ...['BatchMode=yes', 'StrictHostKeyChecking=yes', 'ExitOnForwardFailure=yes'].flatMap(
        (option) => ['-o', option],
      ),
      ...['ConnectTimeout=10', 'ServerAliveInterval=15', 'ServerAliveCountMax=2'].flatMap(
        (option) => ['-o', option],
      ),
      ...(port === undefined ? [] : ['-p', String(port)]),
      ...(user === undefined ? [] : ['-l', user]),
      '-L',
      `${socketPath}:${remote}`,
      '--',
      hostname,
    ]
  }

  #failure(stderr: string): IntermodalError {
    const known = FAILURES.find(({ pattern }) => pattern.test(stderr))
    return known
      ? new IntermodalError(known.code, `no tunnel to ${this.#at}: ${known.what}`, {
          remedy: known.remedy,
        })
      : new IntermodalError('UNAVAILABLE', `no tunnel to ${this.#at}: ssh ended`, {
          remedy: 'try the same with `ssh -v` to see why',
        })
  }

  #cannotRun(error: NodeJS.ErrnoException): IntermodalError {
    return new IntermodalError('UNSUPPORTED', `no tunnel to ${this.#at}: ssh cannot be run`, {
      remedy: 'install an ssh client and put it on the PATH',
      cause: error,
    })
  }

  async #drop(): Promise<void> {
    this.#process?.kill()
    this.#process = undefined
    if (this.#directory) await rm(this.#directory, { recursive: true, force: true })
    this.#directory = undefined
  }
}

function accepts(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(socketPath)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
