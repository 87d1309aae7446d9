import { type AppInput, formatMemory } from 'intermodal'
import { MEBIBYTE } from './options.ts'
import { lookUp } from './secrets.ts'
import { SANDBOX } from './volumes.ts'
import type { AppDefinition, AppVolume } from './wire.ts'

type VolumeInput = NonNullable<AppInput['volumes']>[string]

export function readVolumes(app: AppDefinition): Pick<AppInput, 'volumes' | 'files'> {
  const all = app.container?.volumes ?? []
  const names = new Names()
  const volumes: Record<string, VolumeInput> = {}
  const files: NonNullable<AppInput['files']> = {}
  const shown = new Set<AppVolume>()
  for (const volume of all) {
    const { containerPath = '', persistent, external, secret, mode } = volume
    const readOnly = mode === 'RO' ? { readOnly: true } : {}
    if (persistent) {
      const at = all.find((other) => other.hostPath === containerPath)
      if (at) shown.add(at)
      volumes[names.free(containerPath)] = {
        type: 'claim',
        mountPath: at?.containerPath ?? `${SANDBOX}${containerPath}`,
        size: formatMemory((persistent.size ?? 1) * MEBIBYTE),
        ...(persistent.profileName === undefined ? {} : { storageClass: persistent.profileName }),
        ...(at?.mode === 'RO' ? { readOnly: true } : {}),
      }
    } else if (external?.name !== undefined && containerPath.startsWith('/')) {
      const { 'dvdi/driver': driver, ...options } = external.options ?? {}
      const texts = Object.entries(options).every(([, value]) => typeof value === 'string')
      volumes[names.free(external.name)] = {
        type: 'named',
        mountPath: containerPath,
        name: external.name,
        ...(typeof driver === 'string' ? { driver } : {}),
        ...(texts && Object.keys(options).length > 0
          ? { options: options as Record<string, string> }
          : {}),
        ...readOnly,
      }
    } else if (secret !== undefined) {
      const reference = lookUp(app.secrets, secret)
      if (reference && containerPath.startsWith('/')) files[containerPath] = reference
    }
  }
  for (const volume of all) {
    const { containerPath = '', hostPath, mode } = volume
    if (hostPath === undefined || shown.has(volume) || !containerPath.startsWith('/')) continue
    const readOnly = mode === 'RO' ? { readOnly: true } : {}
    volumes[names.free(hostPath.startsWith('/') ? containerPath : hostPath)] = hostPath.startsWith(
      '/',
    )
      ? { type: 'host', mountPath: containerPath, path: hostPath, ...readOnly }
      : { type: 'empty', mountPath: containerPath, ...readOnly }
  }
  return { volumes: { ...volumes, ...readParameters(app, names) }, files }
}

function readParameters(app: AppDefinition, names: Names): Record<string, VolumeInput> {
  const volumes: Record<string, VolumeInput> = {}
  for (const { key, value } of app.container?.docker?.parameters ?? []) {
    const [, name = '', path = '', mode] =
      /^([A-Za-z0-9][\w.-]*):(\/[^:]*)(?::(ro|rw))?$/.exec(value) ?? []
    if ((key === 'volume' || key === 'v') && name !== '') {
      volumes[names.free(name)] = {
        type: 'named',
        mountPath: path,
        name,
        ...(mode === 'ro' ? { readOnly: true } : {}),
      }
    }
    const [, at = '', size, ro] = /^(\/[^:]*)(?::(?:size=(\d+))?,?(ro)?)?$/.exec(value) ?? []
    if (key === 'tmpfs' && at !== '') {
      volumes[names.free(at)] = {
        type: 'tmpfs',
        mountPath: at,
        ...(size === undefined ? {} : { size: formatMemory(Number(size)) }),
        ...(ro === undefined ? {} : { readOnly: true }),
      }
    }
  }
  return volumes
}

/** Marathon's volumes have no names; the model's do. */
class Names {
  readonly #taken = new Set<string>()

  free(wish: string): string {
    const base =
      wish
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 50)
        .replace(/-+$/, '') || 'volume'
    let name = base
    for (let count = 2; this.#taken.has(name); count++) name = `${base}-${count}`
    this.#taken.add(name)
    return name
  }
}
