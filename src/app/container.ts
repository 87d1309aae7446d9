import { z } from 'zod'
import { LABEL } from './id.ts'
import { cpuSchema, durationSchema, memorySchema } from './quantity.ts'

const NAME_HELP = 'needs a lower-case name: letters, digits and inner hyphens, up to 63'
export const nameSchema = z.string().regex(LABEL, NAME_HELP)

const PATH_HELP = 'needs an absolute path, such as /etc/app.conf'
export const absolutePath = z.string().regex(/^\/[^\0]*$/, PATH_HELP)

export const portNumber = z.int().min(1).max(65535)

/** The name of a secret or config as the cluster knows it, and the key in it when it holds several. */
const key = z
  .string()
  .regex(/^[A-Za-z0-9._-]+$/)
  .optional()
export const secretRef = z.strictObject({
  secret: nameSchema.describe('Name of the secret in the cluster'),
  key: key.describe('Which value of it, when it holds several'),
})
export const configRef = z.strictObject({
  config: nameSchema.describe('Name of the config in the cluster'),
  key: key.describe('Which value of it, when it holds several'),
})

/** Facts of the running instance that an environment variable can carry. */
export const FIELDS = ['app.id', 'app.name', 'instance.name', 'instance.ip', 'node.name'] as const
const fieldRef = z.strictObject({ field: z.enum(FIELDS) })

const LITERAL_HELP =
  'needs text (quote numbers and booleans), or one of { secret }, { config }, { field }'
export const envValue = z.union([z.string(), secretRef, configRef, fieldRef], {
  error: LITERAL_HELP,
})
const envSchema = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'needs a variable name, such as LOG_LEVEL'),
  envValue,
)

const mode = z
  .string()
  .regex(/^0?[0-7]{3}$/, 'needs an octal file mode in quotes, such as "0444"')
  .optional()
const fileSchema = z.union(
  [
    z.strictObject({ content: z.string(), mode }),
    secretRef.extend({ mode }),
    configRef.extend({ mode }),
  ],
  { error: 'needs one of { content }, { secret } or { config }' },
)

const amounts = z.strictObject({
  cpu: cpuSchema.optional().describe('Cores: 0.25 or "250m"'),
  memory: memorySchema.optional().describe('"512Mi", "1.5Gi"'),
  disk: memorySchema.optional().describe('Scratch disk: "1Gi"'),
})

export const resourcesSchema = z.strictObject({
  requests: amounts.optional().describe('Reserved: what placement counts'),
  limits: amounts.optional().describe('What the instance may not pass'),
  gpus: z.int().min(0).optional(),
})

export const securitySchema = z.strictObject({
  user: z.union([z.int().min(0), z.string().min(1)]).optional(),
  group: z.union([z.int().min(0), z.string().min(1)]).optional(),
  privileged: z.boolean().optional(),
  capabilities: z
    .strictObject({
      add: z.array(z.string().regex(/^[A-Z_]+$/, 'needs a name such as NET_ADMIN')).optional(),
      drop: z.array(z.string().regex(/^[A-Z_]+$/, 'needs a name such as ALL')).optional(),
    })
    .optional(),
  readOnlyRootFilesystem: z.boolean().optional(),
  noNewPrivileges: z.boolean().optional(),
})

/** What main container, sidecars and init containers have in common. */
export const containerFields = {
  image: z
    .string()
    .regex(/^[^\s/][^\s]*$/, 'needs an image, such as registry.example.com/shop/web:1.4')
    .describe('Image reference: registry.example.com/shop/web:1.4'),
  pullPolicy: z.enum(['always', 'ifNotPresent', 'never']).optional(),
  entrypoint: z.array(z.string()).min(1).optional().describe("Replaces the image's ENTRYPOINT"),
  args: z.array(z.string()).optional().describe("Replaces the image's CMD"),
  shell: z
    .string()
    .min(1)
    .optional()
    .describe('One line for /bin/sh -c; excludes entrypoint and args'),
  workingDir: absolutePath.optional(),
  env: envSchema.default({}),
  files: z
    .record(absolutePath, fileSchema)
    .default({})
    .describe('Files to put into the container, by path'),
  resources: resourcesSchema.default({}),
  security: securitySchema.optional(),
} as const

/** An extra container next to the main one. It mounts the app's volumes by name. */
export const sidecarSchema = z.strictObject({
  ...containerFields,
  mounts: z
    .record(
      nameSchema,
      z.strictObject({ mountPath: absolutePath, readOnly: z.boolean().optional() }),
    )
    .default({})
    .describe("The app's volumes that this container sees, by volume name"),
})

const volumeBase = {
  mountPath: absolutePath.describe('Where the main container sees it'),
  readOnly: z.boolean().optional(),
} as const

export const volumeSchema = z.discriminatedUnion(
  'type',
  [
    z
      .strictObject({ ...volumeBase, type: z.literal('empty'), size: memorySchema.optional() })
      .describe('Scratch space that lives and dies with the instance'),
    z
      .strictObject({ ...volumeBase, type: z.literal('tmpfs'), size: memorySchema.optional() })
      .describe('Scratch space in memory'),
    z
      .strictObject({ ...volumeBase, type: z.literal('host'), path: absolutePath })
      .describe("A path of the node's file system"),
    z
      .strictObject({
        ...volumeBase,
        type: z.literal('named'),
        name: z.string().min(1).optional().describe('Defaults to the key'),
        driver: z.string().min(1).optional(),
        options: z.record(z.string(), z.string()).optional(),
      })
      .describe('A volume the engine knows by name, shared by all instances'),
    z
      .strictObject({
        ...volumeBase,
        type: z.literal('claim'),
        size: memorySchema,
        storageClass: z.string().min(1).optional(),
        access: z
          .enum(['one', 'many', 'readMany'])
          .optional()
          .describe('How many nodes may mount it'),
      })
      .describe('Storage of its own for each replica, kept over restarts'),
    z
      .strictObject({ ...volumeBase, type: z.literal('config'), config: nameSchema })
      .describe('Every key of a config as a file'),
    z
      .strictObject({ ...volumeBase, type: z.literal('secret'), secret: nameSchema })
      .describe('Every key of a secret as a file'),
  ],
  { error: 'needs a type: empty, tmpfs, host, named, claim, config or secret' },
)

export const stopSchema = z.strictObject({
  signal: z
    .string()
    .regex(/^SIG[A-Z0-9+-]+$/, 'needs a signal, such as SIGTERM')
    .optional(),
  gracePeriod: durationSchema.optional().describe('From the signal to the kill: "10s"'),
  preStop: z.array(z.string()).min(1).optional().describe('A command run before the signal'),
  drainDelay: durationSchema.optional().describe('From leaving the load balancer to the signal'),
})
