import { IntermodalError, type Material } from 'intermodal'
import type { Api } from './api.ts'
import { isStatus } from './api-error.ts'
import { CONFIG_MAPS, type Resource, SECRETS } from './kinds.ts'
import { SINGLE_KEY } from './names.ts'
import { MANAGED_BY } from './ownership.ts'
import { same } from './patch.ts'
import type { KubernetesObject } from './wire.ts'

const ATTEMPTS = 5
const DOCKER = '.dockerconfigjson'

export function putSecret(api: Api, material: Material, signal: AbortSignal): Promise<boolean> {
  const data = Object.fromEntries(
    Object.entries(valuesOf(material)).map(([key, text]) => [
      key,
      Buffer.from(text).toString('base64'),
    ]),
  )
  // Nodes take credentials of a registry only from a secret of that type.
  const type = same(Object.keys(data), [DOCKER]) ? 'kubernetes.io/dockerconfigjson' : 'Opaque'
  return put(api, SECRETS, material.name, { type, data }, signal)
}

export function putConfig(api: Api, material: Material, signal: AbortSignal): Promise<boolean> {
  return put(api, CONFIG_MAPS, material.name, { data: valuesOf(material) }, signal)
}

function valuesOf({ data }: Material): Readonly<Record<string, string>> {
  return typeof data === 'string' ? { [SINGLE_KEY]: data } : data
}

/** Written on exactly what was read: of two puts at once, the second sees the first. */
async function put(
  api: Api,
  resource: Resource,
  name: string,
  content: { readonly type?: string; readonly data: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const live = await api.get(resource, name, signal)
    if (live && live.metadata.labels?.[MANAGED_BY] !== 'intermodal') throw foreign(resource, name)
    if (live && same(live.data ?? {}, content.data) && !live.binaryData) return false
    try {
      if (live) await api.replace(resource, renewed(live, content), signal)
      else {
        const metadata = { name, labels: { [MANAGED_BY]: 'intermodal' } }
        await api.create(resource, { metadata, ...content }, signal)
      }
      return true
    } catch (error) {
      if (!isStatus(error, 409) || attempt === ATTEMPTS) throw error
    }
  }
}

function renewed(live: KubernetesObject, content: object): KubernetesObject {
  const { binaryData: _, ...rest } = live
  // What a secret is for cannot change.
  return { ...rest, ...content, ...(live.type === undefined ? {} : { type: live.type }) }
}

function foreign({ kind }: Resource, name: string): IntermodalError {
  return new IntermodalError(
    'CONFLICT',
    `the ${kind} ${name} exists and was not made by intermodal`,
    {
      remedy: `give another name, remove it, or hand it over with \`kubectl label ${kind.toLowerCase()} ${name} ${MANAGED_BY}=intermodal\``,
    },
  )
}
