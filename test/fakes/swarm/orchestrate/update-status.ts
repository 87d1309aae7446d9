import type { ServiceRecord, ServiceSpec } from '../store/objects.ts'
import type { Store } from '../store/store.ts'

export function startUpdate(store: Store, service: ServiceRecord): void {
  const StartedAt = store.stamps.text()
  change(store, service, { State: 'updating', StartedAt, Message: 'update in progress' })
}

export function completeUpdate(store: Store, service: ServiceRecord): void {
  const rollback = service.UpdateStatus?.State === 'rollback_started'
  change(store, service, {
    State: rollback ? 'rollback_completed' : 'completed',
    ...startedAt(service),
    CompletedAt: store.stamps.text(),
    Message: rollback ? 'rollback completed' : 'update completed',
  })
}

export function pauseUpdate(store: Store, service: ServiceRecord, Message: string): void {
  const rollback = service.UpdateStatus?.State === 'rollback_started'
  const State = rollback ? 'rollback_paused' : 'paused'
  change(store, service, { State, ...startedAt(service), Message })
}

/** Back to the spec before, which is gone after that: nobody can go back from there once more. */
export function rollBack(store: Store, service: ServiceRecord, Message: string): void {
  const { PreviousSpec, previousSpecVersion } = service
  if (!PreviousSpec) {
    pauseUpdate(store, service, Message)
    return
  }
  const before = { spec: service.Spec, state: service.UpdateStatus?.State }
  service.Spec = PreviousSpec
  service.specVersion = previousSpecVersion ?? service.specVersion
  delete service.PreviousSpec
  delete service.previousSpecVersion
  service.UpdateStatus = { State: 'rollback_started', ...startedAt(service), Message }
  store.touch(service)
  tellChange(store, service, before)
}

function startedAt({ UpdateStatus }: ServiceRecord): { readonly StartedAt?: string } {
  return UpdateStatus?.StartedAt === undefined ? {} : { StartedAt: UpdateStatus.StartedAt }
}

function change(
  store: Store,
  service: ServiceRecord,
  status: NonNullable<ServiceRecord['UpdateStatus']>,
): void {
  const before = { spec: service.Spec, state: service.UpdateStatus?.State }
  service.UpdateStatus = status
  store.touch(service)
  tellChange(store, service, before)
}

/** What an event says about an update: image, count and state of the update, where they have changed. */
export function tellChange(
  store: Store,
  service: ServiceRecord,
  before: { readonly spec: ServiceSpec; readonly state: string | undefined },
): void {
  const attributes: Record<string, string> = { name: service.Spec.Name }
  const note = (what: string, old: string | undefined, now: string | undefined) => {
    if (old === now) return
    if (now !== undefined) attributes[`${what}.new`] = now
    if (old !== undefined) attributes[`${what}.old`] = old
  }
  const imageOf = ({ TaskTemplate }: ServiceSpec) => TaskTemplate.ContainerSpec?.Image
  const countOf = ({ Mode }: ServiceSpec) =>
    Mode?.Replicated?.Replicas === undefined ? undefined : String(Mode.Replicated.Replicas)
  note('image', imageOf(before.spec), imageOf(service.Spec))
  note('replicas', countOf(before.spec), countOf(service.Spec))
  const state = service.UpdateStatus?.State
  if (state !== undefined) note('updatestate', before.state, state)
  store.tell('service', 'update', service, attributes)
}
