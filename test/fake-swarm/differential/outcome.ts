import { service } from './specs.ts'
import type { Talk, Task } from './talk.ts'

interface Told {
  readonly Spec: { readonly TaskTemplate: { readonly ContainerSpec: { readonly Image: string } } }
  readonly PreviousSpec?: unknown
  readonly UpdateStatus?: { readonly State: string; readonly Message: string }
}

export type Parts = NonNullable<Parameters<typeof service>[1]>

export const running =
  (count: number) =>
  (tasks: readonly Task[]): boolean =>
    tasks.filter(({ Status }) => Status.State === 'running').length === count

/** Exactly as many are wanted, and all of them run. */
export const onlyRunning =
  (count: number, image?: string) =>
  (tasks: readonly Task[]): boolean => {
    const wanted = tasks.filter(({ DesiredState }) => DesiredState === 'running')
    const good = wanted.filter(
      ({ Status, Spec }) =>
        Status.State === 'running' && (image === undefined || Spec.ContainerSpec.Image === image),
    )
    const rest = tasks.filter((task) => !wanted.includes(task))
    return (
      good.length === count && wanted.length === count && rest.every(({ Status }) => isEnd(Status))
    )
  }

const isEnd = ({ State }: Task['Status']) => /^(?:complete|shutdown|failed|rejected)$/.test(State)

/** What has become of an update, where a shape says nothing. */
export async function outcome(talk: Talk): Promise<void> {
  const { Spec, PreviousSpec, UpdateStatus } = (await talk.peek('/services/diff-up')) as Told
  talk.tell(
    'UpdateStatus',
    UpdateStatus ? `${UpdateStatus.State}: ${UpdateStatus.Message}` : 'none',
  )
  talk.tell('its image', Spec.TaskTemplate.ContainerSpec.Image)
  talk.tell('a spec to go back to', String(PreviousSpec !== undefined))
}

/** Creates it, and waits until all of it runs. */
export async function starts(talk: Talk, parts: Parts): Promise<void> {
  await talk.ask('POST', '/services/create', service('up', parts))
  await talk.until('it runs', running(parts.replicas ?? 1))
}

export async function changes(talk: Talk, parts: Parts, query = ''): Promise<void> {
  const index = await talk.version('diff-up')
  await talk.ask('POST', `/services/diff-up/update?version=${index}${query}`, service('up', parts))
}

export async function becomes(talk: Talk, state: string): Promise<void> {
  const isSo = async () => (await talk.updateState('diff-up')) === state
  await talk.until(`the update is ${state}`, isSo)
}

export async function ends(talk: Talk): Promise<void> {
  await talk.ask('DELETE', '/services/diff-up')
  await talk.until('all tasks are gone', (tasks) => tasks.length === 0)
}
