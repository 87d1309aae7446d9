import { z } from 'zod'

/** Names with dashes, dots between them; a leading slash makes it absolute, `..` goes up. */
const SEGMENT = /^(?:\.\.|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)$/

function isPathId(text: string): boolean {
  const path = text.replace(/^\//, '').replace(/\/$/, '')
  return text !== '' && (path === '' || path.split('/').every((segment) => SEGMENT.test(segment)))
}

export const pathId = z.string().refine(isPathId, {
  error:
    "must fully match regular expression '^(\\/?((\\.\\.)|(([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])\\.)*([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9]))?($|\\/))+$'",
})

export const someText = z.string().min(1)
export const count = z.int32().min(0)
export const amount = z.number().min(0)
export const share = z.number().min(0).max(1)
export const anyPort = z.int32().min(0).max(65_535)
export const name = z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
export const shortName = name.max(63)
export const networkName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9_]*[a-z0-9])?$/)
  .max(63)
export const labels = z.record(z.string(), z.string())
export const time = z.iso.datetime()
export const protocol = z.enum(['tcp', 'udp', 'udp,tcp'])
export const ipProtocol = z.enum(['IPv4', 'IPv6'])

const envVar = z.union([z.string(), z.object({ secret: z.string() })])
export const env = z.record(z.string(), envVar)
export const secrets = z.record(z.string(), z.object({ source: someText }))

export const network = z.object({
  mode: z.enum(['container', 'container/bridge', 'host']).optional(),
  name: networkName.optional(),
  labels: labels.optional(),
})

export const artifact = z.object({
  uri: someText.max(1024),
  extract: z.boolean().optional(),
  executable: z.boolean().optional(),
  cache: z.boolean().optional(),
  destPath: someText.max(1024).optional(),
})

const limit = z.union([z.number(), z.literal('unlimited')])
export const resourceLimits = z.object({ cpus: limit.optional(), mem: limit.optional() })
export const executorResources = z.object({
  cpus: z.number().min(0.1).optional(),
  mem: z.number().min(32).optional(),
  disk: z.number().min(10).optional(),
})

export const linuxInfo = z.object({
  seccomp: z
    .object({ profileName: z.string().optional(), unconfined: z.boolean().optional() })
    .optional(),
  ipcInfo: z
    .object({ mode: z.enum(['PRIVATE', 'SHARE_PARENT']), shmSize: z.int32().optional() })
    .optional(),
})

export const killSelection = z.enum(['YOUNGEST_FIRST', 'OLDEST_FIRST'])
export const unreachableStrategy = z.union([
  z.literal('disabled'),
  z.object({
    inactiveAfterSeconds: z.int().min(0).optional(),
    expungeAfterSeconds: z.int().min(0).optional(),
  }),
])

export const mesosCommand = z.union([
  z.object({ shell: someText, argv: z.undefined().optional() }),
  z.object({ argv: z.array(z.string()).min(1), shell: z.undefined().optional() }),
])

/** How often a check runs; health checks add to it. */
export const checkTiming = {
  intervalSeconds: count.optional(),
  timeoutSeconds: count.optional(),
  delaySeconds: count.optional(),
} as const

export const persistentVolume = z.object({
  type: z.enum(['root', 'path', 'mount']).optional(),
  size: z.int().min(0),
  maxSize: z.int().min(0).optional(),
  profileName: z.string().optional(),
  constraints: z.array(z.array(z.string()).min(2).max(3)).optional(),
})
