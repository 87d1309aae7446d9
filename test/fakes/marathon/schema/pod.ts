import { z } from 'zod'
import {
  anyPort,
  artifact,
  checkTiming,
  count,
  env,
  executorResources,
  killSelection,
  labels,
  linuxInfo,
  mesosCommand,
  network,
  pathId,
  persistentVolume,
  resourceLimits,
  secrets,
  share,
  shortName,
  someText,
  time,
  unreachableStrategy,
} from './basics.ts'

const checks = {
  http: z
    .object({
      endpoint: shortName,
      path: someText.optional(),
      scheme: z.enum(['HTTP', 'HTTPS']).optional(),
    })
    .optional(),
  tcp: z.object({ endpoint: shortName }).optional(),
  exec: z.object({ command: mesosCommand }).optional(),
  ...checkTiming,
} as const

const container = z.object({
  name: shortName,
  exec: z.object({ command: mesosCommand, overrideEntrypoint: z.boolean().optional() }).optional(),
  resources: z.object({
    cpus: z.number().min(0.001),
    mem: z.number().min(0.001),
    disk: z.number().min(0).optional(),
    gpus: count.optional(),
  }),
  resourceLimits: resourceLimits.optional(),
  endpoints: z
    .array(
      z.object({
        name: shortName,
        containerPort: z.int32().min(0).max(65_535).optional(),
        hostPort: anyPort.optional(),
        protocol: z.array(shortName).min(1).optional(),
        labels: labels.optional(),
        networkNames: z.array(z.string()).optional(),
      }),
    )
    .optional(),
  linuxInfo: linuxInfo.optional(),
  image: z
    .object({
      kind: z.enum(['DOCKER']),
      id: someText,
      pullConfig: z.object({ secret: someText }).optional(),
      forcePull: z.boolean().optional(),
      labels: labels.optional(),
    })
    .optional(),
  environment: env.optional(),
  user: z.string().optional(),
  healthCheck: z
    .object({
      ...checks,
      gracePeriodSeconds: count.optional(),
      maxConsecutiveFailures: count.optional(),
    })
    .optional(),
  check: z.object(checks).optional(),
  volumeMounts: z
    .array(z.object({ name: shortName, mountPath: someText, readOnly: z.boolean().optional() }))
    .optional(),
  artifacts: z.array(artifact).optional(),
  labels: labels.optional(),
  lifecycle: z.object({ killGracePeriodSeconds: z.number().min(0).optional() }).optional(),
  tty: z.boolean().optional(),
})

/** A pod as Marathon takes it. */
export const podSchema = z.object({
  id: pathId,
  labels: labels.optional(),
  version: time.optional(),
  user: z.string().optional(),
  environment: env.optional(),
  containers: z.array(container).min(1),
  secrets: secrets.optional(),
  volumes: z
    .array(
      z.object({
        name: shortName,
        host: z.string().optional(),
        secret: someText.optional(),
        persistent: persistentVolume.optional(),
      }),
    )
    .optional(),
  networks: z.array(network).optional(),
  scaling: z.object({ kind: z.enum(['fixed']), instances: count.optional() }).optional(),
  scheduling: z
    .object({
      backoff: z
        .object({
          backoff: z.number().min(0).optional(),
          backoffFactor: z.number().min(0).optional(),
          maxLaunchDelay: z.number().min(0).optional(),
        })
        .optional(),
      upgrade: z
        .object({
          minimumHealthCapacity: share.optional(),
          maximumOverCapacity: share.optional(),
        })
        .optional(),
      placement: z
        .object({
          constraints: z
            .array(
              z.object({
                fieldName: z.string(),
                operator: z.enum([
                  'UNIQUE',
                  'CLUSTER',
                  'GROUP_BY',
                  'LIKE',
                  'UNLIKE',
                  'MAX_PER',
                  'IS',
                ]),
                value: z.string().optional(),
              }),
            )
            .optional(),
          acceptedResourceRoles: z.array(z.string()).optional(),
        })
        .optional(),
      killSelection: killSelection.optional(),
      unreachableStrategy: unreachableStrategy.optional(),
    })
    .optional(),
  executorResources: executorResources.optional(),
  role: someText.optional(),
  linuxInfo: linuxInfo.optional(),
  legacySharedCgroups: z.boolean().optional(),
})
export type PodBody = z.infer<typeof podSchema>
