import type { Cluster } from '../cluster.ts'
import type { JsonObject } from '../json.ts'
import { CONFIG_MAPS, type Kind, SECRETS } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'
import type { ContainerLife } from './life.ts'

/** Why an image cannot be had, in containerd's words; absent when it can. */
export function imageFault(cluster: Cluster, image: string): string | undefined {
  const full = fullName(image)
  switch (cluster.world.engine.state.images.get(image)?.fault) {
    case 'missing':
      return `rpc error: code = NotFound desc = failed to pull and unpack image "${full}": failed to resolve reference "${full}": ${full}: not found`
    case 'denied':
      return `failed to pull and unpack image "${full}": failed to resolve reference "${full}": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`
    case 'broken':
      return `failed to pull and unpack image "${full}": failed to resolve reference "${full}": failed to do request: Head "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: i/o timeout`
    default:
      return undefined
  }
}

function fullName(image: string): string {
  const [first = ''] = image.split('/')
  const tagged = /[:@][^/]*$/.test(image) ? image : `${image}:latest`
  if (!image.includes('/')) return `docker.io/library/${tagged}`
  return /[.:]|^localhost$/.test(first) ? tagged : `docker.io/${tagged}`
}

interface Reference {
  readonly name?: string
  readonly key?: string
  readonly optional?: boolean
}

/** What a container asks for that is not there. */
export function missingMaterial(
  cluster: Cluster,
  { metadata: { namespace } }: KubeObject,
  { spec }: ContainerLife,
): string | undefined {
  const look = (kind: Kind, reference: Reference): string | undefined => {
    const { name = '', key, optional } = reference
    if (optional) return undefined
    const found = cluster.store.get(kind, namespace, name)
    if (!found) return `${kind.singular} "${name}" not found`
    const data = { ...(found.data as JsonObject), ...(found.binaryData as JsonObject) }
    return key === undefined || key in data
      ? undefined
      : `couldn't find key ${key} in ${kind.kind} ${namespace}/${name}`
  }
  for (const { valueFrom = {} } of spec.env ?? []) {
    const { secretKeyRef, configMapKeyRef } = valueFrom as Readonly<Record<string, Reference>>
    const missing =
      (secretKeyRef && look(SECRETS, secretKeyRef)) ??
      (configMapKeyRef && look(CONFIG_MAPS, configMapKeyRef))
    if (missing) return missing
  }
  for (const source of spec.envFrom ?? []) {
    const { secretRef, configMapRef } = source as Readonly<Record<string, Reference>>
    const missing =
      (secretRef && look(SECRETS, secretRef)) ?? (configMapRef && look(CONFIG_MAPS, configMapRef))
    if (missing) return missing
  }
  return undefined
}
