import { z } from 'zod'
import { LABEL } from './id.ts'
import {
  choice,
  type In,
  named,
  type Out,
  once,
  someText,
  text,
  wholeNumber,
  wordsOf,
} from './named.ts'
import { cpuSchema, durationSchema, memorySchema } from './quantity-schema.ts'

export const nameSchema = once(() =>
  text(LABEL, 'needs a lower-case name: letters, digits and inner hyphens, up to 63'),
)

export const absolutePath = once(() =>
  text(/^\/[^\0]*$/, 'needs an absolute path, such as /etc/app.conf'),
)

export const portNumber = once(() => z.int().min(1).max(65535))

const key = once(() =>
  text(/^[A-Za-z0-9._-]+$/, 'needs a key: letters, digits, ".", "_" and "-"').optional(),
)

const rawSecretRef = once(() =>
  z.strictObject({
    secret: nameSchema().describe('Name of the secret in the cluster'),
    key: key().describe('Which value of the secret, when it holds several'),
  }),
)
const rawConfigRef = once(() =>
  z.strictObject({
    config: nameSchema().describe('Name of the config in the cluster'),
    key: key().describe('Which value of the config, when it holds several'),
  }),
)

/** A value that the cluster keeps as a secret, by its name. */
export interface SecretRef extends Out<typeof rawSecretRef> {}
/** A value that the cluster keeps as a config, by its name. */
export interface ConfigRef extends Out<typeof rawConfigRef> {}

export const secretRef = once(() => named<SecretRef, SecretRef>(rawSecretRef()))

const FIELD = {
  'app.id': 'The id of the app: /shop/web',
  'app.name': 'The last part of the id: web',
  'instance.name': 'What the engine calls this instance',
  'instance.ip': 'The address of this instance',
  'node.name': 'The node this instance runs on',
} as const
/** Facts of the running instance that an environment variable can carry. */
export const FIELDS = wordsOf(FIELD)

const rawFieldRef = once(() =>
  z.strictObject({
    field: choice(FIELD).describe('A fact of the running instance'),
  }),
)
/** A fact of the running instance. */
export interface FieldRef extends Out<typeof rawFieldRef> {}

/** What an environment variable is set to. */
export type EnvValue = string | SecretRef | ConfigRef | FieldRef

const envSchema = once(() =>
  z.record(
    text(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'needs a variable name, such as LOG_LEVEL'),
    named<EnvValue, EnvValue>(
      z.union([z.string(), rawSecretRef(), rawConfigRef(), rawFieldRef()], {
        error:
          'needs text (quote numbers and booleans), or exactly one of { secret }, { config }, { field }',
      }),
    ),
  ),
)

const mode = once(() =>
  text(/^0?[0-7]{3}$/, 'needs an octal file mode in quotes, such as "0444"')
    .optional()
    .describe('File mode in octal: "0444"'),
)

const rawContentFile = once(() =>
  z.strictObject({
    content: z.string().describe('The text of the file'),
    mode: mode(),
  }),
)
const rawSecretFile = once(() => rawSecretRef().extend({ mode: mode() }))
const rawConfigFile = once(() => rawConfigRef().extend({ mode: mode() }))

/** A file with this text. */
export interface ContentFile extends Out<typeof rawContentFile> {}
/** A file with the value of a secret. */
export interface SecretFile extends Out<typeof rawSecretFile> {}
/** A file with the value of a config. */
export interface ConfigFile extends Out<typeof rawConfigFile> {}
/** Where a file in the container comes from. */
export type FileSource = ContentFile | SecretFile | ConfigFile

const fileSchema = once(() =>
  named<FileSource, FileSource>(
    z.union([rawContentFile(), rawSecretFile(), rawConfigFile()], {
      error: 'needs exactly one of { content }, { secret } and { config }',
    }),
  ),
)

const rawAmounts = once(() =>
  z.strictObject({
    cpu: cpuSchema().optional().describe('Cores: 0.25 or "250m"'),
    memory: memorySchema().optional().describe('Memory: "512Mi" is binary, "128M" is decimal'),
    disk: memorySchema().optional().describe('Scratch disk: "1Gi"'),
  }),
)
export interface AmountsInput extends In<typeof rawAmounts> {}
/** Millicores and bytes. */
export interface Amounts extends Out<typeof rawAmounts> {}
const amounts = once(() => named<Amounts, AmountsInput>(rawAmounts()))

const rawResources = once(() =>
  z.strictObject({
    requests: amounts().optional().describe('Reserved for each instance: what placement counts'),
    limits: amounts().optional().describe('What an instance may not pass'),
    gpus: wholeNumber(0).optional().describe('GPUs for each instance'),
  }),
)
export interface ResourcesInput extends In<typeof rawResources> {}
/** What one instance is given. */
export interface Resources extends Out<typeof rawResources> {}

