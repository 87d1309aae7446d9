import { Refused, refuse } from '../errors.ts'
import type { Request } from '../http/request.ts'
import { containersRoute } from './containers.ts'
import { eventsRoute } from './events.ts'
import { imagesRoute } from './images.ts'
import { configsRoute, secretsRoute } from './material.ts'
import { networksRoute } from './networks.ts'
import { nodesRoute } from './nodes.ts'
import type { Daemon, Reply, Route } from './parts.ts'
import { refuseUncovered } from './refused.ts'
import { servicesRoute } from './services.ts'
import { systemRoute } from './system.ts'
import { tasksRoute } from './tasks.ts'
import { volumesRoute } from './volumes.ts'

const ROUTES: readonly Route[] = [
  systemRoute,
  servicesRoute,
  tasksRoute,
  nodesRoute,
  networksRoute,
  secretsRoute,
  configsRoute,
  eventsRoute,
  containersRoute,
  imagesRoute,
  volumesRoute,
]

/** What only a manager answers. */
const SWARM = /^\/(?:swarm|services|tasks|nodes|secrets|configs)(?:\/|$)/
const JOINING = /^\/swarm\/(?:init|join|leave|unlock)$/

export function answerTo(daemon: Daemon, request: Request): Reply {
  try {
    if (SWARM.test(request.path) && !JOINING.test(request.path))
      daemon.swarm.refuseUnlessManager(daemon.node)
    for (const route of ROUTES) {
      const reply = route(daemon, request)
      if (reply) return reply
    }
    refuseUncovered(request)
    throw refuse(404, 'page not found')
  } catch (error) {
    if (error instanceof Refused) return error.answer
    throw error
  }
}
