import type { AppId, RolloutResult } from 'intermodal'
import { hold } from '../laws/breach.ts'
import type { View } from '../laws/view.ts'

/** What was done to the apps of one cluster, and how the rollouts ended that somebody waited for. */
export class Ledger {
  #rollouts = 0
  readonly #open = new Map<AppId, number>()
  /** Apps that are changed twice at a time: which change comes first, nobody can say. */
  readonly #contested = new Set<AppId>()
  /** The revisions that were rolled out last, where no other change came after. */
  readonly #arrived = new Map<AppId, string>()

  /** How many have ended. */
  get rollouts(): number {
    return this.#rollouts
  }

  begin(id: AppId): void {
    const open = this.#open.get(id) ?? 0
    if (open > 0) this.#contested.add(id)
    this.#open.set(id, open + 1)
    this.#arrived.delete(id)
  }

  /** Throws a `Breach` when the rollout failed: nothing that is wanted here is wrong, however bad the wire is. */
  end(id: AppId, result: RolloutResult | undefined): void {
    const open = (this.#open.get(id) ?? 1) - 1
    this.#open.set(id, open)
    const alone = !this.#contested.has(id)
    if (open === 0) this.#contested.delete(id)
    if (!result) return
    const { outcome, message, revision } = result
    this.#rollouts++
    hold(outcome !== 'failed' && outcome !== 'rolledBack', () => `${outcome}: ${message}`)
    if (alone && outcome === 'succeeded') this.#arrived.set(id, revision.id)
  }

  /** When all has come to rest. */
  mustAgree({ apps }: View): void {
    for (const [id, revision] of this.#arrived) {
      const shown = apps.get(id)?.revision
      hold(shown === revision, () => `${id} is at ${shown}; ${revision} was rolled out last`)
    }
  }
}
