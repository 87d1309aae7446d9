import { invalid, rpc } from '../errors.ts'
import { parseConstraints } from '../orchestrate/constraints.ts'
import type { ServiceSpec, TaskTemplate } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { isJob } from './policy.ts'

const NAME = /^[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*$/
const REFERENCE =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/

/** Everything the manager itself refuses, in the order in which it looks. */
export function validateService(spec: ServiceSpec, store: Store): void {
  validateName(spec.Name)
  validateTemplate(spec.TaskTemplate)
  validateUpdates(spec)
  validateEndpoint(spec)
  validateMode(spec)
  for (const { SecretID, SecretName, File } of spec.TaskTemplate.ContainerSpec?.Secrets ?? []) {
    if (!SecretID || !SecretName) throw invalid('malformed secret reference')
    if (!File) throw invalid('malformed secret reference, no target provided')
    if (store.secrets.get(SecretID)?.Spec.Name !== SecretName)
      throw invalid(`secret not found: ${SecretName}`)
  }
  for (const { ConfigID, ConfigName } of spec.TaskTemplate.ContainerSpec?.Configs ?? []) {
    if (!ConfigID || !ConfigName) throw invalid('malformed config reference')
    if (store.configs.get(ConfigID)?.Spec.Name !== ConfigName)
      throw invalid(`config not found: ${ConfigName}`)
  }
}

export function validateName(name: string): void {
  if (!name) throw invalid('name must be provided')
  if (!NAME.test(name)) throw invalid('name must be valid as a DNS name component')
  if (name.length > 63) throw invalid('name must be 63 characters or fewer')
}

const MATERIAL = /^[a-zA-Z0-9]+(?:[a-zA-Z0-9-_.]*[a-zA-Z0-9])?$/

/** Names of secrets and configs. */
export function validateMaterialName(name: string): void {
  if (!name) throw invalid('name must be provided')
  if (name.length > 64 || !MATERIAL.test(name))
    throw invalid(
      'invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]',
    )
}

function validateTemplate({
  ContainerSpec,
  Resources,
  RestartPolicy,
  Placement,
}: TaskTemplate): void {
  for (const amounts of [Resources?.Limits, Resources?.Reservations]) {
    const { NanoCPUs = 0, MemoryBytes = 0 } = amounts ?? {}
    if (NanoCPUs !== 0 && NanoCPUs < 1e6)
      throw invalid(`invalid cpu value ${exponent(NanoCPUs / 1e9)}: Must be at least 0.001`)
    if (MemoryBytes !== 0 && MemoryBytes < 4 * 2 ** 20)
      throw invalid(`invalid memory value ${MemoryBytes}: Must be at least 4MiB`)
  }
  if ((RestartPolicy?.Delay ?? 0) < 0) throw invalid('TaskSpec: restart-delay cannot be negative')
  if ((RestartPolicy?.Window ?? 0) < 0) throw invalid('TaskSpec: restart-window cannot be negative')
  try {
    parseConstraints(Placement?.Constraints ?? [])
  } catch (error) {
    throw rpc('Unknown', (error as Error).message)
  }
  const { Image = '', Mounts = [], Healthcheck } = ContainerSpec ?? {}
  if (!Image) throw invalid('ContainerSpec: image reference must be provided')
  if (!REFERENCE.test(Image))
    throw invalid(`ContainerSpec: "${Image}" is not a valid repository/tag`)
  const targets = new Set<string>()
  for (const { Target = '' } of Mounts) {
    if (targets.has(Target)) throw invalid(`ContainerSpec: duplicate mount point: ${Target}`)
    targets.add(Target)
  }
  for (const what of ['Interval', 'Timeout', 'StartPeriod'] as const) {
    const length = Healthcheck?.[what] ?? 0
    if (length !== 0 && length < 1e6)
      throw invalid(`ContainerSpec: ${what} in HealthConfig cannot be less than 1ms`)
  }
  if ((Healthcheck?.Retries ?? 0) < 0)
    throw invalid('ContainerSpec: Retries in HealthConfig cannot be negative')
}

/** As Go prints small numbers: `1e-09`. */
function exponent(value: number): string {
  return value < 1e-4 ? value.toExponential().replace(/e-(\d)$/, 'e-0$1') : String(value)
}

function validateUpdates({ UpdateConfig, RollbackConfig }: ServiceSpec): void {
  for (const config of [UpdateConfig, RollbackConfig]) {
    if ((config?.Delay ?? 0) < 0) throw invalid('TaskSpec: update-delay cannot be negative')
    if ((config?.Monitor ?? 0) < 0) throw invalid('TaskSpec: update-monitor cannot be negative')
    const { MaxFailureRatio: ratio = 0 } = config ?? {}
    if (ratio < 0 || ratio > 1)
      throw invalid('TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1')
  }
}

function validateEndpoint({ EndpointSpec }: ServiceSpec): void {
  const ports = EndpointSpec?.Ports ?? []
  const ingress = ports.filter(({ PublishMode }) => PublishMode === 'ingress')
  if (EndpointSpec?.Mode === 'dnsrr' && ingress.length > 0)
    throw invalid("EndpointSpec: port published with ingress mode can't be used with dnsrr mode")
  const seen = new Set<string>()
  for (const { PublishedPort, Protocol } of ingress) {
    if (!PublishedPort) continue
    const key = `${PublishedPort}/${Protocol}`
    if (seen.has(key)) throw invalid('EndpointSpec: duplicate published ports provided')
    seen.add(key)
  }
}

function validateMode(spec: ServiceSpec): void {
  if (isJob(spec) && (spec.UpdateConfig || spec.RollbackConfig))
    throw invalid(`Jobs may not have an ${spec.UpdateConfig ? 'update' : 'rollback'} config`)
  const { MaxReplicas = 0 } = spec.TaskTemplate.Placement ?? {}
  if (MaxReplicas > 0 && spec.Mode?.Global)
    throw invalid('max-replicas-per-node can only be used with replicated mode')
}
