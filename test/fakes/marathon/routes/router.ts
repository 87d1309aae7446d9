import { type Answer, Refused, unknownRoute } from '../errors.ts'
import type { Request } from '../http/request.ts'
import type { Marathon } from '../marathon.ts'
import { appsRoute } from './apps.ts'
import { deploymentsRoute } from './deployments.ts'
import { groupsRoute } from './groups.ts'
import type { Route } from './parts.ts'
import { podsRoute } from './pods.ts'
import { queueRoute } from './queue.ts'
import { secretsRoute } from './secrets.ts'
import { type Leadership, systemRoute } from './system.ts'
import { tasksRoute } from './tasks.ts'

/** Answers whatever is no stream. */
export function answerTo(marathon: Marathon, leadership: Leadership, request: Request): Answer {
  const routes: readonly Route[] = [
    appsRoute,
    deploymentsRoute,
    tasksRoute,
    queueRoute,
    groupsRoute,
    podsRoute,
    secretsRoute(marathon.secrets),
    systemRoute(leadership),
  ]
  try {
    for (const route of routes) {
      const answer = route(marathon, request)
      if (answer) return answer
    }
    throw unknownRoute()
  } catch (error) {
    if (error instanceof Refused) return error.answer
    throw error
  }
}
