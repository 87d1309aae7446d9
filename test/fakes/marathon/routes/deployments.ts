import type { Deployment } from '../deployments.ts'
import { type Answer, wrongMethod } from '../errors.ts'
import { flag } from '../http/request.ts'
import type { Marathon } from '../marathon.ts'
import type { Draft } from '../store/root.ts'
import { deploymentJson } from '../write/deployment.ts'
import { deployed, ok, type Route } from './parts.ts'

const PREFIX = '/v2/deployments'

/** `/v2/deployments[/{id}]`. There is no GET of a single one. */
export const deploymentsRoute: Route = (marathon, request) => {
  const { path, method } = request
  if (path === PREFIX) {
    if (method !== 'GET') throw wrongMethod()
    return ok(marathon.deployments.running.map((one) => deploymentJson(marathon, one)))
  }
  if (!path.startsWith(`${PREFIX}/`)) return undefined
  if (method !== 'DELETE') throw wrongMethod()
  const deployment = marathon.deployments.find(path.slice(PREFIX.length + 1))
  return flag(request, 'force') ? abandon(marathon, deployment) : revert(marathon, deployment)
}

/** Nobody drives the plan any more: everything stays as it is, and what is wanted is still the new. */
function abandon({ deployments }: Marathon, deployment: Deployment): Answer {
  deployments.cancel(deployment)
  return { status: 202 }
}

/** A new deployment that takes back what the plan changed, and nothing else. */
function revert(marathon: Marathon, deployment: Deployment): Answer {
  const { original, target } = deployment
  const change = (draft: Draft) => {
    for (const id of new Set([...original.specs.keys(), ...target.specs.keys()])) {
      const before = original.specs.get(id)
      if (before === target.specs.get(id)) continue
      if (before) draft.specs.set(id, before)
      else draft.specs.delete(id)
    }
    for (const id of target.groups.keys()) {
      const used = [...draft.specs.keys()].some((path) => path.startsWith(`${id}/`))
      if (!original.groups.has(id) && !used) draft.groups.delete(id)
    }
    for (const [id, group] of original.groups)
      if (!draft.groups.has(id)) draft.groups.set(id, group)
  }
  return deployed(marathon.update(change, { force: true }))
}
