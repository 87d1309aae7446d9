import { createHash } from 'node:crypto'
import type { Container } from '../agent/container.ts'
import { printStamp } from '../store/stamps.ts'
import type { Swarm } from '../swarm.ts'
import { UNSET } from './host-config.ts'
import { statusText } from './objects.ts'

/** What is run, as it is run: the entrypoint first. */
function commandOf({ task }: Container): readonly string[] {
  const { Command = [], Args = [] } = task.Spec.ContainerSpec ?? {}
  return [...Command, ...Args]
}

/** A row of the list of containers. */
export function containerRow(swarm: Swarm, container: Container): object {
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: container.image,
    ImageID: swarm.imageId(container.image),
    Command: commandOf(container).join(' '),
    Created: Number(container.created / 1_000_000_000n),
    Ports: [],
    Labels: container.labels,
    State: container.state,
    Status: statusText(container, swarm.time.now),
    HostConfig: { NetworkMode: 'default' },
    NetworkSettings: { Networks: networksOf(container) },
    Mounts: [],
  }
}

export function containerJson(swarm: Swarm, container: Container): object {
  const [Path = '', ...Args] = commandOf(container)
  const { state, health, id, task } = container
  const at = `/var/lib/docker/containers/${id}`
  const layers = `/var/lib/docker/overlay2/${id}`
  const stamp = (moment: bigint | undefined) =>
    moment ? printStamp(moment) : '0001-01-01T00:00:00Z'
  return {
    Id: id,
    Created: printStamp(container.created),
    Path,
    Args,
    State: {
      Status: state,
      Running: state === 'running',
      Paused: false,
      Restarting: false,
      OOMKilled: container.oom,
      Dead: false,
      Pid: container.pid,
      ExitCode: Math.max(0, container.exitCode),
      Error: '',
      StartedAt: stamp(container.started),
      FinishedAt: stamp(container.finished),
      ...(health ? { Health: { Status: health, FailingStreak: 0, Log: [] } } : {}),
    },
    Image: swarm.imageId(container.image),
    ResolvConfPath: `${at}/resolv.conf`,
    HostnamePath: `${at}/hostname`,
    HostsPath: `${at}/hosts`,
    LogPath: `${at}/${id}-json.log`,
    Name: `/${container.name}`,
    RestartCount: 0,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    HostConfig: hostConfig(container),
    GraphDriver: {
      Data: {
        LowerDir: `${layers}-init/diff`,
        MergedDir: `${layers}/merged`,
        UpperDir: `${layers}/diff`,
        WorkDir: `${layers}/work`,
      },
      Name: 'overlay2',
    },
    Mounts: [],
    Config: config(container),
    NetworkSettings: {
      ...endpoint(container, 'bridge'),
      Bridge: '',
      SandboxID: task.ID,
      SandboxKey: `/var/run/docker/netns/${id.slice(0, 12)}`,
      HairpinMode: false,
      LinkLocalIPv6Address: '',
      LinkLocalIPv6PrefixLen: 0,
      Ports: {},
      SecondaryIPAddresses: null,
      SecondaryIPv6Addresses: null,
      Networks: networksOf(container),
    },
  }
}

function config({ task, hostname, environment, image, labels }: Container): object {
  const spec = task.Spec.ContainerSpec ?? {}
  return {
    Hostname: hostname,
    Domainname: '',
    User: spec.User ?? '',
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: spec.TTY === true,
    OpenStdin: spec.OpenStdin === true,
    StdinOnce: false,
    Env: environment,
    Cmd: spec.Args ?? null,
    ...(spec.Healthcheck ? { Healthcheck: spec.Healthcheck } : {}),
    Image: image,
    Volumes: null,
    WorkingDir: spec.Dir ?? '',
    Entrypoint: spec.Command ?? null,
    OnBuild: null,
    Labels: labels,
  }
}

function hostConfig({ task }: Container): object {
  const { ContainerSpec, Resources, LogDriver } = task.Spec
  const limits = Resources?.Limits
  return {
    ...UNSET,
    LogConfig: { Type: LogDriver?.Name ?? 'json-file', Config: LogDriver?.Options ?? {} },
    CapAdd: ContainerSpec?.CapabilityAdd ?? null,
    CapDrop: ContainerSpec?.CapabilityDrop ?? null,
    ReadonlyRootfs: ContainerSpec?.ReadOnly === true,
    Memory: limits?.MemoryBytes ?? 0,
    MemoryReservation: Resources?.Reservations?.MemoryBytes ?? 0,
    NanoCpus: limits?.NanoCPUs ?? 0,
    PidsLimit: limits?.Pids ?? null,
    ...(ContainerSpec?.Init === undefined ? {} : { Init: ContainerSpec.Init }),
    ...(ContainerSpec?.Sysctls ? { Sysctls: ContainerSpec.Sysctls } : {}),
    Ulimits: ContainerSpec?.Ulimits ?? [],
  }
}

/** Those of the swarm it is in, or the engine's own. */
function networksOf(container: Container): object {
  const attached = container.task.NetworksAttachments ?? []
  if (attached.length === 0) return { bridge: endpointIn(container, 'bridge') }
  return Object.fromEntries(
    attached.map(({ Network, Addresses }) => {
      const name = Network?.Spec?.Name ?? ''
      return [name, endpointIn(container, name, Network?.ID, Addresses?.[0])]
    }),
  )
}

function endpointIn(container: Container, name: string, id?: string, address?: string): object {
  return {
    IPAMConfig: address ? { IPv4Address: address.split('/')[0] } : null,
    Links: null,
    Aliases: null,
    NetworkID: id ?? digest(name),
    DriverOpts: null,
    ...endpoint(container, name, address),
  }
}

function endpoint(container: Container, network: string, address = '172.17.0.2/16'): object {
  const [IPAddress = '', bits = '0'] = address.split('/')
  const bytes = IPAddress.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))
  return {
    EndpointID: digest(`${container.id} ${network}`),
    Gateway: IPAddress.replace(/\d+$/, '1'),
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    IPAddress,
    IPPrefixLen: Number(bits),
    IPv6Gateway: '',
    MacAddress: ['02', '42', ...bytes].join(':'),
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
