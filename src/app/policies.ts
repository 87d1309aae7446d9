import { z } from 'zod'
import { nameSchema } from './container.ts'
import { choice, type In, named, type Out, once, someText, wholeNumber } from './named.ts'
import { amountSchema, durationSchema, positiveDuration } from './quantity-schema.ts'

const rawUpdate = once(() =>
  z.strictObject({
    strategy: choice({
      rolling: 'Instances are replaced a few at a time',
      recreate: 'Every old instance stops before the first new one starts',
    })
      .optional()
      .describe('rolling when absent'),
    maxUnavailable: amountSchema()
      .optional()
      .describe('How many may be missing during an update: 1, "25%"'),
    maxSurge: amountSchema()
      .optional()
      .describe('How many may run in addition during an update: 1, "25%"'),
    batchSize: wholeNumber(1).optional().describe('How many are replaced at a time'),
    batchDelay: durationSchema().optional().describe('From one batch to the next: "10s"'),
    minReadyTime: durationSchema()
      .optional()
      .describe('A new instance has to be ready for this long before it counts; 0s when absent'),
    progressDeadline: positiveDuration()
      .optional()
      .describe('Without progress for this long, the update has failed; 10m when absent'),
    maxFailureRatio: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe(
        'The part of the instances, from 0 to 1, that may fail before the update has failed',
      ),
    onFailure: choice({
      pause: 'Stop where it is and wait for a person',
      rollback: 'Go back to the revision before',
      continue: 'Go on all the same',
    })
      .optional()
      .describe('What becomes of an update that has failed; pause when absent'),
  }),
)
/** How new instances take the place of old ones, as written. */
export interface UpdateInput extends In<typeof rawUpdate> {}
export interface WrittenUpdate extends Out<typeof rawUpdate> {}
export const updateSchema = once(() => named<WrittenUpdate, UpdateInput>(rawUpdate()))

const rawRestart = once(() =>
  z.strictObject({
    condition: choice({
      always: 'Whatever it ended with',
      onFailure: 'Only when it ended with another code than 0',
      never: 'It stays ended',
    })
      .optional()
      .describe('When an ended instance is started again; always, for jobs onFailure, when absent'),
    delay: durationSchema().optional().describe('Before the first restart: "5s"'),
    factor: z.number().min(1).optional().describe('Each further delay is so many times longer'),
    maxDelay: durationSchema().optional().describe('No delay gets longer than this'),
    maxAttempts: wholeNumber(0).optional().describe('After so many restarts it stays ended'),
    window: durationSchema().optional().describe('Attempts older than this are forgotten'),
  }),
)
export interface RestartInput extends In<typeof rawRestart> {}
export interface WrittenRestart extends Out<typeof rawRestart> {}
export const restartSchema = once(() => named<WrittenRestart, RestartInput>(rawRestart()))

const rawJob = once(() =>
  z.strictObject({
    completions: wholeNumber(1).default(1).describe('How many instances have to succeed'),
    parallelism: wholeNumber(1).default(1).describe('How many run at once'),
    deadline: positiveDuration().optional().describe('The whole job has failed after this: "1h"'),
  }),
)
export interface JobInput extends In<typeof rawJob> {}
/** When a job is done. */
export interface Job extends Out<typeof rawJob> {}
export const jobSchema = once(() => named<Job, JobInput>(rawJob()))

