import type { AppInput } from 'intermodal'
import { NEVER } from './checks.ts'
import { readEnv } from './env.ts'
import { absolute, kindOf, readLabels } from './labels.ts'
import { withoutNulls, withoutReadOnly } from './modern.ts'
import { NO_IMAGE, readNetwork } from './network.ts'
import { MEBIBYTE } from './options.ts'
import { readPlacement } from './placement.ts'
import { readRestart, readUnreachable } from './read.ts'
import { readResources } from './resources.ts'
import { lookUp } from './secrets.ts'
import { argumentsOf } from './shell.ts'
import { readUpgrade } from './upgrade.ts'
import type { PodContainer, PodDefinition, PodHealthCheck, PodVolume } from './wire.ts'

type SidecarInput = NonNullable<AppInput['sidecars']>[string]
type VolumeInput = NonNullable<AppInput['volumes']>[string]

/** The first container named as the pod is the app, else the first one; the others are sidecars. */
export function readPod(raw: PodDefinition): AppInput {
  const pod = withoutNulls(withoutReadOnly(raw))
  const id = absolute(pod.id)
  const name = id.slice(id.lastIndexOf('/') + 1)
  const main = pod.containers.find((container) => container.name === name) ?? pod.containers[0]
  const others = pod.containers.filter((container) => container !== main)
  const { backoff, maxLaunchDelay, backoffFactor } = pod.scheduling?.backoff ?? {}
  const instances = pod.scaling?.instances ?? 1
  const volumes = readPodVolumes(pod, main)
  return {
    id,
    kind: kindOf(pod),
    ...(pod.scaling?.instances === undefined ? {} : { replicas: instances }),
    ...readPodContainer(pod, main),
    ports: (main?.endpoints ?? []).map((endpoint, index) => ({
      name: endpoint.name,
      containerPort: endpoint.containerPort || endpoint.hostPort || 8080 + index,
      ...(endpoint.hostPort === undefined
        ? {}
        : { hostPort: endpoint.hostPort === 0 ? ('dynamic' as const) : endpoint.hostPort }),
      ...(endpoint.protocol?.[0] === 'udp' ? { protocol: 'udp' as const } : {}),
    })),
    ...(main?.tty === undefined ? {} : { tty: main.tty }),
    network: readNetwork(pod.networks),
    probes: main?.healthCheck ? readPodCheck(main.healthCheck) : {},
    ...volumes,
    sidecars: Object.fromEntries(
      others.map((container): [string, SidecarInput] => [
        container.name,
        {
          ...readPodContainer(pod, container),
          mounts: Object.fromEntries(
            (container.volumeMounts ?? []).map((mount) => [
              mount.name,
              {
                mountPath: mount.mountPath,
                ...(mount.readOnly === undefined ? {} : { readOnly: mount.readOnly }),
              },
            ]),
          ),
        },
      ]),
    ),
    placement: readPlacement({
      constraints: (pod.scheduling?.placement?.constraints ?? []).map(
        ({ fieldName, operator, value }) => [
          fieldName,
          operator,
          ...(value === undefined ? [] : [value]),
        ],
      ),
      acceptedResourceRoles: pod.scheduling?.placement?.acceptedResourceRoles ?? [],
    }),
    update: readUpgrade(pod.scheduling?.upgrade, instances),
    restart: readRestart({
      ...(backoff === undefined ? {} : { backoffSeconds: backoff }),
      ...(backoffFactor === undefined || backoffFactor < 1 ? {} : { backoffFactor }),
      ...(maxLaunchDelay === undefined ? {} : { maxLaunchDelaySeconds: maxLaunchDelay }),
    }),
    ...readUnreachable(pod.scheduling?.unreachableStrategy),
    ...(main?.lifecycle?.killGracePeriodSeconds === undefined
      ? {}
      : { stop: { gracePeriod: `${main.lifecycle.killGracePeriodSeconds}s` } }),
    ...readLabels(pod.labels),
  }
}

