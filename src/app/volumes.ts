import { z } from 'zod'
import { absolutePath, nameSchema } from './container.ts'
import { choice, type In, named, type Out, once, someText } from './named.ts'
import { memorySchema } from './quantity-schema.ts'

const base = once(() => ({
  mountPath: absolutePath().describe('Where the main container sees it'),
  readOnly: z.boolean().optional().describe('Whether the main container cannot write to it'),
}))

const size = once(() => memorySchema().optional().describe('How much it may hold: "1Gi"'))

const empty = once(() =>
  z
    .strictObject({ type: z.literal('empty'), ...base(), size: size() })
    .describe('Scratch space that lives and dies with the instance'),
)
const tmpfs = once(() =>
  z
    .strictObject({ type: z.literal('tmpfs'), ...base(), size: size() })
    .describe('Scratch space in memory'),
)
const host = once(() =>
  z
    .strictObject({
      type: z.literal('host'),
      ...base(),
      path: absolutePath().describe('The path on the node'),
    })
    .describe("A path of the node's file system"),
)
const byName = once(() =>
  z
    .strictObject({
      type: z.literal('named'),
      ...base(),
      name: someText().optional().describe('What the engine calls it; the key when absent'),
      driver: someText().optional().describe('The volume plugin that makes it'),
      options: z
        .record(someText(), z.string())
        .optional()
        .describe('What the volume plugin is told'),
    })
    .describe('A volume the engine knows by name, shared by all instances'),
)
const claim = once(() =>
  z
    .strictObject({
      type: z.literal('claim'),
      ...base(),
      size: memorySchema().describe('How much storage each replica gets: "10Gi"'),
      storageClass: someText()
        .optional()
        .describe("The kind of storage; the cluster's own when absent"),
      access: choice({
        one: 'One node reads and writes',
        many: 'Many nodes read and write',
        readMany: 'Many nodes read',
      })
        .optional()
        .describe('How many nodes may mount it; one when absent'),
    })
    .describe('Storage of its own for each replica, kept over restarts'),
)
const config = once(() =>
  z
    .strictObject({
      type: z.literal('config'),
      ...base(),
      config: nameSchema().describe('Name of the config in the cluster'),
    })
    .describe('Every key of a config as a file'),
)
const secret = once(() =>
  z
    .strictObject({
      type: z.literal('secret'),
      ...base(),
      secret: nameSchema().describe('Name of the secret in the cluster'),
    })
    .describe('Every key of a secret as a file'),
)

export interface EmptyVolumeInput extends In<typeof empty> {}
export interface EmptyVolume extends Out<typeof empty> {}
export interface TmpfsVolumeInput extends In<typeof tmpfs> {}
export interface TmpfsVolume extends Out<typeof tmpfs> {}
export interface HostVolume extends Out<typeof host> {}
export interface NamedVolume extends Out<typeof byName> {}
export interface ClaimVolumeInput extends In<typeof claim> {}
export interface ClaimVolume extends Out<typeof claim> {}
export interface ConfigVolume extends Out<typeof config> {}
export interface SecretVolume extends Out<typeof secret> {}

export type VolumeInput =
  | EmptyVolumeInput
  | TmpfsVolumeInput
  | HostVolume
  | NamedVolume
  | ClaimVolumeInput
  | ConfigVolume
  | SecretVolume

/** Storage of an app, told apart by `type`. Bytes. */
export type Volume =
  | EmptyVolume
  | TmpfsVolume
  | HostVolume
  | NamedVolume
  | ClaimVolume
  | ConfigVolume
  | SecretVolume

export const volumeSchema = once(() =>
  named<Volume, VolumeInput>(
    z.discriminatedUnion('type', [empty(), tmpfs(), host(), byName(), claim(), config(), secret()]),
  ),
)
