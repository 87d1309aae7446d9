import { formatDuration } from 'intermodal'
import { filled } from './context.ts'

type Json = Record<string, unknown>

/** What `native.swarm` says and Compose has a word for: the way back of what the reader keeps there. */
export function writeNative(patch: Json | undefined): Json {
  if (!patch) return {}
  const task = json(patch.TaskTemplate)
  const container = json(task.ContainerSpec)
  const dns = json(container.DNSConfig)
  const log = json(task.LogDriver)
  const resources = json(task.Resources)
  const generic = json(resources.Reservations).GenericResources
  const check = json(container.Healthcheck)
  const rollback = json(patch.RollbackConfig)
  return (
    filled({
      extra_hosts: texts(container.Hosts)?.map((entry) => entry.replace(/^(\S+) (.+)$/, '$2:$1')),
      dns: texts(dns.Nameservers),
      dns_search: texts(dns.Search),
      hostname: container.Hostname,
      init: container.Init,
      stdin_open: container.OpenStdin,
      isolation: container.Isolation,
      oom_score_adj: container.OomScoreAdj,
      sysctls: container.Sysctls,
      environment: environmentOf(container.Env),
      ulimits: ulimitsOf(container.Ulimits),
      logging: filled({ driver: log.Name, options: log.Options }),
      healthcheck: filled({
        disable: texts(check.Test)?.[0] === 'NONE' ? true : undefined,
        start_interval: durationOf(check.StartInterval),
      }),
      deploy: filled({
        endpoint_mode: json(patch.EndpointSpec).Mode,
        rollback_config: rollbackOf(rollback),
        resources: filled({
          limits: filled({ pids: json(resources.Limits).Pids }),
          reservations: Array.isArray(generic)
            ? { generic_resources: generic.map(genericOf) }
            : undefined,
        }),
      }),
    }) ?? {}
  )
}

function json(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined
}

function durationOf(nanoseconds: unknown): string | undefined {
  return typeof nanoseconds === 'number' ? formatDuration(Math.round(nanoseconds / 1e6)) : undefined
}

function environmentOf(value: unknown): Json | undefined {
  const entries = texts(value)?.map((entry): [string, string] => {
    const at = entry.indexOf('=')
    return [entry.slice(0, at), entry.slice(at + 1)]
  })
  return entries && Object.fromEntries(entries)
}

function ulimitsOf(value: unknown): Json | undefined {
  if (!Array.isArray(value)) return undefined
  const entries = value.map((item) => {
    const { Name, Soft, Hard } = json(item)
    return [Name, Soft === Hard ? Soft : { soft: Soft, hard: Hard }]
  })
  return Object.fromEntries(entries)
}

function genericOf(value: unknown): Json {
  const { Kind, Value } = json(json(value).DiscreteResourceSpec)
  return { discrete_resource_spec: { kind: Kind, value: Value } }
}

function rollbackOf(config: Json): Json | undefined {
  return filled({
    parallelism: config.Parallelism,
    delay: durationOf(config.Delay),
    failure_action: config.FailureAction,
    monitor: durationOf(config.Monitor),
    max_failure_ratio: config.MaxFailureRatio,
    order: config.Order,
  })
}
