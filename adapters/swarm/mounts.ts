import type { App, AppInput, Volume } from 'intermodal'
import { escapeTemplate, unescapeTemplate } from './env.ts'
import { APP, CLAIM } from './labels.ts'
import type { Report } from './loss.ts'
import { step } from './loss.ts'
import { serviceName } from './names.ts'
import type { Mount } from './wire-policy.ts'

const SLOT = '{{.Task.Slot}}'

export function writeMounts(app: App, report: Report): Mount[] {
  return Object.entries(app.volumes).flatMap(([name, volume]) => {
    const mount = writeMount(app, name, volume, report)
    return mount ? [{ ...mount, ...(volume.readOnly ? { ReadOnly: true } : {}) }] : []
  })
}

function writeMount(app: App, name: string, volume: Volume, report: Report): Mount | undefined {
  const path = `/volumes${step(name)}`
  const Target = volume.mountPath
  switch (volume.type) {
    case 'empty':
      if (volume.size !== undefined) {
        report('approximated', `${path}/size`, 'a volume of its own, without a bound on its size')
      }
      // Without a source it is a new volume for each container, removed with it.
      return { Type: 'volume', Target }
    case 'tmpfs':
      return {
        Type: 'tmpfs',
        Target,
        ...(volume.size === undefined ? {} : { TmpfsOptions: { SizeBytes: volume.size } }),
      }
    case 'host':
      return { Type: 'bind', Source: escapeTemplate(volume.path), Target }
    case 'named':
      return writeNamed(name, volume, path, report)
    case 'claim':
      return writeClaim(app, name, volume, path, report)
    case 'config':
    case 'secret':
      if (volume.readOnly === false) {
        report('approximated', `${path}/readOnly`, 'configs and secrets are always read-only')
      }
      return undefined
  }
}

function writeNamed(
  name: string,
  volume: Extract<Volume, { type: 'named' }>,
  path: string,
  report: Report,
): Mount {
  const local = volume.driver === undefined || volume.driver === 'local'
  // The local driver's options can name a network file system; without them a volume is a directory of one node.
  if (local && volume.options === undefined) {
    report(
      'approximated',
      path,
      'each node has a volume of that name of its own',
      'pin the app with placement.require, or name a driver that shares volumes',
    )
  }
  const driver = {
    ...(volume.driver === undefined ? {} : { Name: volume.driver }),
    ...(volume.options === undefined ? {} : { Options: volume.options }),
  }
  return {
    Type: 'volume',
    Source: escapeTemplate(volume.name ?? name),
    Target: volume.mountPath,
    ...(Object.keys(driver).length > 0 ? { VolumeOptions: { DriverConfig: driver } } : {}),
  }
}

/**
 * Swarm has no claims, but expands templates in a mount's source: the slot's number gives each replica a volume of its
 * own name. It is made on whichever node runs the slot. A daemon has one instance on a node, so its volume needs no
 * number.
 */
function writeClaim(
  app: App,
  name: string,
  volume: Extract<Volume, { type: 'claim' }>,
  path: string,
  report: Report,
): Mount {
  report(
    'approximated',
    path,
    'a local volume for each replica: it stays on its node, and a replica that moves starts with an empty one',
    'pin the app with placement.require, or use a named volume of a driver that shares volumes',
  )
  report('approximated', `${path}/size`, 'a local volume has no bound on its size')
  if (volume.storageClass !== undefined) {
    report(
      'dropped',
      `${path}/storageClass`,
      'Swarm has no storage classes',
      'leave it out, or use a named volume with a driver',
    )
  }
  if (volume.access === 'many' || volume.access === 'readMany') {
    report(
      'dropped',
      `${path}/access`,
      'a local volume is seen by one node',
      'use a named volume of a driver that shares volumes',
    )
  }
  const source = `${serviceName(app.id)}.${name}`
  return {
    Type: 'volume',
    Source: app.kind === 'daemon' ? source : `${source}.${SLOT}`,
    Target: volume.mountPath,
    VolumeOptions: { Labels: { [APP]: app.id, [CLAIM]: name } },
  }
}

type VolumeInput = NonNullable<AppInput['volumes']>[string]

/** Volumes have no names of their own on Swarm: theirs come from the source or the path, and ours from the memo. */
export function readMounts(mounts: readonly Mount[]): Record<string, VolumeInput> {
  const volumes: Record<string, VolumeInput> = {}
  for (const mount of mounts) {
    const volume = readMount(mount)
    if (!volume) continue
    const base = slug(mount.VolumeOptions?.Labels?.[CLAIM] ?? sourceName(mount) ?? mount.Target)
    let name = base
    for (let count = 2; Object.hasOwn(volumes, name); count++)
      name = `${base.slice(0, 58)}-${count}`
    volumes[name] = volume
  }
  return volumes
}

function readMount(mount: Mount): VolumeInput | undefined {
  const { Type, Target, VolumeOptions, TmpfsOptions } = mount
  const source = mount.Source === undefined ? undefined : unescapeTemplate(mount.Source)
  const base = { mountPath: Target, ...(mount.ReadOnly ? { readOnly: true } : {}) }
  if (Type === 'tmpfs') {
    const size = TmpfsOptions?.SizeBytes
    return { ...base, type: 'tmpfs', ...(size === undefined ? {} : { size }) }
  }
  if (Type === 'bind') {
    return source?.startsWith('/') ? { ...base, type: 'host', path: source } : undefined
  }
  if (Type !== 'volume') return undefined
  if (mount.Source === undefined) return { ...base, type: 'empty' }
  // The size is not kept by the engine; the memo has it.
  if (VolumeOptions?.Labels?.[CLAIM] !== undefined) return { ...base, type: 'claim', size: 0 }
  if (source === undefined) return undefined
  const { Name, Options } = VolumeOptions?.DriverConfig ?? {}
  return {
    ...base,
    type: 'named',
    name: source,
    ...(Name === undefined ? {} : { driver: Name }),
    ...(Options === undefined ? {} : { options: Options }),
  }
}

function sourceName({ Type, Source }: Mount): string | undefined {
  return Type === 'volume' ? Source : undefined
}

function slug(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '')
  return plain || 'data'
}
