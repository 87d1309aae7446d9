import { z } from 'zod'
import { nameSchema } from './container.ts'
import { amountSchema, durationSchema } from './quantity.ts'

const OPS = ['in', 'notIn', 'exists', 'absent', 'matches', 'notMatches', 'gt', 'lt'] as const

const ruleSchema = z
  .strictObject({
    attribute: z
      .string()
      .min(1)
      .describe('A node attribute: "zone", "disk"; "node.name" is the node itself'),
    op: z.enum(OPS).default('in'),
    values: z.array(z.string()).default([]),
  })
  .superRefine((rule, context) => {
    const bare = rule.op === 'exists' || rule.op === 'absent'
    if (bare === rule.values.length > 0) {
      context.addIssue({
        code: 'custom',
        path: ['values'],
        message: bare ? `takes no values with "${rule.op}"` : `needs values for "${rule.op}"`,
      })
    }
  })

export const placementSchema = z.strictObject({
  require: z.array(ruleSchema).default([]).describe('Rules a node has to satisfy'),
  prefer: z.array(ruleSchema).default([]).describe('Rules that make a node better'),
  spread: z
    .array(
      z.strictObject({
        by: z.string().min(1).describe('A node attribute: "zone"; "node.name" spreads over nodes'),
        maxSkew: z.int().min(1).optional(),
      }),
    )
    .default([])
    .describe('Attributes whose values get even shares of the instances, the first counting most'),
  maxPerNode: z.int().min(1).optional(),
  pool: z.string().min(1).optional().describe('A named set of nodes: a role, a node pool'),
  tolerations: z
    .array(
      z.strictObject({
        key: z.string().min(1).optional(),
        value: z.string().optional(),
        effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
        duration: durationSchema.optional(),
      }),
    )
    .optional(),
})

export const updateSchema = z.strictObject({
  strategy: z
    .enum(['rolling', 'recreate'])
    .optional()
    .describe('recreate stops every old instance before the first new one starts'),
  maxUnavailable: amountSchema.optional().describe('How many may be missing during an update'),
  maxSurge: amountSchema.optional().describe('How many may run in addition during an update'),
  batchSize: z.int().min(1).optional().describe('How many are replaced at a time'),
  batchDelay: durationSchema.optional().describe('From one batch to the next'),
  minReadyTime: durationSchema.optional().describe('Ready for this long before it counts'),
  progressDeadline: durationSchema
    .optional()
    .describe('Without progress for this long, the update has failed'),
  maxFailureRatio: z.number().min(0).max(1).optional(),
  onFailure: z.enum(['pause', 'rollback', 'continue']).optional(),
})

export const restartSchema = z.strictObject({
  condition: z.enum(['always', 'onFailure', 'never']).optional(),
  delay: durationSchema.optional().describe('Before the first restart'),
  factor: z.number().min(1).optional().describe('Each further delay is so many times longer'),
  maxDelay: durationSchema.optional(),
  maxAttempts: z.int().min(0).optional(),
  window: durationSchema.optional().describe('Attempts older than this are forgotten'),
})

export const jobSchema = z.strictObject({
  completions: z.int().min(1).default(1),
  parallelism: z.int().min(1).default(1),
  deadline: durationSchema.optional().describe('The whole job has failed after this'),
})

export const scheduleSchema = z.strictObject({
  cron: z.string().min(1).describe('Five fields: minute hour day month weekday'),
  timeZone: z.string().min(1).optional(),
  concurrency: z.enum(['allow', 'forbid', 'replace']).default('allow'),
  startDeadline: durationSchema.optional(),
  keep: z
    .strictObject({
      succeeded: z.int().min(0).optional(),
      failed: z.int().min(0).optional(),
    })
    .optional()
    .describe('How many finished runs stay visible'),
})

export const autoscaleSchema = z
  .strictObject({
    min: z.int().min(0),
    max: z.int().min(1),
    metrics: z
      .array(
        z.discriminatedUnion('type', [
          z.strictObject({
            type: z.literal('cpu'),
            utilization: z.int().min(1).describe('Percent of the requested cpu'),
          }),
          z.strictObject({
            type: z.literal('memory'),
            utilization: z.int().min(1).describe('Percent of the requested memory'),
          }),
          z.strictObject({
            type: z.literal('custom'),
            name: z.string().min(1),
            average: z.number().positive(),
          }),
        ]),
      )
      .min(1),
  })
  .refine((value) => value.min <= value.max, { path: ['min'], message: 'is more than max' })

export const disruptionSchema = z
  .strictObject({
    minAvailable: amountSchema.optional(),
    maxUnavailable: amountSchema.optional(),
  })
  .refine((value) => (value.minAvailable === undefined) !== (value.maxUnavailable === undefined), {
    message: 'needs exactly one of minAvailable and maxUnavailable',
  })

export const unreachableSchema = z.strictObject({
  replaceAfter: durationSchema,
  expungeAfter: durationSchema.optional(),
})

export const networkSchema = z.strictObject({
  mode: z.enum(['host', 'bridge', 'container']).optional(),
  names: z.array(nameSchema).optional().describe('Networks of the cluster to join'),
  aliases: z.array(nameSchema).optional().describe('Further names the app is reached by'),
})
