import type { App, Sidecar } from 'intermodal'
import { writeDependencies, writeIdentity, writeRestart, writeUnreachable } from './build.ts'
import { writeEnv } from './env.ts'
import { type Report, step } from './loss.ts'
import { networkMode, writeNetworks } from './network.ts'
import { seconds, type TranslateOptions } from './options.ts'
import { writePlacement } from './placement.ts'
import { writePodCheck } from './pod-checks.ts'
import { writePodVolumes } from './pod-volumes.ts'
import { writeResources } from './resources.ts'
import { SecretTable } from './secrets.ts'
import { writeUpgrade } from './upgrade.ts'
import type { Endpoint, PodContainer, PodDefinition } from './wire.ts'

/** The container that is the app itself; the others are its sidecars. */
export function mainName(app: App): string {
  const name = app.id.slice(app.id.lastIndexOf('/') + 1)
  return Object.hasOwn(app.sidecars, name) ? `${name}-main` : name
}

/** An app with sidecars: containers of one instance are a pod, which Mesos' own containerizer runs. */
export function buildPod(app: App, options: TranslateOptions, report: Report): PodDefinition {
  const secrets = new SecretTable()
  const { id, instances, labels } = writeIdentity(app, options)
  const volumes = writePodVolumes(app, secrets, options, report)
  const { backoffSeconds, backoffFactor, maxLaunchDelaySeconds } = writeRestart(app, report)
  const backoff = {
    ...(backoffSeconds === undefined ? {} : { backoff: backoffSeconds }),
    ...(backoffFactor === undefined ? {} : { backoffFactor }),
    ...(maxLaunchDelaySeconds === undefined ? {} : { maxLaunchDelay: maxLaunchDelaySeconds }),
  }
  const { constraints, acceptedResourceRoles } = writePlacement(app, report)
  const placement = {
    ...(constraints
      ? {
          constraints: constraints.map(([fieldName = '', operator = '', value]) => ({
            fieldName,
            operator,
            ...(value === undefined ? {} : { value }),
          })),
        }
      : {}),
    ...(acceptedResourceRoles ? { acceptedResourceRoles } : {}),
  }
  const { dependencies } = writeDependencies(app, () => {})
  if (dependencies)
    report(
      'dropped',
      '/dependsOn',
      'pods of Marathon depend on nothing',
      'apply the apps in a group',
    )
  const main = writeContainer(app, mainName(app), '', secrets, options, report)
  const endpoints = writeEndpoints(app, options, report)
  const healthCheck = writePodCheck(app, report)
  return {
    id,
    labels,
    containers: [
      {
        ...main,
        ...(endpoints.length > 0 ? { endpoints } : {}),
        ...(healthCheck ? { healthCheck } : {}),
        volumeMounts: volumes.mounts,
        ...(app.tty === undefined ? {} : { tty: app.tty }),
        ...(app.stop.gracePeriod === undefined
          ? {}
          : { lifecycle: { killGracePeriodSeconds: seconds(app.stop.gracePeriod) } }),
      },
      ...Object.entries(app.sidecars).map(([name, sidecar]) => ({
        ...writeContainer(sidecar, name, `/sidecars${step(name)}`, secrets, options, report, app),
        volumeMounts: Object.entries(sidecar.mounts).map(([volume, mount]) => ({
          name: volume,
          mountPath: mount.mountPath,
          ...(mount.readOnly === undefined ? {} : { readOnly: mount.readOnly }),
        })),
      })),
    ],
    ...(volumes.volumes.length > 0 ? { volumes: volumes.volumes } : {}),
    networks: writeNetworks(app, options, report),
    scaling: { kind: 'fixed', ...(instances === undefined ? {} : { instances }) },
    scheduling: {
      ...(Object.keys(backoff).length > 0 ? { backoff } : {}),
      upgrade: writeUpgrade(app, options, report),
      ...(Object.keys(placement).length > 0 ? { placement } : {}),
      ...writeUnreachable(app),
    },
    ...secrets.toJSON(),
  }
}

