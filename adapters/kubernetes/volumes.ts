import type { App, Volume } from 'intermodal'
import { OWN_VOLUME } from './files.ts'
import { type Report, step } from './loss.ts'
import { compact } from './patch.ts'
import { formatBytes } from './quantity.ts'
import type { KubernetesObject, PodVolume, VolumeMount } from './wire.ts'

export interface Volumes {
  readonly volumes: readonly PodVolume[]
  /** Only of a StatefulSet. */
  readonly claims: readonly KubernetesObject[]
}

const ACCESS = { one: 'ReadWriteOnce', many: 'ReadWriteMany', readMany: 'ReadOnlyMany' } as const

export function writeVolumes(app: App, report: Report): Volumes {
  const volumes: PodVolume[] = []
  const claims: KubernetesObject[] = []
  for (const [name, volume] of Object.entries(app.volumes)) {
    const path = `/volumes${step(name)}`
    if (OWN_VOLUME.test(name)) {
      report(
        'refused',
        path,
        'names that begin with "intermodal-" are our own in a pod',
        'rename it',
      )
    }
    if (volume.type !== 'claim') volumes.push({ name, ...writeSource(name, volume, path, report) })
    else if (app.kind === 'stateful') claims.push({ metadata: { name }, spec: claimSpec(volume) })
    else {
      report(
        'dropped',
        path,
        'only a stateful app keeps a claim over restarts: here each instance gets an empty one that goes with it',
        'make the app "stateful", or use a volume of type "named"',
      )
      const volumeClaimTemplate = { spec: claimSpec(volume) }
      volumes.push({ name, ephemeral: { volumeClaimTemplate } })
    }
  }
  return { volumes, claims }
}

function writeSource(
  key: string,
  volume: Exclude<Volume, { type: 'claim' }>,
  path: string,
  report: Report,
): Omit<PodVolume, 'name'> {
  switch (volume.type) {
    case 'empty':
    case 'tmpfs': {
      const sizeLimit = volume.size === undefined ? undefined : formatBytes(volume.size)
      const medium = volume.type === 'tmpfs' ? 'Memory' : undefined
      return { emptyDir: compact({ medium, sizeLimit }) as NonNullable<PodVolume['emptyDir']> }
    }
    case 'host':
      return { hostPath: { path: volume.path } }
    case 'config':
      return { configMap: { name: volume.config } }
    case 'secret':
      return { secret: { secretName: volume.secret } }
    case 'named':
      return { persistentVolumeClaim: { claimName: namedClaim(key, volume, path, report) } }
  }
}

function namedClaim(
  key: string,
  volume: Extract<Volume, { type: 'named' }>,
  path: string,
  report: Report,
): string {
  for (const field of ['driver', 'options'] as const) {
    if (volume[field] === undefined) continue
    report(
      'dropped',
      `${path}/${field}`,
      'Kubernetes makes volumes by storage class, not by an app',
      'create the PersistentVolumeClaim with it beforehand',
    )
  }
  const name = volume.name ?? key
  if (!/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)) {
    report(
      'refused',
      `${path}/name`,
      `"${name}" is no name of a PersistentVolumeClaim`,
      'rename it',
    )
  } else {
    report('approximated', path, `a PersistentVolumeClaim "${name}" has to exist beforehand`)
  }
  return name
}

function claimSpec(volume: Extract<Volume, { type: 'claim' }>): Readonly<Record<string, unknown>> {
  return {
    accessModes: [ACCESS[volume.access ?? 'one']],
    resources: { requests: { storage: formatBytes(volume.size) } },
    ...(volume.storageClass === undefined ? {} : { storageClassName: volume.storageClass }),
  }
}

/** Where the main container sees the app's volumes. */
export function mainMounts(app: App): VolumeMount[] {
  return Object.entries(app.volumes).map(([name, { mountPath, readOnly }]) => ({
    name,
    mountPath,
    ...(readOnly === undefined ? {} : { readOnly }),
  }))
}

/** Where a sidecar or init container sees them. */
export function furtherMounts(mounts: App['sidecars'][string]['mounts']): VolumeMount[] {
  return Object.entries(mounts).map(([name, { mountPath, readOnly }]) => ({
    name,
    mountPath,
    ...(readOnly === undefined ? {} : { readOnly }),
  }))
}
