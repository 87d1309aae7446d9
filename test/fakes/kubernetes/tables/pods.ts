import type { JsonObject } from '../json.ts'
import type { KubeObject } from '../objects.ts'
import { age } from './age.ts'
import type { Column } from './column.ts'

interface ContainerStatus {
  readonly ready?: boolean
  readonly started?: boolean
  readonly restartCount?: number
  readonly state?: {
    readonly waiting?: { readonly reason?: string }
    readonly running?: object
    readonly terminated?: { readonly reason?: string; readonly exitCode?: number }
  }
}

/** The word in the column STATUS of `kubectl get pods`, which is none of the API's. */
export function podState({ metadata, spec = {}, status = {} }: KubeObject): string {
  const { phase, reason, containerStatuses, initContainerStatuses } = status as {
    readonly phase?: string
    readonly reason?: string
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
  let word = reason ?? phase ?? 'Unknown'
  const init = initContainerStatuses ?? []
  const count = ((spec.initContainers ?? []) as readonly unknown[]).length
  const open = init.findIndex(
    ({ state, started }) => !(state?.terminated?.exitCode === 0 || (state?.running && started)),
  )
  if (open >= 0) {
    const { state } = init[open] as ContainerStatus
    const why = state?.terminated?.reason ?? state?.waiting?.reason
    word =
      why !== undefined && why !== 'PodInitializing' && why !== 'Completed'
        ? `Init:${why}`
        : `Init:${open}/${count}`
  } else {
    for (const { state, ready } of (containerStatuses ?? []).toReversed()) {
      if (state?.waiting?.reason) word = state.waiting.reason
      else if (state?.terminated)
        word = state.terminated.reason ?? `ExitCode:${state.terminated.exitCode}`
      else if (ready && state?.running && word === 'Completed') word = 'Running'
    }
  }
  if (metadata.deletionTimestamp === undefined) return word
  return reason === 'NodeLost' ? 'Unknown' : 'Terminating'
}

const statuses = ({ status }: KubeObject) =>
  (status?.containerStatuses ?? []) as readonly ContainerStatus[]

export const podColumns: readonly Column[] = [
  ['Name', false, ({ metadata }) => metadata.name],
  [
    'Ready',
    false,
    (pod) =>
      `${statuses(pod).filter(({ ready }) => ready).length}/${((pod.spec?.containers ?? []) as readonly JsonObject[]).length}`,
  ],
  ['Status', false, podState],
  [
    'Restarts',
    false,
    (pod) => String(statuses(pod).reduce((sum, { restartCount = 0 }) => sum + restartCount, 0)),
  ],
  ['Age', false, ({ metadata }, now) => age(metadata.creationTimestamp, now)],
  ['IP', true, ({ status }) => String(status?.podIP ?? '<none>')],
  ['Node', true, ({ spec }) => String(spec?.nodeName ?? '<none>')],
  ['Nominated Node', true, () => '<none>'],
  ['Readiness Gates', true, () => '<none>'],
]
