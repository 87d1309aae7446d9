import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Cluster } from '../cluster.ts'
import { badRequest, failure, Refused, type Status } from '../errors.ts'
import { PODS } from '../kinds.ts'
import { outcomeOf } from '../nodes/program.ts'
import { containerOf } from './logs.ts'
import type { Target } from './path.ts'

/** What a command would print, and how it would end. */
interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
const KEY = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const STDOUT = 1
const STDERR = 2
const ENDED = 3

/** Runs a command over a WebSocket: there is no process, only what its words say it would do. */
export function serveExec(
  cluster: Cluster,
  target: Target,
  query: URLSearchParams,
  request: IncomingMessage,
  socket: Duplex,
): void {
  let outcome: Outcome
  try {
    outcome = run(cluster, target, query)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    refuse(socket, error.status)
    return
  }
  const offered = String(request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/)
  const protocol = PROTOCOLS.find((one) => offered.includes(one))
  const key = request.headers['sec-websocket-key']
  if (!protocol || typeof key !== 'string') {
    refuse(socket, badRequest('unable to upgrade: no protocol of channels is offered').status)
    return
  }
  const accept = createHash('sha1')
    .update(key + KEY)
    .digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: ${protocol}\r\n\r\n`,
  )
  // What the client sends is for a process that is not there; its end is the end.
  socket.on('error', () => {})
  socket.resume()
  if (query.get('stdout') === 'true') socket.write(frame(STDOUT, outcome.stdout))
  if (query.get('stderr') === 'true' && outcome.stderr) socket.write(frame(STDERR, outcome.stderr))
  socket.write(frame(ENDED, JSON.stringify(statusOf(outcome))))
  socket.end(Buffer.from([0x88, 2, 0x03, 0xe8]))
}

export function refuse(socket: Duplex, status: Status): void {
  const body = JSON.stringify(status)
  socket.on('error', () => {})
  socket.end(
    `HTTP/1.1 ${status.code} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

function run(cluster: Cluster, { namespace, name = '' }: Target, query: URLSearchParams): Outcome {
  const pod = cluster.writer.mustGet(PODS, namespace, name)
  const container = containerOf(pod.spec as never, query.get('container'), name)
  const command = query.getAll('command')
  if (command.length === 0)
    throw badRequest('you must specify at least 1 command for the container')
  const { kubelet } = cluster.nodes
  if (kubelet.containerOf(pod.metadata.uid, container)?.phase !== 'running')
    throw failure(500, 'InternalError', `container not found ("${container}")`)
  const scripts = cluster.world.engine.state.scripts.get(kubelet.levers.appOf(pod))
  const scripted = scripts?.exec?.[command.join(' ')]
  if (!scripted) return { stderr: '', ...outcomeOf(command) }
  const { stdout = '', stderr = '', exitCode = 0 } = scripted
  return { stdout, stderr, code: exitCode }
}

function statusOf({ code }: Outcome): object {
  if (code === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}

/** One binary message, its first byte the channel. */
function frame(channel: number, text: string): Buffer {
  const body = Buffer.concat([Buffer.from([channel]), Buffer.from(text)])
  if (body.length < 126) return Buffer.concat([Buffer.from([0x82, body.length]), body])
  const head = Buffer.alloc(body.length < 65_536 ? 4 : 10)
  head[0] = 0x82
  head[1] = body.length < 65_536 ? 126 : 127
  if (body.length < 65_536) head.writeUInt16BE(body.length, 2)
  else head.writeBigUInt64BE(BigInt(body.length), 2)
  return Buffer.concat([head, body])
}