function writeContainer(
  source: App | Sidecar,
  name: string,
  at: string,
  secrets: SecretTable,
  options: TranslateOptions,
  report: Report,
  app: Pick<App, 'id'> = source as App,
): PodContainer {
  const { reserved, limits } = writeResources(source.resources, `${at}/resources`, options, report)
  const { shell, entrypoint, args } = source
  const environment = writeEnv(app, source.env, `${at}/env`, secrets, report)
  reportContainer(source, at, report)
  if (source.pullPolicy === 'never')
    report('approximated', `${at}/pullPolicy`, 'is fetched where the agent does not have it')
  const argv = [...(entrypoint ?? []), ...(args ?? [])]
  const pullConfig =
    'registryAuth' in source && source.registryAuth
      ? { pullConfig: { secret: secrets.declare({ secret: source.registryAuth.secret }) } }
      : {}
  return {
    name,
    // A container of a pod has to say what it reserves.
    resources: { cpus: 1, mem: 128, ...reserved },
    ...(limits ? { resourceLimits: limits } : {}),
    image: {
      kind: 'DOCKER',
      id: source.image,
      ...(source.pullPolicy === undefined ? {} : { forcePull: source.pullPolicy === 'always' }),
      ...pullConfig,
    },
    ...(shell !== undefined
      ? { exec: { command: { shell } } }
      : argv.length > 0
        ? { exec: { command: { argv }, ...(entrypoint ? { overrideEntrypoint: true } : {}) } }
        : {}),
    ...(Object.keys(environment).length > 0 ? { environment } : {}),
    ...(source.security?.user === undefined ? {} : { user: String(source.security.user) }),
  }
}

const POD_ONLY = "Mesos' own containerizer, which runs pods, has no word for it"

function reportContainer(source: App | Sidecar, at: string, report: Report): void {
  const { security, workingDir } = source
  const lost: readonly (readonly [path: string, set: unknown])[] = [
    ['/workingDir', workingDir],
    ['/security/group', security?.group],
    ['/security/privileged', security?.privileged],
    ['/security/capabilities', security?.capabilities],
    ['/security/readOnlyRootFilesystem', security?.readOnlyRootFilesystem],
    ['/security/noNewPrivileges', security?.noNewPrivileges],
  ]
  for (const [path, set] of lost)
    if (set !== undefined && set !== false)
      report('dropped', `${at}${path}`, POD_ONLY, 'put it into the image')
  if (at !== '') {
    for (const path of Object.keys(source.files))
      report(
        'dropped',
        `${at}/files${step(path)}`,
        'only the main container gets files',
        'mount a secret volume',
      )
    return
  }
  const { stop, registryAuth } = source as App
  if (registryAuth?.key !== undefined)
    report('dropped', '/registryAuth/key', 'the whole secret has to be a Docker config.json')
  for (const [path, set] of [
    ['/stop/signal', stop.signal],
    ['/stop/preStop', stop.preStop],
    ['/stop/drainDelay', stop.drainDelay],
  ] as const)
    if (set !== undefined) report('dropped', path, POD_ONLY, 'let the process handle it')
}

function writeEndpoints(app: App, options: TranslateOptions, report: Report): readonly Endpoint[] {
  const host = networkMode(app, options) === 'host'
  return app.ports.map((port, index) => {
    const at = `/ports${step(index)}`
    if (port.protocol === 'sctp')
      report('refused', `${at}/protocol`, 'Marathon knows tcp and udp', 'use tcp or udp')
    if (port.servicePort !== undefined)
      report('dropped', `${at}/servicePort`, 'pods of Marathon have no service ports')
    if (port.exposure === 'cluster' || port.exposure === 'public')
      report(
        'approximated',
        `${at}/exposure`,
        'Marathon routes nothing by itself: it is in the labels that marathon-lb reads',
      )
    return {
      name: port.name,
      ...(host ? {} : { containerPort: port.containerPort }),
      ...(port.hostPort === undefined && !host
        ? {}
        : { hostPort: port.hostPort === 'dynamic' ? 0 : (port.hostPort ?? port.containerPort) }),
      protocol: [port.protocol === 'sctp' ? 'tcp' : port.protocol],
    }
  })
}
