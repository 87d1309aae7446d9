import { refuse } from '../errors.ts'
import type { Request } from '../http/request.ts'

/** What an engine can do and this one cannot, each with what to say of it. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^\/containers\/create$/, 'containers are made by services here'],
  [/^\/containers\/prune$/, 'containers here are those of tasks, and go with them'],
  [
    /^\/containers\/[^/]+\/(?:start|stop|restart|pause|unpause)$/,
    'containers here are started and stopped by the swarm: "docker kill" ends one',
  ],
  [
    /^\/containers\/[^/]+\/(?:top|stats|attach|attach\/ws|archive|changes|export|resize|rename|update|wait)$/,
    'of containers it knows ls, inspect, logs, exec, kill and rm',
  ],
  [/^\/commit$/, 'it makes no images'],
  [/^\/images\/create$/, 'it pulls no images: nodes have each as soon as a task needs it'],
  [/^\/(?:images|build)(?:\/|$)/, 'of images it knows ls and inspect'],
  [/^\/(?:auth|session|grpc)$/, 'it has no registry and no builder'],
  [/^\/volumes\/prune$/, 'it removes volumes one by one'],
  [/^\/networks\/(?:prune|[^/]+\/(?:connect|disconnect))$/, 'networks are joined by services here'],
  [/^\/plugins(?:\/|$)/, 'it has no plugins'],
  [/^\/system\/df$/, 'nothing here takes room on a disk'],
]

/** A sentence, so that nobody looks for a mistake of his own. */
export function refuseUncovered({ method, path }: Request): void {
  const reason = REFUSED.find(([pattern]) => pattern.test(path))?.[1]
  if (reason === undefined) return
  throw refuse(501, `this fake engine does not do ${method} ${path}: ${reason}`)
}
