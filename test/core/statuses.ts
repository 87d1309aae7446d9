import {
  type AppId,
  type AppStatus,
  type ClusterNode,
  deriveStatus,
  type Instance,
  type Reason,
  type StatusFacts,
} from 'intermodal'

/** Statuses as an adapter would make them, from a few facts. */
export function statusOf(
  facts: Partial<StatusFacts> & { readonly id?: AppId; readonly labels?: Record<string, string> },
): AppStatus {
  const { id = '/shop/web', labels = {}, ...given } = facts
  const full: StatusFacts = {
    kind: 'service',
    desired: given.instances?.length ?? 0,
    revision: 'r1',
    generation: { desired: 1, observed: 1 },
    instances: [],
    rollout: { state: 'succeeded', revision: given.revision ?? 'r1' },
    ...given,
  }
  return {
    ...deriveStatus(full),
    id,
    kind: full.kind,
    image: 'web:1',
    revision: full.revision,
    generation: full.generation,
    rollout: full.rollout,
    instances: full.instances,
    labels,
    managed: true,
    observed: { at: 0, source: 'read', stale: false },
  }
}

export function instance(id: string, facts: Partial<Instance> = {}): Instance {
  const state = facts.state ?? 'running'
  return {
    id,
    state,
    health: state === 'running' ? 'healthy' : 'none',
    ready: state === 'running',
    revision: 'r1',
    restarts: 0,
    ...facts,
  }
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
