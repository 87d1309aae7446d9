import type { FileSource } from 'intermodal'
import { keyOf } from './env.ts'
import { CONTENT_VOLUME } from './files.ts'
import type { ConfigMap, KubernetesObject, PodVolume, VolumeMount } from './wire.ts'

/** Files of a container: mounts of one key of a config or secret, in the canonical form. */
export function readFiles(
  mounts: readonly VolumeMount[] = [],
  volumes: readonly PodVolume[] = [],
  objects: readonly KubernetesObject[] = [],
): Record<string, FileSource> {
  return Object.fromEntries(
    mounts.flatMap((mount) => {
      const volume = volumes.find(({ name }) => name === mount.name)
      const source = volume && readSource(mount, volume, objects)
      return source ? [[mount.mountPath, source] as const] : []
    }),
  )
}

function readSource(
  { subPath }: VolumeMount,
  { name, configMap, secret }: PodVolume,
  objects: readonly KubernetesObject[],
): FileSource | undefined {
  const items = (configMap ?? secret)?.items
  const item = items?.find(({ path }) => path === subPath)
  const mode = item?.mode === undefined ? {} : { mode: item.mode.toString(8).padStart(4, '0') }
  if (name === CONTENT_VOLUME) {
    const map = objects.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMap?.name,
    ) as ConfigMap | undefined
    const content = map?.data?.[item?.key ?? subPath ?? '']
    return content === undefined ? undefined : { content, ...mode }
  }
  if (!item) return undefined
  if (configMap?.name) return { config: configMap.name, ...keyOf(item.key), ...mode }
  return secret?.secretName ? { secret: secret.secretName, ...keyOf(item.key), ...mode } : undefined
}
