import { type FieldSample, field, fieldEach } from './sample.ts'

const TYPES: Readonly<Record<string, object>> = {
  empty: {},
  tmpfs: {},
  host: { path: '/var/lib/shop' },
  named: {},
  claim: { size: '1Gi' },
  config: { config: 'settings' },
  secret: { secret: 'keys' },
}

function volume(type: string, fields: Readonly<Record<string, unknown>>): readonly FieldSample[] {
  const base = { volumes: { data: { type, mountPath: '/data', ...TYPES[type] } } }
  // Storage of its own for each replica asks for replicas that are told apart.
  const kinds = type === 'claim' ? (['stateful'] as const) : undefined
  const set = (key: string, value: unknown) => field(`/volumes/data/${key}`, value, base, kinds)
  return [
    set('type', type),
    set('mountPath', '/elsewhere'),
    set('readOnly', true),
    ...Object.entries(fields).map(([key, value]) => set(key, value)),
  ]
}

export const volumeFields: readonly FieldSample[] = [
  ...volume('empty', { size: '32Mi' }),
  ...volume('tmpfs', { size: '32Mi' }),
  ...volume('host', { path: '/var/lib/other' }),
  ...volume('named', { name: 'shop-data', driver: 'local', 'options/type': 'nfs' }),
  ...volume('claim', { size: '5Gi', storageClass: 'fast' }),
  ...fieldEach(
    '/volumes/data/access',
    ['one', 'many', 'readMany'],
    { volumes: { data: { type: 'claim', mountPath: '/data', size: '1Gi' } } },
    ['stateful'],
  ),
  ...volume('config', { config: 'other-settings' }),
  ...volume('secret', { secret: 'other-keys' }),
]
