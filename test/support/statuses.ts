import {
  type AppId,
  type AppStatus,
  deriveStatus,
  type Instance,
  type Reason,
  type StatusFacts,
} from 'intermodal'

const START = Date.UTC(2026, 0, 1)

/** A ready instance of revision `r1`, unless told otherwise. */
export function instance(id: string, overrides: Partial<Instance> = {}): Instance {
  const state = overrides.state ?? 'running'
  return {
    id,
    state,
    health: state === 'running' ? 'healthy' : 'none',
    ready: state === 'running',
    revision: 'r1',
    restarts: 0,
    startedAt: START,
    ...overrides,
  }
}

export function reason(code: Reason['code'], message = `because of ${code}`): Reason {
  return { code, message, count: 1, since: START }
}

/** A status as an adapter would derive it: one healthy instance of `r1` wanted and there, unless told otherwise. */
export function status(
  id: AppId = '/shop/web',
  overrides: Partial<StatusFacts> & Partial<Pick<AppStatus, 'labels' | 'image'>> = {},
): AppStatus {
  const facts: StatusFacts = {
    kind: 'service',
    desired: 1,
    revision: 'r1',
    generation: { desired: 1, observed: 1 },
    instances: [instance(`${id}-1`)],
    ...overrides,
  }
  return {
    id,
    kind: facts.kind,
    image: overrides.image ?? 'shop/web:1',
    ...deriveStatus(facts),
    revision: facts.revision,
    generation: facts.generation,
    rollout: facts.rollout,
    instances: facts.instances,
    labels: overrides.labels ?? {},
    managed: true,
    observed: { at: START, source: 'watch', stale: false },
  }
}
