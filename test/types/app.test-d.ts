import {
  type Amount,
  type App,
  type AppId,
  type AppInput,
  type Cpu,
  type Duration,
  defineApp,
  defineGroup,
  type EnvValue,
  type FileSource,
  type Group,
  type GroupInput,
  type Memory,
  type Port,
  type Probe,
  type Resources,
  type UpdatePolicy,
  type Volume,
} from 'intermodal'
import { describe, expectTypeOf, test } from 'vitest'
import type { z } from 'zod'
import type { appInputShape } from '../../src/app/schema.ts'

const base = { id: '/shop/web', image: 'web:1' } as const
type Field<K extends keyof AppInput> = NonNullable<AppInput[K]>

describe('an app as written', () => {
  test('is what the schema takes', () => {
    expectTypeOf<AppInput>().toEqualTypeOf<z.input<ReturnType<typeof appInputShape>>>()
  })

  test('needs an id and an image, and nothing else', () => {
    expectTypeOf<{ id: string; image: string }>().toExtend<AppInput>()
    // @ts-expect-error no image
    defineApp({ id: '/shop/web' })
    // @ts-expect-error no id
    defineApp({ image: 'web:1' })
  })

  test('has no unknown keys, at any depth', () => {
    // @ts-expect-error not a field
    defineApp({ ...base, instances: 3 })
    // @ts-expect-error not a field of an update
    defineApp({ ...base, update: { parallelism: 2 } })
    // @ts-expect-error not a field of a tcp probe
    defineApp({ ...base, probes: { liveness: { type: 'tcp', path: '/health' } } })
    const volume = { type: 'empty', mountPath: '/data' } as const
    // @ts-expect-error not a field of an empty volume
    defineApp({ ...base, volumes: { data: { ...volume, storageClass: 'a' } } })
    // @ts-expect-error not a field of a port
    defineApp({ ...base, ports: [{ name: 'http', containerPort: 80, target: 80 }] })
  })

  test('has durations with units', () => {
    expectTypeOf<'30s' | '1m30s' | '500ms' | '1.5h' | '1h30m15s'>().toExtend<Duration>()
    expectTypeOf<'30'>().not.toExtend<Duration>()
    expectTypeOf<30>().not.toExtend<Duration>()
    expectTypeOf<'1d'>().not.toExtend<Duration>()
    // @ts-expect-error a bare number
    defineApp({ ...base, update: { batchDelay: 30 } })
    // @ts-expect-error no unit
    defineApp({ ...base, update: { batchDelay: '30' } })
  })

  test('has amounts of memory, cpu and instances in units that mean one thing', () => {
    expectTypeOf<'512Mi' | '1.5Gi' | '128M' | 1_048_576>().toExtend<Memory>()
    expectTypeOf<'128m' | '1g' | '512MB'>().not.toExtend<Memory>()
    expectTypeOf<0.25 | '250m' | '0.5'>().toExtend<Cpu>()
    expectTypeOf<'250M' | '1 core'>().not.toExtend<Cpu>()
    expectTypeOf<1 | '25%'>().toExtend<Amount>()
    expectTypeOf<'25'>().not.toExtend<Amount>()
    // @ts-expect-error milli-bytes
    defineApp({ ...base, resources: { limits: { memory: '128m' } } })
  })

  test('has probes and volumes told apart by type', () => {
    expectTypeOf<Field<'probes'>['liveness']>().exclude(undefined).toHaveProperty('type')
    // @ts-expect-error a claim needs a size
    defineApp({ ...base, volumes: { data: { type: 'claim', mountPath: '/data' } } })
    // @ts-expect-error an exec probe needs a command
    defineApp({ ...base, probes: { liveness: { type: 'exec' } } })
    // @ts-expect-error no such type
    defineApp({ ...base, probes: { liveness: { type: 'htp' } } })
  })

  test('has values from the cluster wherever a variable may stand', () => {
    expectTypeOf<Field<'env'>>().toEqualTypeOf<Record<string, EnvValue>>()
    expectTypeOf<{ secret: string; key: string }>().toExtend<EnvValue>()
    expectTypeOf<{ field: 'instance.ip' }>().toExtend<EnvValue>()
    expectTypeOf<{ field: 'instance.port' }>().not.toExtend<EnvValue>()
    expectTypeOf<number>().not.toExtend<EnvValue>()
  })
})

describe('an app as kept', () => {
  test('is what defineApp gives, and what it takes back', () => {
    expectTypeOf(defineApp).returns.toEqualTypeOf<App>()
    expectTypeOf(defineApp).parameter(0).toEqualTypeOf<AppInput | App>()
  })

  test('has numbers for quantities', () => {
    expectTypeOf<NonNullable<Resources['limits']>['memory']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<NonNullable<Resources['limits']>['cpu']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<Probe['interval']>().toEqualTypeOf<number>()
    expectTypeOf<App['stop']['gracePeriod']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<Extract<Volume, { type: 'claim' }>['size']>().toEqualTypeOf<number>()
  })

  test('has its defaults filled in', () => {
    expectTypeOf<App['id']>().toEqualTypeOf<AppId>()
    expectTypeOf<App['replicas']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<App['update']>().toEqualTypeOf<UpdatePolicy>()
    expectTypeOf<UpdatePolicy['maxSurge']>().toEqualTypeOf<Amount>()
    expectTypeOf<App['restart']['condition']>().toEqualTypeOf<'always' | 'onFailure' | 'never'>()
    expectTypeOf<App['ports']>().toEqualTypeOf<Port[]>()
    expectTypeOf<App['placement']['spread'][number]['by']>().toEqualTypeOf<string>()
    expectTypeOf<App['files'][string]>().toEqualTypeOf<FileSource>()
    expectTypeOf<App>().not.toHaveProperty('$schema')
  })

  test('narrows probes and volumes by type', () => {
    const probe = {} as Probe
    if (probe.type === 'exec') expectTypeOf(probe.command).toEqualTypeOf<string[]>()
    if (probe.type === 'http') expectTypeOf(probe.path).toEqualTypeOf<string>()
    const volume = {} as Volume
    if (volume.type === 'host') expectTypeOf(volume.path).toEqualTypeOf<string>()
    if (volume.type === 'secret') expectTypeOf(volume.secret).toEqualTypeOf<string>()
  })

  test('cannot be assigned to', () => {
    const app = {} as App
    // @ts-expect-error apps are frozen
    app.image = 'x'
  })
})

describe('a group', () => {
  test('has apps without ids', () => {
    expectTypeOf<GroupInput['apps'][string]>().not.toHaveProperty('id')
    expectTypeOf(defineGroup).returns.toEqualTypeOf<Group>()
    // @ts-expect-error the id is made of the group and the key
    defineGroup({ group: '/shop', apps: { web: { id: '/shop/web', image: 'web:1' } } })
    // @ts-expect-error a path begins with a slash
    defineGroup({ group: 'shop', apps: { web: { image: 'web:1' } } })
  })
})
