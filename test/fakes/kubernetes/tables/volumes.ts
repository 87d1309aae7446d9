import type { JsonObject } from '../json.ts'
import type { KubeObject } from '../objects.ts'
import { DEFAULT_CLASS } from '../write/admission.ts'
import { AGE, type Column, NAME, spec, status } from './column.ts'

const phase: Column = [
  'Status',
  false,
  (one) =>
    one.metadata.deletionTimestamp === undefined ? String(status(one).phase ?? '') : 'Terminating',
]
const storageClass: Column = [
  'StorageClass',
  false,
  (one) => String(spec(one).storageClassName ?? ''),
]
const attributes: Column = [
  'VolumeAttributesClass',
  false,
  (one) => String(spec(one).volumeAttributesClassName ?? '<unset>'),
]
const mode: Column = ['VolumeMode', true, (one) => String(spec(one).volumeMode ?? '<unset>')]

export const volumeColumns: Readonly<Record<string, readonly Column[]>> = {
  persistentvolumes: [
    NAME,
    ['Capacity', false, (one) => storage(spec(one).capacity)],
    ['Access Modes', false, (one) => modes(spec(one).accessModes)],
    ['Reclaim Policy', false, (one) => String(spec(one).persistentVolumeReclaimPolicy ?? '')],
    phase,
    ['Claim', false, (one) => claim(one)],
    storageClass,
    attributes,
    ['Reason', false, (one) => String(status(one).reason ?? '')],
    AGE,
    mode,
  ],
  persistentvolumeclaims: [
    NAME,
    phase,
    ['Volume', false, (one) => String(spec(one).volumeName ?? '')],
    ['Capacity', false, (one) => storage(status(one).capacity)],
    ['Access Modes', false, (one) => modes(status(one).accessModes)],
    storageClass,
    attributes,
    AGE,
    mode,
  ],
  storageclasses: [
    [
      'Name',
      false,
      ({ metadata: { name, annotations } }) =>
        annotations?.[DEFAULT_CLASS] === 'true' ? `${name} (default)` : name,
    ],
    ['Provisioner', false, ({ provisioner }) => String(provisioner)],
    ['ReclaimPolicy', false, ({ reclaimPolicy }) => String(reclaimPolicy)],
    ['VolumeBindingMode', false, ({ volumeBindingMode }) => String(volumeBindingMode)],
    [
      'AllowVolumeExpansion',
      false,
      ({ allowVolumeExpansion = false }) => String(allowVolumeExpansion),
    ],
    AGE,
  ],
}

function storage(capacity: unknown): string {
  return String((capacity as JsonObject | undefined)?.storage ?? '')
}

function claim(one: KubeObject): string {
  const { namespace, name } = (spec(one).claimRef ?? {}) as JsonObject
  return name === undefined ? '' : `${namespace}/${name}`
}

function modes(value: unknown): string {
  const short: Readonly<Record<string, string>> = {
    ReadWriteOnce: 'RWO',
    ReadOnlyMany: 'ROX',
    ReadWriteMany: 'RWX',
    ReadWriteOncePod: 'RWOP',
  }
  return ((value ?? []) as readonly string[]).map((mode) => short[mode] ?? mode).join(',')
}
