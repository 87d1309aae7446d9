import { z } from 'zod'
import {
  containerFields,
  initSchema,
  nameSchema,
  secretRef,
  sidecarSchema,
  stopSchema,
} from './container.ts'
import { crossCheck, isZero } from './crosscheck.ts'
import { type AppId, appIdSchema, REFERENCE, resolveId } from './id.ts'
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
import { placementSchema } from './placement.ts'
import {
  autoscaleSchema,
  disruptionSchema,
  jobSchema,
  networkSchema,
  restartSchema,
  scheduleSchema,
  unreachableSchema,
  updateSchema,
  type WrittenRestart,
  type WrittenUpdate,
} from './policies.ts'
import { type Port, portSchema } from './ports.ts'
import { probesSchema } from './probes.ts'
import type { Amount } from './quantity.ts'
import { volumeSchema } from './volumes.ts'

export type { EnvValue, FileSource, Resources, Sidecar } from './container.ts'
export type { AppId } from './id.ts'
export type { PlacementRule } from './placement.ts'
export type { Port } from './ports.ts'
export type { Probe } from './probes.ts'
export type { Volume } from './volumes.ts'

const KIND = {
  service: 'Runs for ever; any instance is as good as any other',
  stateful: 'Runs for ever; each instance keeps its name and its claims',
  daemon: 'Runs for ever, one instance on every node',
  job: 'Runs until it is done',
  cron: 'A job that runs by a schedule',
} as const
/** Every kind of app. */
export const APP_KINDS = wordsOf(KIND)
/**
 * What sort of app it is: `service` and `stateful` run for ever, `daemon` once on every node, `job` until it is done,
 * `cron` by a schedule.
 */
export type AppKind = (typeof APP_KINDS)[number]

/** Label keys and values follow Kubernetes' rules, the strictest of the engines: selectable and short. */
const LABEL_KEY =
  /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/
const OWN_LABEL = /^(?!intermodal\.)/
const labelsSchema = once(() =>
  z.record(
    text(LABEL_KEY, 'needs a label key: up to 63 letters, digits, "-", "_" and "."').regex(
      OWN_LABEL,
      'needs another beginning: labels under "intermodal." are our own',
    ),
    text(
      LABEL_VALUE,
      'needs text of up to 63 letters, digits, "-", "_" and "."; longer text goes to annotations',
    ),
  ),
)

const condition = once(() =>
  choice({
    started: 'Its instances have been started',
    healthy: 'Its instances are ready',
    completed: 'It is a job and has succeeded',
  }),
)

const nativePatch = once(() => z.record(z.string(), z.unknown()))
const rawNative = once(() =>
  z.strictObject({
    marathon: nativePatch().optional().describe('Merged into the Marathon app'),
    kubernetes: nativePatch().optional().describe('Merged into the Kubernetes objects'),
    swarm: nativePatch().optional().describe('Merged into the Swarm service spec'),
  }),
)
/** Patches per engine, as its own API spells them. */
export interface Native extends Out<typeof rawNative> {}

const shape = once(() =>
  z.strictObject({
    $schema: z.string().optional().describe('For editors; not part of the app'),
    id: appIdSchema().describe('Path of lower-case names: /shop/web'),
    kind: choice(KIND).default('service').describe('What sort of app it is'),
    replicas: wholeNumber(0)
      .optional()
      .describe('How many instances. Absent: the live count stays (1 when there is none)'),
    ...containerFields(),
    registryAuth: secretRef()
      .optional()
      .describe('The secret with the credentials of the registry'),
    tty: z.boolean().optional().describe('Whether the main process gets a terminal'),
    ports: z.array(portSchema()).default([]).describe('Ports the app listens on'),
    network: networkSchema().optional().describe('Networks and further names'),
    probes: probesSchema().prefault({}).describe('Checks of liveness, readiness and start'),
    volumes: z
      .record(nameSchema(), volumeSchema())
      .default({})
      .describe('Storage, by a name that sidecars and init containers mount it by'),
    placement: placementSchema().prefault({}).describe('Which nodes instances run on'),
    update: updateSchema().prefault({}).describe('How new instances take the place of old ones'),
    restart: restartSchema().prefault({}).describe('What happens when an instance ends'),
    stop: stopSchema().prefault({}).describe('How an instance is asked to end'),
    dependsOn: z
      .record(
        text(
          REFERENCE,
          'needs the id of an app, such as /shop/db, or the name of one in this group',
        ),
        condition(),
      )
      .default({})
      .describe('Apps that have to be there first: { db: healthy }'),
    sidecars: z
      .record(nameSchema(), sidecarSchema())
      .default({})
      .describe('Further containers in every instance, by name'),
    init: z
      .array(initSchema())
      .default([])
      .describe('Containers that run in this order, each to its end, before the main one starts'),
    job: jobSchema().optional().describe('For the kinds job and cron: when it is done'),
    schedule: scheduleSchema().optional().describe('For the kind cron: when it runs'),
    autoscale: autoscaleSchema().optional().describe('How many instances, by what they do'),
    disruption: disruptionSchema()
      .optional()
      .describe('How many instances maintenance of nodes may take away at once'),
    onUnreachable: unreachableSchema()
      .optional()
      .describe('What happens to instances on a node that is not heard of'),
    labels: labelsSchema().default({}).describe('Short text to select apps by'),
    annotations: z
      .record(someText(), z.string())
      .default({})
      .describe('Free text; nothing selects by it'),
    native: named<Native, Native>(rawNative())
      .optional()
      .describe('Patches merged into the translated objects, per engine'),
  }),
)

