import { Refused, wrongMethod } from '../errors.ts'
import { header, type Request } from '../http/request.ts'
import { infoJson } from '../write/info.ts'
import { ok, type Route } from './parts.ts'

/** Which addresses the servers have, and which of them leads. */
export interface Leadership {
  /** `host:port`. Absent: there is none at the moment. */
  readonly leader: string | undefined
  readonly port: number
  abdicate(): void
}

/** `/ping`, `/v2/info`, `/v2/leader` and the rest that is about the server itself. */
export function systemRoute(leadership: Leadership): Route {
  return (marathon, request) => {
    const { path, method } = request
    switch (path) {
      case '/':
        return { status: 302, headers: { location: '/ui/' } }
      case '/ping':
        return ping(request)
      case '/v2/info':
        if (method !== 'GET') throw wrongMethod()
        return ok(infoJson(marathon, leadership))
      case '/v2/leader':
        return leader(leadership, method)
      case '/v2/plugins':
        return ok({ plugins: [] })
      case '/metrics':
        return ok({
          version: '5.0.0',
          gauges: {},
          counters: {},
          histograms: {},
          meters: {},
          timers: {},
        })
      case '/logging':
        return ok({ ROOT: 'INFO (inherited)' })
      default:
        return undefined
    }
  }
}

function ping(request: Request) {
  const accept = header(request, 'accept') ?? '*/*'
  if (/text\/\*|text\/plain|\*\/\*/.test(accept)) return { status: 200, text: 'pong' }
  if (/json/.test(accept)) return ok('pong')
  return { status: 204 }
}

function leader({ leader: name, abdicate }: Leadership, method: string) {
  if (name === undefined)
    throw new Refused({ status: 404, json: { message: 'There is no leader' } })
  if (method === 'GET') return ok({ leader: name })
  if (method !== 'DELETE') throw wrongMethod()
  abdicate()
  return ok({ message: 'Leadership abdicated' })
}
