import type { AppId } from './app/schema.ts'
import type { Rollout, RolloutResult, RolloutStep, WaitOptions } from './rollout.ts'

export type GroupStep =
  | { readonly type: 'waiting'; readonly app: AppId; readonly on: readonly AppId[] }
  | { readonly type: 'applied'; readonly app: AppId; readonly rollout: Rollout }
  | { readonly type: 'step'; readonly app: AppId; readonly step: RolloutStep }
  /** Not applied, because something it depends on failed. */
  | { readonly type: 'skipped'; readonly app: AppId; readonly message: string }
  /** Put back to what it was before the group failed. */
  | { readonly type: 'undone'; readonly app: AppId; readonly message: string }

export interface GroupResult {
  readonly outcome: 'succeeded' | 'failed' | 'rolledBack'
  readonly apps: Readonly<Record<AppId, RolloutResult | undefined>>
  readonly message: string
}

/** Several apps rolling out in the order of their dependencies. */
export interface GroupRollout extends AsyncIterable<GroupStep> {
  readonly apps: readonly AppId[]
  /** Resolves when every app succeeded; otherwise throws the first failed app's `RolloutError`. */
  done(options?: WaitOptions): Promise<GroupResult>
  result(options?: WaitOptions): Promise<GroupResult>
}
