import type { VolumeInput } from './model.ts'
import { isLabel } from './model.ts'
import { parseBytes } from './quantity.ts'
import type { KubernetesObject, PodVolume, VolumeMount } from './wire.ts'

const ACCESS: Readonly<Record<string, 'one' | 'many' | 'readMany'>> = {
  ReadWriteOnce: 'one',
  ReadWriteMany: 'many',
  ReadOnlyMany: 'readMany',
}

/** The volumes the main container mounts whole. One it does not mount, or mounts in parts, is left to the patch. */
export function readVolumes(
  mounts: readonly VolumeMount[] = [],
  volumes: readonly PodVolume[] = [],
  claims: readonly KubernetesObject[] = [],
): Record<string, VolumeInput> {
  const read: Record<string, VolumeInput> = {}
  for (const { name, mountPath, subPath, readOnly } of mounts) {
    if (subPath !== undefined || Object.hasOwn(read, name) || !isLabel(name)) continue
    const volume = volumes.find((entry) => entry.name === name)
    const claim = claims.find((entry) => entry.metadata.name === name)
    const source = claim ? readClaim(claim) : volume && readSource(volume)
    if (!source) continue
    read[name] = {
      ...source,
      mountPath,
      ...(readOnly === undefined ? {} : { readOnly }),
    } as VolumeInput
  }
  return read
}

function readSource(volume: PodVolume): object | undefined {
  const { name, emptyDir, hostPath, configMap, secret, persistentVolumeClaim } = volume
  if (emptyDir) {
    const size = emptyDir.sizeLimit === undefined ? undefined : parseBytes(emptyDir.sizeLimit)
    return {
      type: emptyDir.medium === 'Memory' ? 'tmpfs' : 'empty',
      ...(size === undefined ? {} : { size }),
    }
  }
  const { volumeClaimTemplate } = (volume.ephemeral ?? {}) as {
    volumeClaimTemplate?: KubernetesObject
  }
  if (volumeClaimTemplate) return readClaim(volumeClaimTemplate)
  if (hostPath) return { type: 'host', path: hostPath.path }
  if (configMap?.name && isLabel(configMap.name)) return { type: 'config', config: configMap.name }
  if (secret?.secretName && isLabel(secret.secretName)) {
    return { type: 'secret', secret: secret.secretName }
  }
  if (persistentVolumeClaim) {
    const { claimName } = persistentVolumeClaim
    return { type: 'named', ...(claimName === name ? {} : { name: claimName }) }
  }
  return undefined
}

interface ClaimSpec {
  readonly accessModes?: readonly string[]
  readonly storageClassName?: string
  readonly resources?: { readonly requests?: { readonly storage?: string | number } }
}

function readClaim(claim: KubernetesObject): object | undefined {
  const spec = (claim.spec ?? {}) as ClaimSpec
  const size = parseBytes(spec.resources?.requests?.storage ?? '')
  const access = ACCESS[spec.accessModes?.[0] ?? '']
  if (size === undefined || access === undefined) return undefined
  return {
    type: 'claim',
    size,
    ...(spec.storageClassName ? { storageClass: spec.storageClassName } : {}),
    ...(access === 'one' ? {} : { access }),
  }
}
