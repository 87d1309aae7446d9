import type { Group } from '../app/group.ts'
import type { AppId } from '../app/schema.ts'
import type { ErrorCode } from '../errors.ts'
import { IntermodalError } from '../errors.ts'
import type { ApplyGroupOptions, Before, GroupTarget } from './target.ts'

/**
 * Everything that can be known to be wrong before the first app is applied. Throws one error for all of it: the code is
 * that of the first. Where a failure is to be undone, also looks at what there is now.
 */
export async function checkGroup(
  target: GroupTarget,
  group: Group,
  options: ApplyGroupOptions,
): Promise<Before> {
  const problems: IntermodalError[] = []
  if (group.secrets.length + group.configs.length > 0 && !target.capabilities.material) {
    problems.push(
      new IntermodalError('UNSUPPORTED', `${target.cluster} cannot be given secrets and configs`, {
        cluster: target.cluster,
        remedy: 'create them by its own tools, and leave them out of the group',
      }),
    )
  }
  for (const app of group.apps) {
    try {
      await options.prepare(app)
    } catch (error) {
      if (!IntermodalError.is(error)) throw error
      problems.push(error)
    }
  }
  problems.push(...(await missingDependencies(target, group, options)))
  if (problems.length > 0) throw together(problems, target.cluster)
  return options.onFailure === 'rollback' ? whatThereIs(target, group, options) : new Map()
}

/** Apps outside of the group that its apps wait for, by id, with those that do. */
export function outsideDependencies(group: Group): ReadonlyMap<AppId, readonly AppId[]> {
  const inside = new Set(group.apps.map(({ id }) => id))
  const outside = new Map<AppId, AppId[]>()
  for (const app of group.apps) {
    for (const id of Object.keys(app.dependsOn) as AppId[]) {
      if (!inside.has(id)) outside.set(id, [...(outside.get(id) ?? []), app.id])
    }
  }
  return outside
}

async function missingDependencies(
  target: GroupTarget,
  group: Group,
  { signal, timeout }: ApplyGroupOptions,
): Promise<readonly IntermodalError[]> {
  const checks = [...outsideDependencies(group)].map(async ([id, dependents]) => {
    if (await target.status(id, { signal, timeout })) return []
    const who = dependents.join(' and ')
    return [
      new IntermodalError(
        'APP_INVALID',
        `${who} ${dependents.length === 1 ? 'depends' : 'depend'} on ${id}, which is neither in the group nor on ${target.cluster}`,
        {
          cluster: target.cluster,
          app: dependents[0],
          remedy: `deploy ${id} first, or add it to the group`,
        },
      ),
    ]
  })
  return (await Promise.all(checks)).flat()
}

async function whatThereIs(
  target: GroupTarget,
  group: Group,
  { signal, timeout }: ApplyGroupOptions,
): Promise<Before> {
  const looks = group.apps.map(async ({ id }) => {
    const status = await target.status(id, { signal, timeout })
    if (!status) return []
    const { app } = await target.export(id, { signal, timeout })
    return [[id, { app }]] as const
  })
  return new Map((await Promise.all(looks)).flat())
}

function together(problems: readonly IntermodalError[], cluster: string): IntermodalError {
  const [first] = problems
  if (first && problems.length === 1) return first
  const code: ErrorCode = first?.code ?? 'APP_INVALID'
  const lines = problems.map(({ message }) => `\n- ${message}`)
  return new IntermodalError(
    code,
    `nothing was applied to ${cluster}, for ${problems.length} reasons:${lines.join('')}`,
    { cluster, remedy: first?.remedy, cause: first },
  )
}
