import { Cron } from 'croner'
import { z } from 'zod'
import {
  containerFields,
  nameSchema,
  portNumber,
  secretRef,
  sidecarSchema,
  stopSchema,
  volumeSchema,
} from './container.ts'
import { crossCheck } from './crosscheck.ts'
import { type AppId, appIdSchema, resolveId } from './id.ts'
import {
  autoscaleSchema,
  disruptionSchema,
  jobSchema,
  networkSchema,
  placementSchema,
  restartSchema,
  scheduleSchema,
  unreachableSchema,
  updateSchema,
} from './policies.ts'
import { probesSchema } from './probes.ts'

export type { AppId } from './id.ts'

export const APP_KINDS = ['service', 'stateful', 'daemon', 'job', 'cron'] as const
export type AppKind = (typeof APP_KINDS)[number]

const portSchema = z.strictObject({
  name: nameSchema.describe('What probes and other apps call it: http'),
  containerPort: portNumber,
  hostPort: z
    .union([portNumber, z.literal('dynamic')])
    .optional()
    .describe('The port on the node; "dynamic" lets the engine choose'),
  servicePort: portNumber.optional().describe('The port other apps use; containerPort when absent'),
  protocol: z.enum(['tcp', 'udp', 'sctp']).default('tcp'),
  exposure: z
    .enum(['internal', 'node', 'cluster', 'public'])
    .optional()
    .describe(
      'internal: other apps only. node: the node that runs it. cluster: every node. public: a load balancer',
    ),
  host: z.string().min(1).optional().describe('With public: the host name that is routed here'),
  path: z.string().regex(/^\//).optional().describe('With public: the path that is routed here'),
})

/** Label keys and values follow Kubernetes' rules, the strictest of the engines: selectable and short. */
const LABEL_KEY =
  /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/
const labelsSchema = z.record(
  z
    .string()
    .regex(LABEL_KEY, 'needs a label key: up to 63 letters, digits, "-", "_" and "."')
    .refine((key) => !key.startsWith('intermodal.'), 'labels under "intermodal." are our own'),
  z
    .string({ error: 'needs text: quote numbers and booleans' })
    .regex(
      LABEL_VALUE,
      'needs up to 63 letters, digits, "-", "_" and "."; longer text goes to annotations',
    ),
)

const nativePatch = z.record(z.string(), z.unknown())

const shape = z.strictObject({
  $schema: z.string().optional().describe('For editors; not part of the app'),
  id: appIdSchema.describe('Path of lower-case names: /shop/web'),
  kind: z.enum(APP_KINDS).default('service'),
  replicas: z
    .int()
    .min(0)
    .optional()
    .describe('Absent: the live count stays (1 when there is none)'),
  ...containerFields,
  registryAuth: secretRef.optional().describe('The secret with the credentials of the registry'),
  tty: z.boolean().optional(),
  ports: z.array(portSchema).default([]),
  network: networkSchema.optional(),
  probes: probesSchema.prefault({}),
  volumes: z.record(nameSchema, volumeSchema).default({}),
  placement: placementSchema.prefault({}),
  update: updateSchema.prefault({}),
  restart: restartSchema.prefault({}),
  stop: stopSchema.prefault({}),
  dependsOn: z
    .record(z.string(), z.enum(['started', 'healthy', 'completed']))
    .default({})
    .describe('Apps that have to be there first: { db: healthy }'),
  sidecars: z.record(nameSchema, sidecarSchema).default({}),
  init: z.array(sidecarSchema.extend({ name: nameSchema })).default([]),
  job: jobSchema.optional(),
  schedule: scheduleSchema.optional(),
  autoscale: autoscaleSchema.optional(),
  disruption: disruptionSchema.optional(),
  onUnreachable: unreachableSchema.optional(),
  labels: labelsSchema.default({}).describe('Selectable, short'),
  annotations: z.record(z.string().min(1), z.string()).default({}).describe('Free text'),
  native: z
    .strictObject({
      marathon: nativePatch.optional(),
      kubernetes: nativePatch.optional(),
      swarm: nativePatch.optional(),
    })
    .optional()
    .describe('Patches merged into the translated objects, per engine'),
})

/** An app as people write it. */
export type AppInput = z.input<typeof shape>

type Shape = z.output<typeof shape>

/** How an update goes, with its defaults filled in: what every engine is asked for. */
export interface UpdatePolicy
  extends Omit<
    Shape['update'],
    'strategy' | 'maxUnavailable' | 'maxSurge' | 'minReadyTime' | 'progressDeadline' | 'onFailure'
  > {
  readonly strategy: 'rolling' | 'recreate'
  readonly maxUnavailable: number | `${number}%`
  readonly maxSurge: number | `${number}%`
  readonly minReadyTime: number
  readonly progressDeadline: number
  readonly onFailure: 'pause' | 'rollback' | 'continue'
}

/**
 * An app as the library keeps it: validated, defaults filled in, cpu in millicores, memory in bytes, durations in
 * milliseconds.
 */
export interface App extends Readonly<Omit<Shape, '$schema' | 'dependsOn' | 'update' | 'restart'>> {
  readonly dependsOn: Readonly<Record<AppId, 'started' | 'healthy' | 'completed'>>
  readonly update: UpdatePolicy
  readonly restart: Shape['restart'] & { readonly condition: 'always' | 'onFailure' | 'never' }
}

export type Probe = NonNullable<App['probes']['liveness']>
export type Volume = App['volumes'][string]
export type Port = App['ports'][number]
export type Sidecar = App['sidecars'][string]
export type EnvValue = App['env'][string]
export type FileSource = App['files'][string]
export type PlacementRule = App['placement']['require'][number]
export type Resources = App['resources']

const TEN_MINUTES = 600_000

/** The documented defaults of `update`: they depend on the kind, on fixed host ports, and on each other. */
export function updatePolicy(app: Pick<Shape, 'kind' | 'ports' | 'update'>): UpdatePolicy {
  const { update } = app
  // A fixed port on the node, a stable identity and one instance per node each leave no room for a surge.
  const roomForSurge =
    app.kind === 'service' && !app.ports.some((p) => typeof p.hostPort === 'number')
  const strategy = update.strategy ?? 'rolling'
  const surgeGiven = update.maxSurge !== undefined
  const maxUnavailable =
    update.maxUnavailable ?? (strategy === 'recreate' ? '100%' : roomForSurge || surgeGiven ? 0 : 1)
  return {
    ...update,
    strategy,
    maxUnavailable,
    maxSurge:
      update.maxSurge ??
      (strategy === 'recreate' || !roomForSurge || update.maxUnavailable !== undefined ? 0 : 1),
    minReadyTime: update.minReadyTime ?? 0,
    progressDeadline: update.progressDeadline ?? TEN_MINUTES,
    onFailure: update.onFailure ?? 'pause',
  }
}

function cronProblem(app: Shape): string | undefined {
  if (!app.schedule) return undefined
  try {
    new Cron(app.schedule.cron, {
      paused: true,
      mode: '5-part',
      ...(app.schedule.timeZone === undefined ? {} : { timezone: app.schedule.timeZone }),
    }).nextRun()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

export const appSchema = shape
  .superRefine((app, context) => {
    for (const { path, message } of crossCheck(app))
      context.addIssue({ code: 'custom', path, message })
    const problem = cronProblem(app)
    if (problem) {
      context.addIssue({
        code: 'custom',
        path: ['schedule', 'cron'],
        message: `needs five cron fields, such as "*/15 * * * *": ${problem}`,
      })
    }
  })
  .transform(({ $schema: _, ...app }): App => {
    const finite = app.kind === 'job' || app.kind === 'cron'
    return {
      ...app,
      ports: app.ports.map((port) => ({
        ...port,
        exposure: port.exposure ?? (port.hostPort === undefined ? 'internal' : 'node'),
      })),
      update: updatePolicy(app as Shape),
      restart: {
        ...app.restart,
        condition: app.restart.condition ?? (finite ? 'onFailure' : 'always'),
      },
      dependsOn: Object.fromEntries(
        Object.entries(app.dependsOn).map(([key, value]) => [resolveId(key, app.id), value]),
      ),
      ...(finite ? { job: app.job ?? { completions: 1, parallelism: 1 } } : {}),
    }
  })

/** The input side as it is written: what the published JSON Schema describes. */
export const appInputShape = shape
export type AppShape = Shape
