import { z } from 'zod'
import { portNumber } from './container.ts'
import { choice, type In, named, type Out, once, someText, text, wholeNumber } from './named.ts'
import { durationSchema, positiveDuration } from './quantity-schema.ts'

const port = once(() =>
  z
    .union([portNumber(), someText()], { error: 'needs the name of a port, or a number' })
    .optional()
    .describe("A port's name or number; the app's first port when absent"),
)

const timing = once(() => ({
  interval: positiveDuration().prefault('10s').describe('From one check to the next'),
  timeout: positiveDuration().prefault('5s').describe('A check that takes longer has failed'),
  failureThreshold: wholeNumber(1).default(3).describe('So many failures in a row mean failed'),
  successThreshold: wholeNumber(1).default(1).describe('So many successes in a row mean passed'),
  initialDelay: durationSchema().prefault('0s').describe('No check before this'),
  startPeriod: durationSchema()
    .prefault('0s')
    .describe('Checks run from the start, but failures do not count before this'),
}))

const from = once(() =>
  choice({
    node: 'From the node the instance runs on',
    scheduler: 'From the scheduler: Marathon only',
  })
    .optional()
    .describe('Who asks; the node when absent'),
)

const http = once(() => ({
  path: text(/^\//, 'needs a path such as /health')
    .default('/')
    .describe('Path asked for: /health'),
  port: port(),
  host: someText().optional().describe('Host header'),
  headers: z.record(someText(), z.string()).optional().describe('Further headers of the request'),
  from: from(),
}))

const overHttp = once(() =>
  z
    .strictObject({ type: z.literal('http'), ...http(), ...timing() })
    .describe('Passes on an HTTP answer from 200 to 399'),
)
const overHttps = once(() =>
  z
    .strictObject({ type: z.literal('https'), ...http(), ...timing() })
    .describe('Passes on an HTTPS answer from 200 to 399; the certificate is not checked'),
)
const overTcp = once(() =>
  z
    .strictObject({ type: z.literal('tcp'), port: port(), from: from(), ...timing() })
    .describe('Passes when the port takes a connection'),
)
const byExec = once(() =>
  z
    .strictObject({
      type: z.literal('exec'),
      command: z.array(z.string()).min(1).describe('Run in the container: [pg_isready, -q]'),
      ...timing(),
    })
    .describe('Passes when the command ends with 0'),
)
const overGrpc = once(() =>
  z
    .strictObject({
      type: z.literal('grpc'),
      port: port(),
      service: z
        .string()
        .optional()
        .describe('The service asked about; the whole server when absent'),
      ...timing(),
    })
    .describe('Passes when the gRPC health service answers SERVING'),
)

export interface HttpProbeInput extends In<typeof overHttp> {}
export interface HttpProbe extends Out<typeof overHttp> {}
export interface HttpsProbeInput extends In<typeof overHttps> {}
export interface HttpsProbe extends Out<typeof overHttps> {}
export interface TcpProbeInput extends In<typeof overTcp> {}
export interface TcpProbe extends Out<typeof overTcp> {}
export interface ExecProbeInput extends In<typeof byExec> {}
export interface ExecProbe extends Out<typeof byExec> {}
export interface GrpcProbeInput extends In<typeof overGrpc> {}
export interface GrpcProbe extends Out<typeof overGrpc> {}

export type ProbeInput =
  | HttpProbeInput
  | HttpsProbeInput
  | TcpProbeInput
  | ExecProbeInput
  | GrpcProbeInput

/** One check, told apart by `type`. Milliseconds. */
export type Probe = HttpProbe | HttpsProbe | TcpProbe | ExecProbe | GrpcProbe

export const probeSchema = once(() =>
  named<Probe, ProbeInput>(
    z.discriminatedUnion('type', [overHttp(), overHttps(), overTcp(), byExec(), overGrpc()]),
  ),
)

const rawProbes = once(() =>
  z.strictObject({
    liveness: probeSchema().optional().describe('Failing it, the instance is replaced'),
    readiness: probeSchema().optional().describe('Failing it, the instance gets no traffic'),
    startup: probeSchema().optional().describe('Until it passes, the other two do not run'),
  }),
)
export interface ProbesInput extends In<typeof rawProbes> {}
/** Checks of an app's health. */
export interface Probes extends Out<typeof rawProbes> {}
export const probesSchema = once(() => named<Probes, ProbesInput>(rawProbes()))