const rawSchedule = once(() =>
  z.strictObject({
    cron: someText()
      .meta({ examples: ['*/15 * * * *', '0 3 * * *'] })
      .describe('Five fields: minute hour day month weekday'),
    timeZone: someText()
      .optional()
      .describe("Europe/Paris, as the IANA names it; the cluster's own when absent"),
    concurrency: choice({
      allow: 'Runs may overlap',
      forbid: 'A run is left out while the one before goes on',
      replace: 'A new run ends the one before',
    })
      .default('allow')
      .describe('What happens when the run before is not over'),
    startDeadline: durationSchema()
      .optional()
      .describe('A run that could not start for this long is left out'),
    keep: z
      .strictObject({
        succeeded: wholeNumber(0).optional().describe('How many runs that succeeded'),
        failed: wholeNumber(0).optional().describe('How many runs that failed'),
      })
      .optional()
      .describe('How many finished runs stay visible'),
  }),
)
export interface ScheduleInput extends In<typeof rawSchedule> {}
/** When a cron app runs. */
export interface Schedule extends Out<typeof rawSchedule> {}
export const scheduleSchema = once(() => named<Schedule, ScheduleInput>(rawSchedule()))

const metric = once(() =>
  z.discriminatedUnion('type', [
    z
      .strictObject({
        type: z.literal('cpu'),
        utilization: wholeNumber(1).describe('Percent of the requested cpu'),
      })
      .describe('Cpu used'),
    z
      .strictObject({
        type: z.literal('memory'),
        utilization: wholeNumber(1).describe('Percent of the requested memory'),
      })
      .describe('Memory used'),
    z
      .strictObject({
        type: z.literal('custom'),
        name: someText().describe('What the metrics source calls it'),
        average: z.number().positive().describe('Wanted average over the instances'),
      })
      .describe('A metric of your own'),
  ]),
)
const rawAutoscale = once(() =>
  z.strictObject({
    min: wholeNumber(0).describe('Never fewer instances'),
    max: wholeNumber(1).describe('Never more instances'),
    metrics: z.array(metric()).min(1).describe('What is held; the one that asks for most wins'),
  }),
)
/** How many instances there are, by what they do. */
export interface Autoscale extends Out<typeof rawAutoscale> {}
export const autoscaleSchema = once(() =>
  named<Autoscale, Autoscale>(
    rawAutoscale().refine((value) => value.min <= value.max, {
      path: ['min'],
      message: 'is more than max',
    }),
  ),
)

const rawDisruption = once(() =>
  z.strictObject({
    minAvailable: amountSchema().optional().describe('How many have to stay: 1, "50%"'),
    maxUnavailable: amountSchema().optional().describe('How many may be missing: 1, "50%"'),
  }),
)
/** How many instances maintenance of nodes may take away at once. */
export interface Disruption extends Out<typeof rawDisruption> {}
export const disruptionSchema = once(() =>
  named<Disruption, Disruption>(
    rawDisruption().refine(
      (value) => (value.minAvailable === undefined) !== (value.maxUnavailable === undefined),
      { message: 'needs exactly one of minAvailable and maxUnavailable' },
    ),
  ),
)

const rawUnreachable = once(() =>
  z.strictObject({
    replaceAfter: durationSchema().describe(
      'Unreachable for this long, an instance gets a substitute',
    ),
    expungeAfter: durationSchema()
      .optional()
      .describe('Unreachable for this long, an instance is forgotten'),
  }),
)
export interface UnreachableInput extends In<typeof rawUnreachable> {}
/** What happens to instances on a node that is not heard of. Milliseconds. */
export interface Unreachable extends Out<typeof rawUnreachable> {}
export const unreachableSchema = once(() => named<Unreachable, UnreachableInput>(rawUnreachable()))

const rawNetwork = once(() =>
  z.strictObject({
    mode: choice({
      host: "The node's own network",
      bridge: "A private network of the node; ports are mapped to the node's",
      container: 'An address of its own on a cluster network',
    })
      .optional()
      .describe("Which network instances are in; the engine's own way when absent"),
    names: z.array(nameSchema()).optional().describe('Networks of the cluster to join'),
    aliases: z.array(nameSchema()).optional().describe('Further names the app is reached by'),
  }),
)
/** Where an app is reached from. */
export interface Network extends Out<typeof rawNetwork> {}
export const networkSchema = once(() => named<Network, Network>(rawNetwork()))
