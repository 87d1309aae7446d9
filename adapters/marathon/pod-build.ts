import { type App, formatDuration, type Probe, type Sidecar } from 'intermodal'
import { writeDependencies, writeIdentity, writeRestart, writeUnreachable } from './build.ts'
import { NEVER } from './checks.ts'
import { CONFIG_IS_SECRET, writeEnv } from './env.ts'
import { type Report, step } from './loss.ts'
import { writeNetworks } from './network.ts'
import { MEBIBYTE, seconds, type TranslateOptions } from './options.ts'
import { writePlacement } from './placement.ts'
import { writeResources } from './resources.ts'
import { SecretTable } from './secrets.ts'
import { writeUpgrade } from './upgrade.ts'
import type { Endpoint, PodContainer, PodDefinition, PodHealthCheck, PodVolume } from './wire.ts'

/** The container that is the app itself; the others are its sidecars. */
export function mainName(app: App): string {
  const name = app.id.slice(app.id.lastIndexOf('/') + 1)
  return Object.hasOwn(app.sidecars, name) ? `${name}-main` : name
}

/** An app with sidecars: containers of one instance are a pod, which Mesos' own containerizer runs. */
export function buildPod(app: App, options: TranslateOptions, report: Report): PodDefinition {
  const secrets = new SecretTable()
  const { id, instances, labels } = writeIdentity(app, options)
  const volumes = writePodVolumes(app, secrets, report)
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
  if (app.kind !== 'service') {
    report(
      'approximated',
      '/kind',
      'a pod of Marathon is a service: its instances have no names of their own',
    )
  }
  const main = writeContainer(app, mainName(app), '', secrets, options, report)
  const endpoints = writeEndpoints(app, report)
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

function writeEndpoints(app: App, report: Report): readonly Endpoint[] {
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
    const host = app.network?.mode === 'host'
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

/** A container has one check, run on the agent. */
function writePodCheck(app: App, report: Report): PodHealthCheck | undefined {
  const { liveness, readiness, startup } = app.probes
  const probe = liveness ?? readiness
  const name = liveness ? 'liveness' : 'readiness'
  if (liveness && readiness) {
    report(
      'dropped',
      '/probes/readiness',
      'a container of a pod has one check, and the liveness probe is it',
    )
  }
  const grace = startup ? startup.initialDelay + startup.failureThreshold * startup.interval : 0
  if (startup) {
    if (probe)
      report(
        'approximated',
        '/probes/startup',
        `becomes a grace period of ${formatDuration(grace)}`,
      )
    else
      report(
        'dropped',
        '/probes/startup',
        'there is no other check to wait with',
        'add a readiness probe',
      )
  }
  if (!probe) return undefined
  if (probe.type === 'grpc') {
    report(
      'dropped',
      `/probes/${name}`,
      'Marathon does not speak gRPC',
      'ask over http, or by a command',
    )
    return undefined
  }
  reportPodProbe(`/probes/${name}`, probe, app, report)
  return {
    ...writePodProbe(app, probe),
    gracePeriodSeconds: seconds(Math.max(grace, probe.startPeriod)),
    intervalSeconds: seconds(probe.interval),
    timeoutSeconds: seconds(probe.timeout),
    maxConsecutiveFailures: liveness ? probe.failureThreshold : NEVER,
    delaySeconds: seconds(probe.initialDelay),
  }
}

function reportPodProbe(at: string, probe: Probe, app: App, report: Report): void {
  if (probe.successThreshold > 1)
    report('dropped', `${at}/successThreshold`, 'one success is enough for Marathon')
  if ('from' in probe && probe.from === 'scheduler')
    report('approximated', `${at}/from`, 'checks of pods run on the agent')
  if ('headers' in probe && probe.headers)
    report('dropped', `${at}/headers`, 'Marathon sends no headers of yours')
  if ('host' in probe && probe.host !== undefined)
    report('dropped', `${at}/host`, 'Marathon sends no host name of yours')
  if ('port' in probe && probe.port !== undefined && endpointOf(app, probe.port) === undefined)
    report(
      'dropped',
      `${at}/port`,
      'a check of a pod needs an endpoint, so the first one is asked',
      'add the port',
    )
}

function endpointOf({ ports }: App, port: string | number | undefined): string | undefined {
  if (port === undefined) return ports[0]?.name
  return ports.find(({ name, containerPort }) => name === port || containerPort === port)?.name
}

function writePodProbe(app: App, probe: Exclude<Probe, { type: 'grpc' }>): PodHealthCheck {
  if (probe.type === 'exec') return { exec: { command: { argv: probe.command } } }
  const endpoint = endpointOf(app, probe.port) ?? app.ports[0]?.name
  const at = endpoint === undefined ? {} : { endpoint }
  return probe.type === 'tcp'
    ? { tcp: at }
    : { http: { ...at, path: probe.path, scheme: probe.type === 'https' ? 'HTTPS' : 'HTTP' } }
}

function writePodVolumes(app: App, secrets: SecretTable, report: Report) {
  const volumes: PodVolume[] = []
  const mounts: { name: string; mountPath: string; readOnly?: boolean }[] = []
  for (const [name, volume] of Object.entries(app.volumes)) {
    const at = `/volumes${step(name)}`
    mounts.push({
      name,
      mountPath: volume.mountPath,
      ...(volume.readOnly === undefined ? {} : { readOnly: volume.readOnly }),
    })
    switch (volume.type) {
      case 'host':
        volumes.push({ name, host: volume.path })
        break
      case 'claim':
        if (volume.access !== undefined && volume.access !== 'one')
          report('dropped', `${at}/access`, 'a persistent volume belongs to one agent')
        volumes.push({
          name,
          persistent: {
            size: Math.ceil(volume.size / MEBIBYTE),
            ...(volume.storageClass === undefined ? {} : { profileName: volume.storageClass }),
          },
        })
        break
      case 'config':
      case 'secret':
        report(
          'approximated',
          `${at}/type`,
          'is one file with the whole value, not a directory with a file for each key',
        )
        volumes.push({
          name,
          secret: secrets.declare(
            volume.type === 'config' ? { config: volume.config } : { secret: volume.secret },
          ),
        })
        break
      case 'named':
        report(
          'dropped',
          at,
          'pods of Marathon have no external volumes: it is empty',
          'make it an app without sidecars',
        )
        volumes.push({ name })
        break
      default:
        if (volume.type === 'tmpfs')
          report('approximated', `${at}/type`, 'lies on disk, in the sandbox')
        if (volume.size !== undefined)
          report(
            'dropped',
            `${at}/size`,
            'the sandbox has one limit for all',
            'set resources.limits.disk',
          )
        volumes.push({ name })
    }
  }
  for (const [index, [path, file]] of Object.entries(app.files).entries()) {
    const at = `/files${step(path)}`
    if ('content' in file) {
      report(
        'dropped',
        at,
        'Marathon brings no files of its own',
        'make it a config, or put it into the image',
      )
      continue
    }
    if (file.mode !== undefined)
      report('dropped', `${at}/mode`, 'the file belongs to root, mode 0444')
    if ('config' in file) report('approximated', at, CONFIG_IS_SECRET)
    const name = `file-${index}`
    volumes.push({ name, secret: secrets.declare(file) })
    mounts.push({ name, mountPath: path })
  }
  return { volumes, mounts }
}