/** An app as people write it. */
export interface AppInput extends In<typeof shape> {}

/** Checked, with the defaults that do not depend on other fields. */
export interface AppShape extends Out<typeof shape> {}

/** How an update goes, with its defaults filled in: what every engine is asked for. */
export interface UpdatePolicy extends Omit<WrittenUpdate, keyof UpdateDefaults>, UpdateDefaults {}

interface UpdateDefaults {
  readonly strategy: 'rolling' | 'recreate'
  readonly maxUnavailable: Amount
  readonly maxSurge: Amount
  /** Milliseconds. */
  readonly minReadyTime: number
  /** Milliseconds. */
  readonly progressDeadline: number
  readonly onFailure: 'pause' | 'rollback' | 'continue'
}

/** What happens when an instance ends. Milliseconds. */
export interface RestartPolicy extends Omit<WrittenRestart, 'condition'> {
  readonly condition: 'always' | 'onFailure' | 'never'
}

/**
 * An app as the library keeps it: validated, frozen, defaults filled in, cpu in millicores, memory in bytes, durations
 * in milliseconds.
 */
export interface App
  extends Readonly<Omit<AppShape, '$schema' | 'dependsOn' | 'update' | 'restart'>> {
  readonly dependsOn: Readonly<Record<AppId, 'started' | 'healthy' | 'completed'>>
  readonly update: UpdatePolicy
  readonly restart: RestartPolicy
}

const TEN_MINUTES = 600_000

/** The documented defaults of `update`: they depend on the kind, on fixed host ports, and on each other. */
export function updatePolicy(app: {
  readonly kind: AppKind
  readonly ports: readonly Pick<Port, 'hostPort'>[]
  readonly update: WrittenUpdate
}): UpdatePolicy {
  const { update } = app
  const strategy = update.strategy ?? 'rolling'
  return {
    ...update,
    strategy,
    ...budgets(strategy, roomForSurge(app), update),
    minReadyTime: update.minReadyTime ?? 0,
    progressDeadline: update.progressDeadline ?? TEN_MINUTES,
    onFailure: update.onFailure ?? 'pause',
  }
}

/** A fixed port on the node, a stable identity and one instance per node each leave no room for a surge. */
function roomForSurge(app: Parameters<typeof updatePolicy>[0]): boolean {
  return app.kind === 'service' && !app.ports.some((port) => typeof port.hostPort === 'number')
}

/** Where one budget is given, the other is none, unless that would leave no way to replace anything. */
function budgets(
  strategy: 'rolling' | 'recreate',
  room: boolean,
  { maxUnavailable, maxSurge }: WrittenUpdate,
): Pick<UpdatePolicy, 'maxUnavailable' | 'maxSurge'> {
  if (strategy === 'recreate') {
    return { maxUnavailable: maxUnavailable ?? '100%', maxSurge: maxSurge ?? 0 }
  }
  if (maxSurge !== undefined) {
    return { maxUnavailable: maxUnavailable ?? (isZero(maxSurge) ? 1 : 0), maxSurge }
  }
  if (maxUnavailable !== undefined) {
    return { maxUnavailable, maxSurge: isZero(maxUnavailable) && room ? 1 : 0 }
  }
  return room ? { maxUnavailable: 0, maxSurge: 1 } : { maxUnavailable: 1, maxSurge: 0 }
}

function fillIn({ $schema: _, ...app }: AppShape): App {
  const finite = app.kind === 'job' || app.kind === 'cron'
  return {
    ...app,
    ports: app.ports.map((port) => ({
      ...port,
      exposure: port.exposure ?? (port.hostPort === undefined ? 'internal' : 'node'),
    })),
    update: updatePolicy(app),
    restart: {
      ...app.restart,
      condition: app.restart.condition ?? (finite ? 'onFailure' : 'always'),
    },
    dependsOn: Object.fromEntries(
      Object.entries(app.dependsOn).map(([key, value]) => [resolveId(key, app.id), value]),
    ),
    ...(finite ? { job: app.job ?? { completions: 1, parallelism: 1 } } : {}),
    // A copy, because the result is frozen and what it was made from is the caller's.
    ...(app.native === undefined ? {} : { native: structuredClone(app.native) }),
  }
}

export const appSchema: () => z.ZodType<App, AppInput> = once(() =>
  shape()
    .superRefine((app, context) => {
      for (const { path, message } of crossCheck(app)) {
        context.addIssue({ code: 'custom', path, message })
      }
    })
    .transform(fillIn),
)

/** The input side as it is written: what the published JSON Schema describes. */
export const appInputShape = shape
