import type { Duplex } from 'node:stream'
import type { Container } from '../agent/container.ts'
import { interpret } from '../agent/shell.ts'
import { refuse } from '../errors.ts'
import { jsonBody, type Request } from '../http/request.ts'
import { decode } from '../spec/go.ts'
import { execCreate } from '../spec/structs.ts'
import { frame } from './logs.ts'
import { created, type Daemon, ok, type Reply } from './parts.ts'

export interface Exec {
  readonly id: string
  readonly container: Container
  readonly config: {
    readonly Cmd?: readonly string[]
    readonly Tty?: boolean
    readonly AttachStdin?: boolean
    readonly AttachStdout?: boolean
    readonly AttachStderr?: boolean
    readonly Privileged?: boolean
    readonly Env?: readonly string[]
  }
  running: boolean
  exitCode: number | null
  pid: number
}

export function createExec({ swarm }: Daemon, request: Request, container: Container): Reply {
  const config = decode(execCreate, jsonBody(request)) as Exec['config']
  if (!config.Cmd?.length) throw refuse(400, 'No exec command specified')
  if (container.state !== 'running') throw refuse(409, `Container ${container.id} is not running`)
  const id = swarm.store.ids.local()
  swarm.execs.set(id, { id, container, config, running: false, exitCode: null, pid: 0 })
  return created({ Id: id })
}

function findExec({ swarm, node }: Daemon, id: string): Exec {
  const exec = swarm.execs.get(id)
  if (!exec || exec.container.task.NodeID !== node?.ID)
    throw refuse(404, `No such exec instance: ${id}`)
  return exec
}

export function inspectExec(daemon: Daemon, _request: Request, id: string): Reply {
  const { config, container, running, exitCode, pid } = findExec(daemon, id)
  const [entrypoint = '', ...args] = config.Cmd ?? []
  return ok({
    ID: id,
    Running: running,
    ExitCode: exitCode,
    ProcessConfig: {
      tty: config.Tty === true,
      entrypoint,
      arguments: args,
      privileged: config.Privileged === true,
    },
    OpenStdin: config.AttachStdin === true,
    OpenStderr: config.AttachStderr === true,
    OpenStdout: config.AttachStdout === true,
    CanRemove: false,
    ContainerID: container.id,
    DetachKeys: '',
    Pid: pid,
  })
}

export function startExec(daemon: Daemon, request: Request, id: string): Reply {
  const exec = findExec(daemon, id)
  const { Detach = false, Tty = false } = jsonBody(request) as {
    readonly Detach?: boolean
    readonly Tty?: boolean
  }
  if (exec.container.state !== 'running')
    throw refuse(409, `Container ${exec.container.id} is not running`)
  if (exec.exitCode !== null || exec.running) {
    const message = `Error: Exec command ${id} has already run`
    if (Detach) throw refuse(409, message)
    // The engine has taken the connection over before it finds out.
    const text = `${message}\r\n`
    return { hijack: (socket) => socket.end(Tty ? text : frame('stdout', text)) }
  }
  if (!Detach) return { hijack: (socket) => run(daemon, exec, socket) }
  run(daemon, exec, undefined)
  return { status: 200 }
}

/** What the world has scripted for the command comes first, then what the shell understands of it. */
function run({ swarm }: Daemon, exec: Exec, socket: Duplex | undefined): void {
  const { container, config } = exec
  const words = config.Cmd ?? []
  exec.running = true
  exec.pid = 2000 + swarm.store.ids.below(30_000)
  const write = (stream: 'stdout' | 'stderr', text: string) => {
    const attached = stream === 'stdout' ? config.AttachStdout : config.AttachStderr
    if (attached && socket?.writable) socket.write(config.Tty ? text : frame(stream, text))
  }
  const finish = (code: number) => {
    exec.running = false
    exec.exitCode = code
    socket?.end()
  }
  socket?.on('error', () => {})
  // The other side may close its half at once: what it is told is told all the same.
  socket?.resume()
  const answer = swarm.world.script.answer(container.task.app, words, container.task.ID)
  const scripted = !(answer.exitCode === 127 && answer.stderr === `${words[0]}: not found\n`)
  const known = scripted
    ? undefined
    : interpret(words, [...container.environment, ...(config.Env ?? [])])
  if (!known) {
    const missing = `OCI runtime exec failed: exec failed: unable to start container process: exec: "${words[0]}": executable file not found in $PATH: unknown\r\n`
    if (answer.stdout) write('stdout', answer.stdout)
    if (answer.stderr) write(scripted ? 'stderr' : 'stdout', scripted ? answer.stderr : missing)
    finish(answer.exitCode ?? 0)
    return
  }
  for (const { after, stream, text } of known.lines)
    swarm.time.after(after, () => write(stream, `${text}${config.Tty ? '\r' : ''}\n`))
  if (known.end) {
    const { code, after } = known.end
    swarm.time.after(after, () => finish(code))
  }
}
