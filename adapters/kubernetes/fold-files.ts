import { fileVolume, itemPath } from './files.ts'
import type { Container, KeyToPath, PodSpec, PodVolume, VolumeMount } from './wire.ts'

/**
 * Volumes of a config or secret that are mounted only key by key are what the model calls files: they get the names and
 * items that translation gives them, so that nobody's choice of volume names counts as a difference.
 */
export function foldFiles(spec: PodSpec): PodSpec {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  const mounts = containers.flatMap(({ volumeMounts }) => volumeMounts ?? [])
  const folded = new Map<
    string,
    { readonly volume: PodVolume; readonly paths: Map<string, string> }
  >()
  for (const volume of spec.volumes ?? []) {
    const own = mounts.filter(({ name }) => name === volume.name)
    const result = foldVolume(volume, own)
    if (result) folded.set(volume.name, result)
  }
  if (folded.size === 0) return spec
  const one = (container: Container): Container =>
    container.volumeMounts
      ? {
          ...container,
          volumeMounts: container.volumeMounts.map((mount) =>
            foldMount(mount, folded.get(mount.name)),
          ),
        }
      : container
  const kept = (spec.volumes ?? []).filter(({ name }) => !folded.has(name))
  return {
    ...spec,
    containers: spec.containers.map(one),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(one) } : {}),
    volumes: [...kept, ...mergeVolumes([...folded.values()].map(({ volume }) => volume))],
  }
}

function foldVolume(
  volume: PodVolume,
  mounts: readonly VolumeMount[],
): { readonly volume: PodVolume; readonly paths: Map<string, string> } | undefined {
  const source = volume.configMap ?? volume.secret
  const name = volume.configMap?.name ?? volume.secret?.secretName
  if (!source || !name || mounts.length === 0 || volume.name.startsWith('intermodal-content'))
    return undefined
  const { items = [], optional, defaultMode } = source
  if (optional || (defaultMode !== undefined && defaultMode !== 420)) return undefined
  const paths = new Map<string, string>()
  const wanted: KeyToPath[] = []
  for (const { subPath, readOnly, ...rest } of mounts) {
    if (!subPath || Object.keys(rest).length > 2) return undefined
    const item = items.find(({ path }) => path === subPath)
    if (items.length > 0 && !item) return undefined
    const mode = item?.mode === undefined ? {} : { mode: item.mode }
    const key = item?.key ?? subPath
    if (!/^[A-Za-z0-9._-]+$/.test(key)) return undefined
    const path = itemPath(key, mode.mode)
    paths.set(subPath, path)
    wanted.push({ key, path, ...mode })
  }
  const kind = volume.configMap ? 'config' : 'secret'
  const renamed = fileVolume(kind, name)
  return {
    paths,
    volume:
      kind === 'config'
        ? { name: renamed, configMap: { name, items: wanted } }
        : { name: renamed, secret: { secretName: name, items: wanted } },
  }
}

function foldMount(
  mount: VolumeMount,
  folded: { readonly volume: PodVolume; readonly paths: Map<string, string> } | undefined,
): VolumeMount {
  if (!folded) return mount
  const subPath = folded.paths.get(mount.subPath ?? '') as string
  // A file of a config or secret cannot be written to, whatever the mount says.
  return { name: folded.volume.name, mountPath: mount.mountPath, subPath, readOnly: true }
}

function mergeVolumes(volumes: readonly PodVolume[]): PodVolume[] {
  return [...Map.groupBy(volumes, ({ name }) => name)].map(([name, group]) => {
    const items = group.flatMap(({ configMap, secret }) => (configMap ?? secret)?.items ?? [])
    const unique = [...new Map(items.map((item) => [item.path, item])).values()].sort((a, b) =>
      a.path < b.path ? -1 : 1,
    )
    const [{ configMap, secret }] = group as [PodVolume]
    return configMap
      ? { name, configMap: { ...configMap, items: unique } }
      : { name, secret: { ...secret, items: unique } }
  })
}
