import { z } from 'zod'
import {
  amount,
  anyPort,
  artifact,
  checkTiming,
  count,
  env,
  executorResources,
  ipProtocol,
  killSelection,
  labels,
  linuxInfo,
  mesosCommand,
  name,
  network,
  pathId,
  persistentVolume,
  protocol,
  resourceLimits,
  secrets,
  share,
  someText,
  time,
  unreachableStrategy,
} from './basics.ts'

const portDefinition = z.object({
  port: anyPort.optional(),
  name: name.optional(),
  protocol: protocol.optional(),
  labels: labels.optional(),
})

const portMapping = z.object({
  containerPort: anyPort.optional(),
  hostPort: anyPort.optional(),
  servicePort: anyPort.optional(),
  name: name.optional(),
  protocol: protocol.optional(),
  labels: labels.optional(),
  networkNames: z.array(z.string()).optional(),
})
export type PortMapping = z.infer<typeof portMapping>

const mode = z.enum(['RO', 'RW'])
const volume = z.object({
  containerPath: someText.optional(),
  hostPath: someText.optional(),
  mode: mode.optional(),
  persistent: persistentVolume.optional(),
  external: z
    .object({
      name: z.string().optional(),
      provider: z.string().optional(),
      size: z.int().min(0).optional(),
      options: z.record(z.string(), z.unknown()).optional(),
      shared: z.boolean().optional(),
    })
    .optional(),
  secret: someText.optional(),
})

const container = z.object({
  type: z.enum(['DOCKER', 'MESOS']).optional(),
  docker: z
    .object({
      image: someText,
      forcePullImage: z.boolean().optional(),
      privileged: z.boolean().optional(),
      parameters: z.array(z.object({ key: someText, value: z.string() })).optional(),
      pullConfig: z.object({ secret: someText }).optional(),
      credential: z.object({ principal: z.string(), secret: z.string().optional() }).optional(),
      network: z.enum(['BRIDGE', 'HOST', 'NONE', 'USER']).optional(),
      portMappings: z.array(portMapping).optional(),
    })
    .optional(),
  linuxInfo: linuxInfo.optional(),
  volumes: z.array(volume).optional(),
  portMappings: z.array(portMapping).optional(),
})

const healthCheck = z.object({
  protocol: z
    .enum(['HTTP', 'HTTPS', 'TCP', 'COMMAND', 'MESOS_TCP', 'MESOS_HTTP', 'MESOS_HTTPS'])
    .optional(),
  path: z.string().optional(),
  port: anyPort.optional(),
  portIndex: anyPort.optional(),
  command: z.object({ value: z.string() }).optional(),
  gracePeriodSeconds: count.optional(),
  maxConsecutiveFailures: count.optional(),
  ignoreHttp1xx: z.boolean().optional(),
  ipProtocol: ipProtocol.optional(),
  ...checkTiming,
})

const byPort = { port: anyPort.optional(), portIndex: anyPort.optional() } as const
const check = z.object({
  http: z
    .object({ ...byPort, path: z.string().optional(), scheme: z.string().optional() })
    .optional(),
  tcp: z.object(byPort).optional(),
  exec: z.object({ command: mesosCommand }).optional(),
  ...checkTiming,
})

const readinessCheck = z.object({
  name: someText.optional(),
  protocol: z.enum(['HTTP', 'HTTPS']).optional(),
  path: someText.optional(),
  portName: name.optional(),
  intervalSeconds: count.optional(),
  timeoutSeconds: z.int32().min(1).optional(),
  httpStatusCodesForReady: z.array(z.int32().min(100).max(999)).min(1).optional(),
  preserveLastResponse: z.boolean().optional(),
})

const ipAddress = z.object({
  networkName: someText.optional(),
  labels: labels.optional(),
  groups: z.array(z.string()).optional(),
  discovery: z
    .object({
      ports: z
        .array(
          z.object({
            number: anyPort.optional(),
            name,
            protocol: protocol.optional(),
            labels: labels.optional(),
          }),
        )
        .optional(),
    })
    .optional(),
})

const upgradeStrategy = z.object({
  minimumHealthCapacity: share.optional(),
  maximumOverCapacity: share.optional(),
})

/**
 * An app as any Marathon takes it, all fields optional so that it is an update too. What is not named here is ignored,
 * as Marathon's readers do; which of it a version knows is `fieldsOf`'s.
 */
export const appSchema = z.object({
  id: pathId.optional(),
  cmd: someText.optional(),
  args: z.array(z.string()).optional(),
  user: z.string().optional(),
  instances: count.optional(),
  cpus: z.number().min(0.001).optional(),
  mem: amount.optional(),
  disk: amount.optional(),
  gpus: count.optional(),
  resourceLimits: resourceLimits.optional(),
  executorResources: executorResources.optional(),
  executor: z
    .string()
    .regex(/^(?:\/\/cmd|\/?[^/]+(?:\/[^/]+)*|)$/)
    .optional(),
  env: env.optional(),
  secrets: secrets.optional(),
  labels: labels.optional(),
  constraints: z.array(z.array(z.string()).min(2).max(3)).optional(),
  acceptedResourceRoles: z.array(z.string()).optional(),
  role: someText.optional(),
  networks: z.array(network).optional(),
  portDefinitions: z.array(portDefinition).optional(),
  ports: z.array(anyPort).optional(),
  requirePorts: z.boolean().optional(),
  ipAddress: ipAddress.optional(),
  container: container.optional(),
  healthChecks: z.array(healthCheck).optional(),
  check: check.optional(),
  readinessChecks: z.array(readinessCheck).optional(),
  upgradeStrategy: upgradeStrategy.optional(),
  killSelection: killSelection.optional(),
  unreachableStrategy: unreachableStrategy.optional(),
  taskKillGracePeriodSeconds: count.optional(),
  backoffSeconds: count.optional(),
  backoffFactor: z.number().min(1).optional(),
  maxLaunchDelaySeconds: count.optional(),
  dependencies: z.array(pathId).optional(),
  fetch: z.array(artifact).optional(),
  uris: z.array(someText.max(1024)).optional(),
  storeUrls: z.array(someText).optional(),
  tty: z.boolean().optional(),
  residency: z
    .object({
      relaunchEscalationTimeoutSeconds: z.int().min(0).optional(),
      taskLostBehavior: z.enum(['WAIT_FOREVER', 'RELAUNCH_AFTER_TIMEOUT']).optional(),
    })
    .optional(),
  version: time.optional(),
})

/** An app or an update of one, as written. */
export type AppBody = z.infer<typeof appSchema>