const capability = once(() =>
  text(/^[A-Z][A-Z0-9_]*$/, 'needs a capability, such as NET_ADMIN or ALL'),
)
const rawSecurity = once(() =>
  z.strictObject({
    user: z
      .union([wholeNumber(0), someText()], { error: 'needs a user name or number' })
      .optional()
      .describe("User name or number the processes run as; the image's when absent"),
    group: z
      .union([wholeNumber(0), someText()], { error: 'needs a group name or number' })
      .optional()
      .describe("Group name or number the processes run as; the image's when absent"),
    privileged: z.boolean().optional().describe('Full access to the node. Off unless set'),
    capabilities: z
      .strictObject({
        add: z.array(capability()).optional().describe('Linux capabilities to add: [NET_ADMIN]'),
        drop: z.array(capability()).optional().describe('Linux capabilities to take away: [ALL]'),
      })
      .optional()
      .describe('Linux capabilities, without the prefix CAP_'),
    readOnlyRootFilesystem: z
      .boolean()
      .optional()
      .describe("Whether the image's own files cannot be written to"),
    noNewPrivileges: z
      .boolean()
      .optional()
      .describe('Whether processes cannot gain more rights than they started with'),
  }),
)
/** What the processes of a container may do. */
export interface Security extends Out<typeof rawSecurity> {}

const PULL = {
  always: 'Ask the registry at every start',
  ifNotPresent: 'Only when the node does not have the image',
  never: 'The node has to have the image already',
} as const

/** What main container, sidecars and init containers have in common. */
export const containerFields = once(() => ({
  image: text(/^[^\s/]\S*$/, 'needs an image, such as registry.example.com/shop/web:1.4').describe(
    'Image reference: registry.example.com/shop/web:1.4',
  ),
  pullPolicy: choice(PULL)
    .optional()
    .describe("When the image is fetched. The engine's own way when absent"),
  entrypoint: z.array(z.string()).min(1).optional().describe("Replaces the image's ENTRYPOINT"),
  args: z.array(z.string()).optional().describe("Replaces the image's CMD"),
  shell: someText().optional().describe('One line for /bin/sh -c; excludes entrypoint and args'),
  workingDir: absolutePath().optional().describe("Where processes start; the image's when absent"),
  env: envSchema()
    .default({})
    .describe('Environment variables: text, { secret, key }, { config, key } or { field }'),
  files: z
    .record(absolutePath(), fileSchema())
    .default({})
    .describe('Files to put into the container, by absolute path'),
  resources: named<Resources, ResourcesInput>(rawResources())
    .default({})
    .describe('Cpu, memory, disk and GPUs of each instance'),
  security: named<Security, Security>(rawSecurity())
    .optional()
    .describe('User, capabilities and what else the processes may do'),
}))

const rawMount = once(() =>
  z.strictObject({
    mountPath: absolutePath().describe('Where this container sees the volume'),
    readOnly: z.boolean().optional().describe('Whether this container cannot write to it'),
  }),
)
/** Where a further container sees a volume of the app. */
export interface Mount extends Out<typeof rawMount> {}

const furtherFields = once(() => ({
  ...containerFields(),
  mounts: z
    .record(nameSchema(), named<Mount, Mount>(rawMount()))
    .default({})
    .describe("The app's volumes that this container sees, by volume name"),
}))

const rawSidecar = once(() => z.strictObject(furtherFields()))
const rawInit = once(() =>
  z.strictObject({ name: nameSchema().describe('What it is called'), ...furtherFields() }),
)

export interface SidecarInput extends In<typeof rawSidecar> {}
/** A further container in every instance, next to the main one. */
export interface Sidecar extends Out<typeof rawSidecar> {}
export interface InitContainerInput extends In<typeof rawInit> {}
/** A container that has to end well before the main one starts. */
export interface InitContainer extends Out<typeof rawInit> {}

export const sidecarSchema = once(() => named<Sidecar, SidecarInput>(rawSidecar()))
export const initSchema = once(() => named<InitContainer, InitContainerInput>(rawInit()))

const rawStop = once(() =>
  z.strictObject({
    signal: text(/^SIG[A-Z0-9+-]+$/, 'needs a signal, such as SIGTERM')
      .optional()
      .describe("What asks the processes to end; the image's signal or SIGTERM when absent"),
    gracePeriod: durationSchema()
      .optional()
      .describe('From the signal to the kill: "10s". The engine\'s own when absent'),
    preStop: z.array(z.string()).min(1).optional().describe('A command run before the signal'),
    drainDelay: durationSchema()
      .optional()
      .describe('From leaving the load balancer to the signal'),
  }),
)
export interface StopInput extends In<typeof rawStop> {}
/** How an instance is asked to end. Milliseconds. */
export interface Stop extends Out<typeof rawStop> {}
export const stopSchema = once(() => named<Stop, StopInput>(rawStop()))
