import { z } from 'zod'
import { portNumber } from './container.ts'
import { durationSchema } from './quantity.ts'

const port = z
  .union([portNumber, z.string().min(1)])
  .optional()
  .describe("A port's name or number; the first port when absent")

const timing = {
  interval: durationSchema.prefault('10s').describe('From one check to the next'),
  timeout: durationSchema.prefault('5s').describe('A check that takes longer has failed'),
  failureThreshold: z.int().min(1).default(3).describe('So many failures in a row mean failed'),
  successThreshold: z.int().min(1).default(1).describe('So many successes in a row mean passed'),
  initialDelay: durationSchema.prefault('0s').describe('No check before this'),
  startPeriod: durationSchema
    .prefault('0s')
    .describe('Checks run, but failures do not count before this'),
} as const

const http = {
  path: z.string().regex(/^\//, 'needs a path such as /health').default('/'),
  port,
  host: z.string().min(1).optional().describe('Host header'),
  headers: z.record(z.string(), z.string()).optional(),
  /** Who asks: Marathon can probe from its scheduler; every other engine probes from the node. */
  from: z.enum(['node', 'scheduler']).optional(),
} as const

const from = http.from

export const probeSchema = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('http'), ...http, ...timing }),
    z.strictObject({ type: z.literal('https'), ...http, ...timing }),
    z.strictObject({ type: z.literal('tcp'), port, from, ...timing }),
    z.strictObject({ type: z.literal('exec'), command: z.array(z.string()).min(1), ...timing }),
    z.strictObject({
      type: z.literal('grpc'),
      port,
      service: z.string().optional(),
      ...timing,
    }),
  ],
  { error: 'needs a type: http, https, tcp, exec or grpc' },
)

export const probesSchema = z.strictObject({
  liveness: probeSchema.optional().describe('Failing it, the instance is replaced'),
  readiness: probeSchema.optional().describe('Failing it, the instance gets no traffic'),
  startup: probeSchema.optional().describe('Until it passes, the other two do not run'),
})
