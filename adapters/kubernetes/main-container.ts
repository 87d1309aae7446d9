import type { AppId } from 'intermodal'
import { templateOf } from './canonical.ts'
import type { KubernetesObject } from './wire.ts'

/** The container that is the app, among its sidecars. */
export function mainContainerOf(workload: KubernetesObject, id: AppId): string | undefined {
  const template = templateOf(workload)
  const names = (template?.spec?.containers ?? []).map(({ name }) => name)
  const asked = template?.metadata?.annotations?.['kubectl.kubernetes.io/default-container']
  const own = id.slice(id.lastIndexOf('/') + 1)
  return [asked, own].find((name) => name !== undefined && names.includes(name)) ?? names[0]
}
