import { z } from 'zod'
import { portNumber } from './container.ts'
import { choice, named, someText, text, wholeNumber } from './named.ts'
import { durationSchema, positiveDuration } from './quantity-schema.ts'

const port = z
  .union([portNumber, someText], { error: 'needs the name of a port, or a number' })
  .optional()
  .describe("A port's name or number; the app's first port when absent")

const timing = {
  interval: positiveDuration.prefault('10s').describe('From one check to the next'),
  timeout: positiveDuration.prefault('5s').describe('A check that takes longer has failed'),
  failureThreshold: wholeNumber(1).default(3).describe('So many failures in a row mean failed'),
  successThreshold: wholeNumber(1).default(1).describe('So many successes in a row mean passed'),
  initialDelay: durationSchema.prefault('0s').describe('No check before this'),
  startPeriod: durationSchema
    .prefault('0s')
    .describe('Checks run from the start, but failures do not count before this'),
} as const

const from = choice({
  node: 'From the node the instance runs on',
  scheduler: 'From the scheduler: Marathon only',
})
  .optional()
  .describe('Who asks; the node when absent')

const http = {
  path: text(/^\//, 'needs a path such as /health')
    .default('/')
    .describe('Path asked for: /health'),
  port,
  host: someText.optional().describe('Host header'),
  headers: z.record(someText, z.string()).optional().describe('Further headers of the request'),
  from,
} as const

const overHttp = z
  .strictObject({ type: z.literal('http'), ...http, ...timing })
  .describe('Passes on an HTTP answer from 200 to 399')
const overHttps = z
  .strictObject({ type: z.literal('https'), ...http, ...timing })
  .describe('Passes on an HTTPS answer from 200 to 399; the certificate is not checked')
const overTcp = z
  .strictObject({ type: z.literal('tcp'), port, from, ...timing })
  .describe('Passes when the port takes a connection')
const byExec = z
  .strictObject({
    type: z.literal('exec'),
    command: z.array(z.string()).min(1).describe('Run in the container: [pg_isready, -q]'),
    ...timing,
  })
  .describe('Passes when the command ends with 0')
const overGrpc = z
  .strictObject({
    type: z.literal('grpc'),
    port,
    service: z
      .string()
      .optional()
      .describe('The service asked about; the whole server when absent'),
    ...timing,
  })
  .describe('Passes when the gRPC health service answers SERVING')

export interface HttpProbeInput extends z.input<typeof overHttp> {}
export interface HttpProbe extends z.output<typeof overHttp> {}
export interface HttpsProbeInput extends z.input<typeof overHttps> {}
export interface HttpsProbe extends z.output<typeof overHttps> {}
export interface TcpProbeInput extends z.input<typeof overTcp> {}
export interface TcpProbe extends z.output<typeof overTcp> {}
export interface ExecProbeInput extends z.input<typeof byExec> {}
export interface ExecProbe extends z.output<typeof byExec> {}
export interface GrpcProbeInput extends z.input<typeof overGrpc> {}
export interface GrpcProbe extends z.output<typeof overGrpc> {}

export type ProbeInput =
  | HttpProbeInput
  | HttpsProbeInput
  | TcpProbeInput
  | ExecProbeInput
  | GrpcProbeInput

/** One check, told apart by `type`. Milliseconds. */
export type Probe = HttpProbe | HttpsProbe | TcpProbe | ExecProbe | GrpcProbe

export const probeSchema = named<Probe, ProbeInput>(
  z.discriminatedUnion('type', [overHttp, overHttps, overTcp, byExec, overGrpc]),
)

const rawProbes = z.strictObject({
  liveness: probeSchema.optional().describe('Failing it, the instance is replaced'),
  readiness: probeSchema.optional().describe('Failing it, the instance gets no traffic'),
  startup: probeSchema.optional().describe('Until it passes, the other two do not run'),
})
export interface ProbesInput extends z.input<typeof rawProbes> {}
/** Checks of an app's health. */
export interface Probes extends z.output<typeof rawProbes> {}
export const probesSchema = named<Probes, ProbesInput>(rawProbes)
