import type { AppId } from '../app/schema.ts'
import type { IntermodalError } from '../errors.ts'
import type { GroupResult } from '../group-rollout.ts'
import type { RolloutResult } from '../rollout.ts'

/** An app that did not come up: its rollout ended badly, or it could not be applied at all. */
export type Failure =
  | { readonly app: AppId; readonly result: RolloutResult }
  | { readonly app: AppId; readonly error: IntermodalError }

export interface GroupFacts {
  readonly cluster: string
  readonly apps: readonly AppId[]
  readonly results: ReadonlyMap<AppId, RolloutResult>
  readonly failures: readonly Failure[]
  /** When what had been applied was put back: what could not be. */
  readonly undone: { readonly problems: readonly IntermodalError[] } | undefined
}

export function groupResult(facts: GroupFacts): GroupResult {
  const { apps, results, failures, undone } = facts
  return {
    outcome:
      failures.length === 0
        ? 'succeeded'
        : undone && undone.problems.length === 0
          ? 'rolledBack'
          : 'failed',
    apps: Object.fromEntries(apps.map((id) => [id, results.get(id)])),
    errors: Object.fromEntries(
      failures.flatMap((failure) => ('error' in failure ? [[failure.app, failure.error]] : [])),
    ),
    message: sentence(facts),
  }
}

function sentence({ cluster, apps, results, failures, undone }: GroupFacts): string {
  const total = `${apps.length} app${apps.length === 1 ? '' : 's'}`
  const [first] = failures
  if (!first) return `${total} rolled out on ${cluster}`
  const good = [...results.values()].filter(({ outcome }) => outcome === 'succeeded').length
  const cause = 'error' in first ? first.error.message : first.result.message
  const named = cause.includes(first.app) ? cause : `${first.app} failed: ${cause}`
  const fate = !undone
    ? ''
    : undone.problems.length === 0
      ? '; what had been applied is back as it was'
      : `; not everything could be put back: ${undone.problems.map(({ message }) => message).join('; ')}`
  return `${good} of ${total} rolled out on ${cluster}; ${named}${fate}`
}
