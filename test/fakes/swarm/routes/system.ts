import { type Answer, refuse } from '../errors.ts'
import type { Request } from '../http/request.ts'
import { clusterJson, infoJson, versionJson } from '../write/system.ts'
import { type Daemon, ok, type Reply, routes } from './parts.ts'

export const systemRoute = routes([
  ['GET', /^\/_ping$/, ping],
  ['GET', /^\/version$/, ({ swarm }) => ok(versionJson(swarm))],
  ['GET', /^\/info$/, (daemon) => ok(infoJson(daemon))],
  ['GET', /^\/swarm$/, (daemon) => ok(clusterJson(daemon.swarm, true))],
  ['GET', /^\/swarm\/unlockkey$/, () => ok({ UnlockKey: '' })],
  ['POST', /^\/swarm\/(init|join|leave|update|unlock)$/, membership],
])

function ping(_daemon: Daemon, request: Request): Answer {
  return {
    status: 200,
    text: request.method === 'HEAD' ? '' : 'OK',
    type: 'text/plain; charset=utf-8',
    headers: {
      'Cache-Control': 'no-cache, no-store, must-revalidate',
      Pragma: 'no-cache',
    },
  }
}

function membership({ swarm, node }: Daemon, _request: Request, what: string): Reply {
  const member = swarm.isMember(node)
  if ((what === 'init' || what === 'join') && member)
    throw refuse(
      503,
      'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.',
    )
  if (!member && what === 'leave') throw refuse(503, 'This node is not part of a swarm')
  throw refuse(501, `this fake keeps its members: no "swarm ${what}"`)
}
