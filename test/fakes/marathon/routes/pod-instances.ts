import { z } from 'zod'
import { type Answer, Refused, wrongMethod } from '../errors.ts'
import { jsonBody, type Request } from '../http/request.ts'
import type { Marathon } from '../marathon.ts'
import type { PathId } from '../normal/paths.ts'
import { read } from '../schema/read.ts'
import { phase } from '../world/tasks.ts'
import { instancesOfSpec, iso, type TaskView } from '../write/task.ts'
import { findPod, ok } from './parts.ts'

/** `DELETE /v2/pods/{id}::instances[/{instance}]`: kills them, others take their places. */
export function podInstances(
  marathon: Marathon,
  request: Request,
  id: PathId,
  instance: string | undefined,
): Answer {
  if (request.method !== 'DELETE') throw wrongMethod()
  const spec = findPod(marathon.root, id)
  const wanted = instance === undefined ? read(z.array(z.string()), jsonBody(request)) : [instance]
  const views = instancesOfSpec(marathon, spec).filter(({ described }) =>
    wanted.includes(described.instanceId),
  )
  if (instance !== undefined && views.length === 0)
    throw new Refused({
      status: 404,
      json: { message: JSON.stringify({ message: `pod instance ${instance} not found` }) },
    })
  const told = views.map(instanceJson)
  for (const { record, instance } of views) marathon.kill(record, instance)
  return ok(instance === undefined ? told : told[0])
}

function instanceJson(view: TaskView): object {
  const { described, entry, alive } = view
  const { host, agentId, version } = described
  const active = entry.stagedAt
  return {
    instanceId: described.instanceId,
    state: {
      condition: phase(view.phase).condition,
      since: iso(entry.since),
      ...(active === undefined ? {} : { activeSince: iso(active) }),
      ...(alive === undefined ? {} : { healthy: alive }),
      goal: 'Running',
    },
    ...(host === undefined ? {} : { agentInfo: { host, agentId, attributes: [] } }),
    runSpecVersion: version,
    unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
  }
}
