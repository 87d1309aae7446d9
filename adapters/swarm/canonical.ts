import { foreignLabels } from './labels.ts'
import type { ContainerSpec, ServiceSpec, TaskTemplate } from './wire.ts'
import type { EndpointSpec, Healthcheck, ServiceMode, UpdateConfig } from './wire-policy.ts'

const SECOND = 1_000_000_000

/** A spec with the engine's defaults written out and what it assigns left out. Only for comparing and reading. */
export interface CanonicalSpec extends Omit<ServiceSpec, 'Mode' | 'Networks' | 'UpdateConfig'> {
  readonly Mode: ServiceMode
  readonly UpdateConfig?: UpdateConfig
}

/**
 * Two specs mean the same exactly when their canonical forms are equal.
 *
 * `GET` gives a spec as it was sent, but adds `Isolation: default`, `ForceUpdate: 0` and the like, drops zero values,
 * and turns names into ids; defaults come from swarmkit's `api/defaults/service.go`. Labels of ours, object ids and the
 * forced-update counter say nothing about what is meant and are left out.
 */
export function canonical(spec: ServiceSpec): CanonicalSpec {
  const { Networks, TaskTemplate, Labels, Mode, UpdateConfig, RollbackConfig, ...rest } = spec
  const mode = canonicalMode(Mode)
  const job = mode.ReplicatedJob !== undefined || mode.GlobalJob !== undefined
  const cleaned = clean({
    ...rest,
    Labels: foreignLabels(Labels),
    EndpointSpec: canonicalEndpoint(spec.EndpointSpec),
  })
  return {
    ...cleaned,
    TaskTemplate: canonicalTask({ ...(Networks ? { Networks } : {}), ...TaskTemplate }, job),
    Mode: mode,
    ...(job
      ? {}
      : {
          UpdateConfig: canonicalUpdate(UpdateConfig),
          RollbackConfig: canonicalUpdate(RollbackConfig),
        }),
  }
}

/** What instances are made from: when it differs between a task and its service, the task is out of date. */
export function canonicalTask(template: TaskTemplate, job: boolean): TaskTemplate {
  const { ForceUpdate: _, Runtime, ContainerSpec, RestartPolicy, ...rest } = template
  return {
    ...clean({ ...rest, ...(Runtime === 'container' ? {} : { Runtime }) }),
    ...(ContainerSpec ? { ContainerSpec: canonicalContainer(ContainerSpec) } : {}),
    ...placement(template),
    RestartPolicy: {
      ...clean({ MaxAttempts: RestartPolicy?.MaxAttempts, Window: RestartPolicy?.Window }),
      Condition: jobCondition(RestartPolicy?.Condition ?? 'any', job),
      Delay: RestartPolicy?.Delay ?? 5 * SECOND,
    },
  }
}

// The job orchestrator takes `any` for `on-failure`.
function jobCondition(condition: 'none' | 'on-failure' | 'any', job: boolean) {
  return job && condition === 'any' ? 'on-failure' : condition
}

function placement({ Placement }: TaskTemplate): Pick<TaskTemplate, 'Placement'> {
  const cleaned = clean({
    ...Placement,
    Constraints: Placement?.Constraints?.map((text) =>
      text.replace(/^\s*(\S+?)\s*(==|!=)\s*(.*?)\s*$/, '$1$2$3'),
    ).sort(),
  })
  return Object.keys(cleaned).length > 0 ? { Placement: cleaned } : {}
}

function canonicalContainer(container: ContainerSpec): ContainerSpec {
  const { Init, StopGracePeriod, Isolation, Healthcheck, Labels, ...rest } = container
  return {
    ...clean({
      ...rest,
      Labels: foreignLabels(Labels),
      ...(Isolation === 'default' ? {} : { Isolation }),
      Env: lastOfEach(rest.Env ?? []),
      CapabilityAdd: rest.CapabilityAdd?.map(capability).sort(),
      CapabilityDrop: rest.CapabilityDrop?.map(capability).sort(),
      Mounts: byKey(rest.Mounts ?? [], ({ Target }) => Target),
      Secrets: byKey(rest.Secrets?.map(canonicalSecret) ?? [], ({ File }) => File?.Name),
      Configs: byKey(rest.Configs?.map(canonicalConfig) ?? [], ({ File }) => File?.Name),
    }),
    ...(Init === undefined || Init === null ? {} : { Init }),
    ...(Healthcheck === undefined ? {} : { Healthcheck: canonicalHealthcheck(Healthcheck) }),
    StopGracePeriod: StopGracePeriod ?? 10 * SECOND,
  }
}

