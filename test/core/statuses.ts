import type { AppId, AppStatus, ClusterNode, Instance, Reason, StatusFacts } from 'intermodal'
import { instance, status } from '../support/statuses.ts'

export { instance } from '../support/statuses.ts'

/** The status of a finished rollout: as many instances wanted as there are, unless told otherwise. */
export function statusOf({
  id = '/shop/web',
  ...facts
}: Partial<StatusFacts> & { readonly id?: AppId }): AppStatus {
  const { instances = [] } = facts
  return status(id, {
    desired: instances.length,
    rollout: { state: 'succeeded', revision: 'r1' },
    ...facts,
    instances,
  })
}

export function ready(count: number): readonly Instance[] {
  return Array.from({ length: count }, (_, index) => instance(`web-${index + 1}`))
}

export function reason(code: Reason['code'], message: string, facts: Partial<Reason> = {}): Reason {
  return { code, message, count: 1, since: 0, ...facts }
}

export function node(
  id: string,
  capacity: ClusterNode['capacity'],
  facts: Partial<ClusterNode> = {},
): ClusterNode {
  return { id, name: id, state: 'ready', attributes: {}, capacity, reserved: {}, ...facts }
}
