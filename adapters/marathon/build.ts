import type { App } from 'intermodal'
import { writeChecks } from './checks.ts'
import { engineOf, writeCommand, writeDocker, writeRest } from './container.ts'
import { writeEnv } from './env.ts'
import { writeJob } from './job.ts'
import { writeLabels } from './labels.ts'
import { type Report, step } from './loss.ts'
import { legacy } from './modern.ts'
import type { MarathonNative } from './native.ts'
import {
  NO_IMAGE,
  networkMode,
  reportPorts,
  routeLabels,
  writeNetworks,
  writePortDefinitions,
  writePortMappings,
} from './network.ts'
import { dialectOf, seconds, type TranslateOptions } from './options.ts'
import { isObject, type Json, mergePatch } from './patch.ts'
import { writePlacement } from './placement.ts'
import { buildPod } from './pod-build.ts'
import { prune } from './prune.ts'
import { writeResources } from './resources.ts'
import { SecretTable } from './secrets.ts'
import { writeUpgrade } from './upgrade.ts'
import { writeVolumes } from './volumes.ts'
import type { AppDefinition, Container } from './wire.ts'

/** The model's words in Marathon's, without the memo. */
export function build(app: App, options: TranslateOptions, report: Report): MarathonNative {
  const pod = Object.keys(app.sidecars).length > 0
  const built = pod ? buildPod(app, options, report) : buildApp(app, options, report)
  const patch = app.native?.marathon
  const patched = patch ? (mergePatch(built, patch) as MarathonNative) : built
  // What is pruned that is not in the patch was said by the model, and named where it was translated.
  const known = prune(patched, options, '', (kind, path, detail, remedy) => {
    if (isSet(patch, path)) report(kind, `/native/marathon${path}`, detail, remedy)
  })
  if (dialectOf(options) === '1.5' || 'containers' in known) return known
  const bridged = known.networks?.some(({ mode }) => mode === 'container/bridge')
  if (bridged && known.container?.type === 'MESOS')
    report(
      'dropped',
      '/native/marathon',
      "Marathon before 1.5 has no bridge for Mesos' own containerizer",
    )
  return legacy(known)
}

function isSet(patch: unknown, path: string): boolean {
  let at = patch
  for (const part of path.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (!(isObject(at) || Array.isArray(at)) || !Object.hasOwn(at, key)) return false
    at = (at as Json)[key]
  }
  return true
}

export function writeIdentity(app: App, options: TranslateOptions) {
  const instances =
    app.kind === 'job' ? (app.job?.completions ?? 1) : (app.replicas ?? options.replicas)
  return {
    id: app.id,
    ...(instances === undefined ? {} : { instances }),
    labels: { ...routeLabels(app), ...writeLabels(app) },
  }
}

function buildApp(app: App, options: TranslateOptions, report: Report): AppDefinition {
  const secrets = new SecretTable()
  const host = networkMode(app, options) === 'host'
  const { reserved, limits } = writeResources(app.resources, '/resources', options, report)
  const env = writeEnv(app, app.env, '/env', secrets, report)
  const { volumes, parameters } = writeVolumes(app, secrets, options, report)
  const checks = writeChecks(app, options, report)
  const image = app.image !== NO_IMAGE
  const container: Container = {
    type: engineOf(app, options),
    ...(image ? { docker: writeDocker(app, parameters, secrets, options, report) } : {}),
    ...(volumes.length > 0 ? { volumes } : {}),
    ...(host ? {} : { portMappings: writePortMappings(app, options) }),
  }
  reportPorts(app, options, report)
  return {
    ...writeIdentity(app, options),
    ...(app.kind === 'job' ? {} : writeCommand(app, options, report)),
    ...writeRest(app, options, report),
    ...reserved,
    ...(limits ? { resourceLimits: limits } : {}),
    ...(Object.keys(env).length > 0 ? { env } : {}),
    ...(image || volumes.length > 0 || !host ? { container } : {}),
    networks: writeNetworks(app, options, report),
    ...(host ? writePortDefinitions(app) : {}),
    ...(checks.length > 0 ? { healthChecks: checks } : {}),
    upgradeStrategy: writeUpgrade(app, options, report),
    ...writePlacement(app, report),
    ...writeUnreachable(app),
    ...writeDependencies(app, report),
    ...(app.kind === 'job' ? writeJob(app, report) : writeRestart(app, report)),
    ...secrets.toJSON(),
  }
}

export function writeUnreachable({
  onUnreachable,
}: App): Pick<AppDefinition, 'unreachableStrategy'> {
  if (!onUnreachable) return {}
  const { replaceAfter, expungeAfter = replaceAfter } = onUnreachable
  const inactiveAfterSeconds = seconds(replaceAfter)
  return {
    unreachableStrategy: {
      inactiveAfterSeconds,
      expungeAfterSeconds: Math.max(inactiveAfterSeconds, seconds(expungeAfter)),
    },
  }
}

export function writeDependencies(
  { dependsOn }: App,
  report: Report,
): Pick<AppDefinition, 'dependencies'> {
  const dependencies = Object.keys(dependsOn)
  for (const [id, condition] of Object.entries(dependsOn)) {
    if (condition === 'healthy') continue
    report(
      'approximated',
      `/dependsOn${step(id)}`,
      'Marathon waits for a dependency until it is deployed: running, and healthy where it has checks',
    )
  }
  return dependencies.length > 0 ? { dependencies } : {}
}

export function writeRestart(
  { restart }: App,
  report: Report,
): Pick<AppDefinition, 'backoffSeconds' | 'backoffFactor' | 'maxLaunchDelaySeconds'> {
  const { condition, delay, factor, maxDelay, maxAttempts, window } = restart
  const forEver = 'Marathon starts again whatever ends, for ever'
  if (condition !== 'always') report('dropped', '/restart/condition', forEver, 'make it a job')
  if (maxAttempts !== undefined) report('dropped', '/restart/maxAttempts', forEver)
  if (window !== undefined)
    report('dropped', '/restart/window', 'Marathon forgets failures when the app is changed')
  return {
    ...(delay === undefined ? {} : { backoffSeconds: seconds(delay) }),
    ...(factor === undefined ? {} : { backoffFactor: factor }),
    ...(maxDelay === undefined ? {} : { maxLaunchDelaySeconds: seconds(maxDelay) }),
  }
}
