import type { Lever, LeverEffect, Timings } from '../../../../adapters/simulated/world/model.ts'
import { spread } from '../../../../adapters/simulated/world/random.ts'
import type { World } from '../../../../adapters/simulated/world.ts'
import { appOf } from '../orchestrate/new-task.ts'
import type { ServiceRecord, TaskRecord } from '../store/objects.ts'

/** Which writing of a service a task is of, as levers name it. */
function revisionOf(service: string, specVersion: number): string {
  return `${service}@${specVersion}`
}

/** Levers that wait for the next revision of a service: here it is. */
export function bindLevers({ engine }: World, service: ServiceRecord): void {
  for (const lever of engine.state.levers.get(appOf(service)) ?? []) {
    if (lever.scope.on !== 'next') continue
    lever.scope = { on: 'revision', revision: revisionOf(service.ID, service.specVersion) }
  }
}

export function effectsOn(
  { engine }: World,
  task: TaskRecord,
): readonly (LeverEffect & { readonly lever: Lever })[] {
  const revision = revisionOf(task.ServiceID, task.specVersion)
  return (engine.state.levers.get(task.app) ?? [])
    .filter(
      ({ scope, times }) =>
        times !== 0 &&
        (scope.on === 'all' ||
          (scope.on === 'revision' && scope.revision === revision) ||
          (scope.on === 'instance' && scope.instance === task.ID)),
    )
    .map((lever) => ({ ...lever.effect, lever }))
}

export function spend({ lever }: { readonly lever: Lever }): void {
  if (lever.times !== undefined) lever.times--
}

/** How long something takes for this task, spread by the seed. */
export function lasting(
  world: World,
  task: TaskRecord,
  what: Exclude<keyof Timings, 'jitter'>,
): number {
  const { state } = world.engine
  let length = state.timings[what]
  for (const effect of effectsOn(world, task))
    if (effect.type === 'takes') length = effect.timings[what] ?? length
  return spread(state, length, state.timings.jitter)
}
