import { notValid } from '../errors.ts'
import type { AppDefinition, Setup } from '../normal/app.ts'
import type { PathId } from '../normal/paths.ts'
import { constraintProblem } from './constraints.ts'
import { networkRules } from './networks.ts'
import { volumeRules } from './volumes.ts'

export interface RuleContext {
  readonly setup: Setup
  readonly features: readonly string[]
}

/** Names Marathon's own routes end with. */
const RESERVED: ReadonlySet<string> = new Set(['restart', 'tasks', 'versions', '.', '..'])

export function idRules(id: PathId, { setup }: RuleContext, at = ''): void {
  if (id === '/') throw notValid(`${at}/id`, 'Path must not be root')
  const last = id.slice(id.lastIndexOf('/') + 1)
  if (setup.dialect.since('1.8') && RESERVED.has(last))
    throw notValid(
      `${at}/id`,
      `must not end with any of the following reserved keywords: ${[...RESERVED].join(', ')}`,
    )
}

/**
 * The rules between fields, as Marathon's validators have them. Throws the refusal at the first that is broken. `at` is
 * where in the body the app is.
 */
export function appRules(app: AppDefinition, context: RuleContext, at = ''): void {
  idRules(app.id, context, at)
  commandRules(app, at)
  for (const [index, parts] of (app.constraints ?? []).entries()) {
    const problem = constraintProblem(parts, context.setup.dialect)
    if (problem) throw notValid(`${at}/constraints(${index})`, problem)
  }
  networkRules(app, at)
  volumeRules(app, context, at)
  secretRules(app, context, at)
  checkRules(app, at)
  policyRules(app, context, at)
}

function commandRules({ cmd, args, container }: AppDefinition, at: string): void {
  if (cmd !== undefined && args !== undefined && args.length > 0)
    throw notValid(
      `${at}/`,
      "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.",
    )
  // The check is for more than one character, whatever its message says.
  if (cmd !== undefined && cmd.length <= 1)
    throw notValid(`${at}/cmd`, 'must not be an empty string')
  const image = container?.docker !== undefined || container?.type === 'MESOS'
  if (cmd === undefined && !args?.length && !image)
    throw notValid(
      `${at}/`,
      "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.",
    )
  if (container?.type === 'DOCKER' && !container.docker)
    throw notValid(`${at}/container/docker`, 'not defined')
}

function secretRules(
  { env = {}, secrets = {}, container }: AppDefinition,
  { features, setup }: RuleContext,
  at: string,
): void {
  const wanted = [
    ...Object.values(env).flatMap((value) => (typeof value === 'string' ? [] : [value.secret])),
    ...(container?.volumes ?? []).flatMap(({ secret }) => secret ?? []),
    ...(container?.docker?.pullConfig ? [container.docker.pullConfig.secret] : []),
  ]
  const declared = Object.keys(secrets)
  if ((wanted.length > 0 || declared.length > 0) && !features.includes('secrets'))
    throw notValid(
      `${at}/`,
      'Feature secrets is not enabled. Enable with --enable_features secrets)',
    )
  const missing = wanted.find((name) => !declared.includes(name))
  if (missing !== undefined)
    throw notValid(`${at}/env`, `references an undefined secret: ${missing}`)
  if (container?.docker?.credential && setup.dialect.since('1.5'))
    throw notValid(`${at}/container/docker/credential`, 'must be empty')
}

function checkRules(app: AppDefinition, at: string): void {
  const ports = (app.container?.portMappings ?? app.portDefinitions ?? []).length
  const checks = app.healthChecks ?? []
  for (const [index, { protocol = 'HTTP', command, port, portIndex }] of checks.entries()) {
    const path = `${at}/healthChecks(${index})`
    if (protocol === 'COMMAND' && !command)
      throw notValid(path, 'Command health checks must provide a command')
    if (protocol === 'COMMAND') continue
    if (port === undefined && portIndex !== undefined && portIndex >= ports)
      throw notValid(
        path,
        'Health check port indices must address an element of the ports array or container port mappings.',
      )
  }
  const onAgent = checks.filter(
    ({ protocol = '' }) => protocol.startsWith('MESOS_') || protocol === 'COMMAND',
  )
  if (onAgent.length > 1)
    throw notValid(`${at}/healthChecks`, 'AppDefinition can contain at most one Mesos health check')
  const ready = app.readinessChecks ?? []
  if (ready.length > 1)
    throw notValid(`${at}/readinessChecks`, 'at most one readiness check is currently supported')
  const names = (app.container?.portMappings ?? app.portDefinitions ?? []).map(({ name }) => name)
  for (const { portName = 'http-api', intervalSeconds = 30, timeoutSeconds = 10 } of ready) {
    const path = `${at}/readinessChecks(0)`
    if (!names.includes(portName))
      throw notValid(`${path}/portName`, `No port definition reference for portName ${portName}`)
    if (timeoutSeconds >= intervalSeconds)
      throw notValid(`${path}/timeoutSeconds`, `must be smaller than intervalSeconds`)
  }
}

function policyRules(app: AppDefinition, { setup, features }: RuleContext, at: string): void {
  const { unreachableStrategy: strategy, acceptedResourceRoles: roles } = app
  const { maximumOverCapacity = 1, minimumHealthCapacity = 1 } = app.upgradeStrategy
  if (
    strategy !== 'disabled' &&
    (strategy.inactiveAfterSeconds ?? 0) > (strategy.expungeAfterSeconds ?? 0)
  )
    throw notValid(
      `${at}/unreachableStrategy`,
      'inactiveAfterSeconds must be less or equal to expungeAfterSeconds',
    )
  if (roles?.length === 0) throw notValid(`${at}/acceptedResourceRoles`, 'must not be empty')
  if (setup.dialect.since('1.9') && app.role !== setup.role && app.role !== app.id.split('/')[1])
    throw notValid(
      `${at}/role`,
      `got ${app.role}, expected one of: [${setup.role}, ${app.id.split('/')[1]}]`,
    )
  if (app.gpus > 0 && (!features.includes('gpu_resources') || app.container?.type === 'DOCKER'))
    throw notValid(
      `${at}/gpus`,
      'Feature gpu_resources is not enabled. Enable with --enable_features gpu_resources)',
    )
  if (app.labels.MARATHON_SINGLE_INSTANCE_APP === 'true') {
    if (app.instances > 1)
      throw notValid(`${at}/instances`, 'Single instance app may only have one instance')
    if (maximumOverCapacity > 0 || minimumHealthCapacity > 0)
      throw notValid(
        `${at}/upgradeStrategy`,
        'Single instance app must have minimumHealthCapacity 0 and maximumOverCapacity 0',
      )
  }
  if (app.residency && maximumOverCapacity > 0)
    throw notValid(`${at}/upgradeStrategy`, 'got 1.0, expected 0.0')
}

/** Where a volume is tied to its place, what it was made for cannot change. */
export function updateRules(before: AppDefinition, after: AppDefinition): void {
  if (!before.residency) return
  const fixed = ({ cpus, mem, disk, gpus, requirePorts, container }: AppDefinition) =>
    JSON.stringify([
      cpus,
      mem,
      disk,
      gpus,
      requirePorts,
      container?.volumes?.filter(({ persistent }) => persistent),
    ])
  if (fixed(before) !== fixed(after))
    throw notValid(
      '/',
      'Updating requirements of a stateful application is not supported: cpus, mem, disk, gpus, ports and persistent volumes must stay',
    )
}