function readPodContainer(pod: PodDefinition, container: PodContainer | undefined) {
  const { command, overrideEntrypoint } = container?.exec ?? {}
  const [first, ...rest] = command?.argv ?? []
  const user = container?.user
  const pull = lookUp(pod.secrets, container?.image?.pullConfig?.secret)
  const isMain = container === pod.containers[0]
  return {
    image: container?.image?.id ?? NO_IMAGE,
    ...(container?.image?.forcePull ? { pullPolicy: 'always' as const } : {}),
    ...(pull && 'secret' in pull && isMain ? { registryAuth: { secret: pull.secret } } : {}),
    ...(command?.shell
      ? { shell: command.shell }
      : first === undefined
        ? {}
        : overrideEntrypoint
          ? { entrypoint: [first], ...(rest.length > 0 ? { args: rest } : {}) }
          : { args: [first, ...rest] }),
    env: readEnv({
      ...(container?.environment ? { env: container.environment } : {}),
      ...(pod.secrets ? { secrets: pod.secrets } : {}),
    }),
    resources: readResources(container?.resources ?? {}, container?.resourceLimits),
    ...(user ? { security: { user: /^\d+$/.test(user) ? Number(user) : user } } : {}),
  }
}

function readPodCheck(check: PodHealthCheck): NonNullable<AppInput['probes']> {
  const { maxConsecutiveFailures = 3 } = check
  const readiness = maxConsecutiveFailures >= NEVER
  const time = (count: number) => `${count}s` as const
  const timing = {
    interval: time(check.intervalSeconds ?? 60),
    timeout: time(check.timeoutSeconds ?? 20),
    ...(readiness ? {} : { failureThreshold: Math.max(1, maxConsecutiveFailures) }),
    startPeriod: time(check.gracePeriodSeconds ?? 300),
    initialDelay: time(check.delaySeconds ?? 15),
  }
  const probe = readPodProbe(check, timing)
  return probe ? { [readiness ? 'readiness' : 'liveness']: probe } : {}
}

function readPodProbe({ http, tcp, exec }: PodHealthCheck, timing: object) {
  const port = (endpoint: string | undefined) => (endpoint === undefined ? {} : { port: endpoint })
  if (http) {
    const type = http.scheme === 'HTTPS' ? 'https' : 'http'
    return { type, ...(http.path ? { path: http.path } : {}), ...port(http.endpoint), ...timing }
  }
  if (tcp) return { type: 'tcp', ...port(tcp.endpoint), ...timing }
  const { shell, argv } = exec?.command ?? {}
  const command =
    argv ?? (shell === undefined ? undefined : (argumentsOf(shell) ?? ['/bin/sh', '-c', shell]))
  return command && { type: 'exec', command: [...command], ...timing }
}

/** What only a sidecar mounts is mounted nowhere in the main container, which the model cannot say: it stays native. */
function readPodVolumes(
  pod: PodDefinition,
  main: PodContainer | undefined,
): Pick<AppInput, 'volumes' | 'files'> {
  const volumes: Record<string, VolumeInput> = {}
  const files: NonNullable<AppInput['files']> = {}
  for (const mount of main?.volumeMounts ?? []) {
    const volume = pod.volumes?.find(({ name }) => name === mount.name)
    if (!volume) continue
    const reference = lookUp(pod.secrets, volume.secret)
    if (reference) files[mount.mountPath] = reference
    else if (volume.secret === undefined) {
      volumes[volume.name] = {
        ...readPodVolume(volume),
        mountPath: mount.mountPath,
        ...(mount.readOnly === undefined ? {} : { readOnly: mount.readOnly }),
      } as VolumeInput
    }
  }
  return { volumes, files }
}

function readPodVolume({ host, persistent }: PodVolume) {
  if (host?.startsWith('/')) return { type: 'host', path: host }
  if (persistent) {
    return {
      type: 'claim',
      size: (persistent.size ?? 1) * MEBIBYTE,
      ...(persistent.profileName === undefined ? {} : { storageClass: persistent.profileName }),
    }
  }
  return { type: 'empty' }
}