export function capability(name: string): string {
  return name === 'ALL' || name.startsWith('CAP_') ? name : `CAP_${name}`
}

function lastOfEach(env: readonly string[]): readonly string[] {
  return [...new Map(env.map((entry) => [entry.split('=', 1)[0], entry])).values()].sort()
}

function byKey<T>(list: readonly T[], key: (entry: T) => string | undefined): readonly T[] {
  return [...list].sort((a, b) => ((key(a) ?? '') < (key(b) ?? '') ? -1 : 1))
}

function canonicalSecret(reference: NonNullable<ContainerSpec['Secrets']>[number]) {
  const { SecretID: _, File, ...rest } = reference
  return { ...rest, ...(File ? { File: canonicalFile(File, '/run/secrets/') } : {}) }
}

function canonicalConfig(reference: NonNullable<ContainerSpec['Configs']>[number]) {
  const { ConfigID: _, File, ...rest } = reference
  return { ...rest, ...(File ? { File: canonicalFile(File, '/') } : {}) }
}

function canonicalFile(
  file: NonNullable<NonNullable<ContainerSpec['Configs']>[number]['File']>,
  directory: string,
) {
  return {
    Name: file.Name.startsWith('/') ? file.Name : `${directory}${file.Name}`,
    UID: file.UID || '0',
    GID: file.GID || '0',
    // Files without a mode are written with 0, which only root can read. Kept: it is what was asked for.
    Mode: file.Mode ?? 0o000,
  }
}

function canonicalHealthcheck(check: Healthcheck): Healthcheck {
  const [kind] = check.Test ?? []
  if (kind === 'NONE') return { Test: ['NONE'] }
  if (kind === undefined) return clean(check)
  return {
    ...clean(check),
    Interval: check.Interval || 30 * SECOND,
    Timeout: check.Timeout || 30 * SECOND,
    Retries: check.Retries || 3,
  }
}

function canonicalMode(mode: ServiceMode | undefined): ServiceMode {
  if (mode?.Global) return { Global: {} }
  if (mode?.GlobalJob) return { GlobalJob: {} }
  if (mode?.ReplicatedJob) {
    const { MaxConcurrent = 1, TotalCompletions = MaxConcurrent } = mode.ReplicatedJob
    return { ReplicatedJob: { MaxConcurrent, TotalCompletions } }
  }
  const replicas = mode?.Replicated?.Replicas
  return { Replicated: replicas === undefined ? {} : { Replicas: replicas } }
}

function canonicalUpdate(config: UpdateConfig | undefined): UpdateConfig {
  return {
    ...clean({ Delay: config?.Delay, MaxFailureRatio: config?.MaxFailureRatio }),
    // Absent in a block that is there means 0, which is all at once.
    Parallelism: config ? (config.Parallelism ?? 0) : 1,
    Monitor: config?.Monitor || 5 * SECOND,
    FailureAction: config?.FailureAction ?? 'pause',
    Order: config?.Order ?? 'stop-first',
  }
}

function canonicalEndpoint(endpoint: EndpointSpec | undefined): EndpointSpec {
  const ports = (endpoint?.Ports ?? []).map(({ Name: _, ...port }) => ({
    ...port,
    Protocol: port.Protocol ?? 'tcp',
    PublishMode: port.PublishMode ?? 'ingress',
  }))
  return {
    Mode: endpoint?.Mode ?? 'vip',
    Ports: byKey(ports, ({ TargetPort, Protocol }) => `${TargetPort}/${Protocol}`),
  }
}

/** Without what Go drops as empty: zero, `false`, `''`, and lists and objects that hold nothing. */
function clean<T extends object>(value: T): Given<T> {
  return (cleaned(value) ?? {}) as Given<T>
}

type Given<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> }

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(keepEntry)
  if (typeof value !== 'object' || value === null) return value || undefined
  const entries: [key: string, value: unknown][] = []
  for (const [key, inner] of Object.entries(value)) {
    const kept = key === 'Mode' && typeof inner === 'number' ? inner : cleaned(inner)
    if (kept !== undefined) entries.push([key, kept])
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** An entry of a list stays even when it is empty: `Args: [""]` is one empty argument. */
function keepEntry(entry: unknown): unknown {
  return typeof entry === 'object' && entry !== null ? (cleaned(entry) ?? entry) : entry
}
