import type { AppId, AppStatus, Instance, InstanceState, RolloutState } from 'intermodal'
import { hold } from './breach.ts'

/** The order in which an instance lives through its states; those of the last line are ends. */
const RANKS: Readonly<Partial<Record<InstanceState, number>>> = {
  pending: 0,
  assigned: 1,
  preparing: 2,
  starting: 3,
  running: 4,
  stopping: 5,
  ...{ succeeded: 6, failed: 6, killed: 6, rejected: 6 },
}
const END = 6
const ENDED: readonly RolloutState[] = ['succeeded', 'failed', 'rolledBack', 'cancelled']

/** Holds what is seen of apps, look by look, to going forward only. */
export class Forward {
  readonly #before = new Map<AppId, AppStatus>()

  look(statuses: readonly AppStatus[]): void {
    const here = new Set(statuses.map(({ id }) => id))
    for (const id of this.#before.keys()) if (!here.has(id)) this.#before.delete(id)
    for (const status of statuses) {
      const before = this.#before.get(status.id)
      // Another app of the same name begins anew.
      if (before && before.createdAt === status.createdAt) follows(before, status)
      this.#before.set(status.id, status)
    }
  }
}

function follows(before: AppStatus, now: AppStatus): void {
  const { id, generation, rollout } = now
  for (const which of ['desired', 'observed'] as const)
    hold(
      generation[which] >= before.generation[which],
      () => `${id}: ${which} generation ${before.generation[which]}, then ${generation[which]}`,
    )
  const known = new Map(before.instances.map((instance) => [instance.id, instance]))
  for (const instance of now.instances) {
    const earlier = known.get(instance.id)
    if (earlier) instanceFollows(earlier, instance)
  }
  if (!before.rollout || !ENDED.includes(before.rollout.state)) return
  if (generation.desired !== before.generation.desired) return
  // What was given up on may come about all the same, later.
  const late = before.rollout.state === 'failed' && rollout?.state === 'succeeded'
  hold(
    late || rollout?.state === before.rollout.state,
    () => `${id}: its rollout had ${before.rollout?.state}, and is ${rollout?.state}`,
  )
}

function instanceFollows(before: Instance, now: Instance): void {
  const went = () => `${now.id} was ${before.state}, and is ${now.state}`
  hold(now.revision === before.revision, () => `${now.id} is of another revision`)
  hold(now.restarts >= before.restarts, () => `${now.id} has fewer restarts`)
  const [from, to] = [RANKS[before.state], RANKS[now.state]]
  if (from === END) hold(now.state === before.state, went)
  // Who was lost may come back as he was, but not younger.
  else if (to !== undefined) hold(to >= (from ?? (RANKS.running as number)), went)
}
