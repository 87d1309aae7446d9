import type { ServerResponse } from 'node:http'
import type { Answer } from '../errors.ts'
import type { Sink } from '../routes/parts.ts'
import type { Swarm } from '../swarm.ts'
import type { Request } from './request.ts'

function common({ version, apiVersion }: Swarm): Readonly<Record<string, string>> {
  return {
    'Api-Version': apiVersion,
    'Docker-Experimental': 'false',
    Ostype: 'linux',
    Server: `Docker/${version} (linux)`,
  }
}

/** The same as lines, for connections that are taken over. */
export function headersFor(swarm: Swarm, _request: Request): string {
  return Object.entries(common(swarm))
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
}

/** JSON ends with a line feed, as Go's encoder leaves it. */
export function sendAnswer(
  response: ServerResponse,
  swarm: Swarm,
  request: Request,
  answer: Answer,
): void {
  if (response.destroyed) return
  const text = answer.json === undefined ? (answer.text ?? '') : `${JSON.stringify(answer.json)}\n`
  const unknown = answer.status === 404 && text === '{"message":"page not found"}\n'
  const type = answer.json === undefined ? answer.type : 'application/json'
  response.writeHead(answer.status, {
    ...(unknown ? {} : common(swarm)),
    ...(type === undefined ? {} : { 'Content-Type': type }),
    ...(answer.status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(text)) }),
    ...answer.headers,
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}

/** The head goes out at once: a stream may be silent for long. */
export function sendStream(
  response: ServerResponse,
  swarm: Swarm,
  _request: Request,
  type: string | undefined,
): Sink {
  response.writeHead(200, {
    ...common(swarm),
    ...(type === undefined ? {} : { 'Content-Type': type }),
  })
  response.flushHeaders()
  return {
    write: (bytes) => {
      if (!response.destroyed) response.write(bytes)
    },
    end: () => response.end(),
    onClose: (run) => response.once('close', run),
  }
}
