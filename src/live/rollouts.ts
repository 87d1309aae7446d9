import type { Capabilities, Change, Revision, Selector } from '../adapter.ts'
import { milliseconds } from '../app/quantity.ts'
import type { App, AppId } from '../app/schema.ts'
import type { CallOptions, ChangeOptions } from '../client.ts'
import type { Clock } from '../clock.ts'
import { IntermodalError } from '../errors.ts'
import type { Rollout } from '../rollout.ts'
import { type FollowContext, failFastSet, follow } from './follow.ts'
import { Following } from './following.ts'
import type { Hub } from './hub.ts'
import { type SharedSightsOptions, sharedSights } from './shared-sights.ts'

export interface RolloutsOptions {
  readonly cluster: string
  readonly clock: Clock
  readonly closed: AbortSignal
  readonly hub: Hub
  readonly watch: (selector: Selector, signal: AbortSignal) => AsyncIterable<Change>
  readonly look: SharedSightsOptions['look']
  readonly tail: FollowContext['tail']
  readonly rollback: (id: AppId, signal: AbortSignal) => Promise<Revision>
  readonly capabilities: Capabilities
}

/** Kubernetes' own default, for changes that do not come with an app. */
const DEFAULT_DEADLINE = 600_000
/** An engine that goes back by itself is let do so before we would: two going back at once would cross. */
const ENGINE_FIRST = 15_000
/** So many apps are followed by a watch of their own; beyond that one watch of the whole cluster costs less. */
const OWN_WATCHES = 4

/** Opens a follower for each change, and shares one watch of the cluster between them when they are many. */
export class Rollouts {
  readonly #options: RolloutsOptions
  #following = 0

  constructor(options: RolloutsOptions) {
    this.#options = options
  }

  open(revision: Revision, options: ChangeOptions, app?: App): Rollout {
    const { cluster, clock, closed, tail } = this.#options
    const wantsBack = app?.update.onFailure === 'rollback' && this.#options.capabilities.rollback
    const context: FollowContext = {
      cluster,
      clock,
      tail,
      watch: (id, signal) => this.#sights(id, signal),
      goBack:
        wantsBack && revision.changed && revision.previous !== undefined
          ? (signal) => this.#options.rollback(revision.app, signal)
          : undefined,
    }
    const followOptions = {
      failFast: failFastSet(options.failFast),
      progressDeadline:
        (app?.update.progressDeadline ?? DEFAULT_DEADLINE) +
        (this.#options.capabilities.autoRollback ? ENGINE_FIRST : 0),
    }
    return new Following({
      cluster,
      clock,
      revision,
      closed,
      follow: (signal) => follow(revision, context, followOptions, signal),
    })
  }

  /** Resolves when nothing is left of an app. Throws `TIMEOUT`. */
  async gone(id: AppId, options: CallOptions): Promise<void> {
    const { clock, cluster, closed } = this.#options
    const late = new AbortController()
    const timeout = options.timeout ?? '2m'
    const cancel = clock.after(milliseconds('timeout', timeout), () =>
      late.abort(
        new IntermodalError(
          'TIMEOUT',
          `${id} is still being removed from ${cluster} after ${timeout}`,
          {
            cluster,
            app: id,
            remedy: 'the removal was accepted and goes on; status() tells what is left',
          },
        ),
      ),
    )
    const signals = options.signal ? [options.signal] : []
    try {
      let present = false
      for await (const change of this.#sights(
        id,
        AbortSignal.any([closed, late.signal, ...signals]),
      )) {
        if (change.type === 'app') present = true
        else if (change.type === 'gone') return
        else if (change.type === 'lost') present = false
        else if (change.type === 'synced' && !present) return
      }
    } finally {
      cancel()
    }
  }

  async *#sights(id: AppId, signal: AbortSignal): AsyncGenerator<Change, void, void> {
    this.#following++
    try {
      const shared = this.#options.hub.open || this.#following > OWN_WATCHES
      yield* shared
        ? sharedSights(id, this.#options, signal)
        : this.#options.watch({ ids: [id] }, signal)
    } finally {
      this.#following--
    }
  }
}
