import type { AppId, Call } from 'intermodal'
import type { Api } from './api.ts'
import { PODS } from './kinds.ts'
import { findWorkload, podsOf } from './picture.ts'

/** Deletes the pod; its controller makes another one. */
export async function kill(
  api: Api,
  id: AppId,
  instance: string,
  { signal }: Call,
): Promise<boolean> {
  const found = await findWorkload(api, id, signal)
  if (!found) return false
  const { pods } = await podsOf(api, found.object, signal)
  const pod = pods.find(({ metadata }) => metadata.name === instance)
  return pod ? api.remove(PODS, pod, 'Background', signal) : false
}
