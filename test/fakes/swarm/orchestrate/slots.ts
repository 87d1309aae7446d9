import { RUNNING, rank, type TaskRecord } from '../store/objects.ts'
import type { Store } from '../store/store.ts'

/** Tasks of a service by slot: those somebody wants to run, and slots nobody wants any more. */
export function slotsOf(
  store: Store,
  service: string,
): { readonly wanted: Map<number, TaskRecord[]>; readonly dead: Map<number, TaskRecord[]> } {
  const all = Map.groupBy(
    store.tasksOf(service).filter(({ DesiredState }) => DesiredState !== 'remove'),
    ({ Slot }) => Slot ?? 0,
  )
  const wanted = new Map<number, TaskRecord[]>()
  const dead = new Map<number, TaskRecord[]>()
  for (const [slot, tasks] of all) {
    const live = tasks.filter(({ DesiredState }) => rank(DesiredState) <= RUNNING)
    if (live.length > 0) wanted.set(slot, live)
    else dead.set(slot, tasks)
  }
  return { wanted, dead }
}

/** The order in which slots are kept when there are too many: what runs first, then evenly over nodes. */
export function byWorth(slots: readonly (readonly TaskRecord[])[]): (readonly TaskRecord[])[] {
  const runs = (slot: readonly TaskRecord[]) =>
    slot.some(({ Status }) => Status.State === 'running')
  const sorted = slots.toSorted(
    (a, b) => Number(runs(b)) - Number(runs(a)) || (a[0]?.Slot ?? 0) - (b[0]?.Slot ?? 0),
  )
  const perNode = new Map<string | undefined, number>()
  return sorted
    .map((slot) => {
      const node = slot.find(({ Status }) => Status.State === 'running')?.NodeID ?? slot[0]?.NodeID
      const place = perNode.get(node) ?? 0
      perNode.set(node, place + 1)
      return { slot, place: runs(slot) ? place : Number.POSITIVE_INFINITY }
    })
    .sort((a, b) => (a.place === b.place ? 0 : a.place - b.place))
    .map(({ slot }) => slot)
}
