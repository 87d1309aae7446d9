import type { Daemon } from '../routes/parts.ts'
import type { Swarm } from '../swarm.ts'

const COMMIT = '5d6db84'
const BUILT = '2026-05-07T21:09:36.000000000+00:00'

export function versionJson({ version, apiVersion, minApiVersion }: Swarm): object {
  const facts = {
    ApiVersion: apiVersion,
    Arch: 'amd64',
    BuildTime: BUILT,
    Experimental: 'false',
    GitCommit: COMMIT,
    GoVersion: 'go1.19.8',
    KernelVersion: '6.1.0',
    MinAPIVersion: minApiVersion,
    Os: 'linux',
  }
  return {
    Platform: { Name: '' },
    Components: [
      { Name: 'Engine', Version: version, Details: facts },
      { Name: 'containerd', Version: '1.6.20', Details: { GitCommit: '1.6.20' } },
      { Name: 'runc', Version: '1.1.5', Details: { GitCommit: '1.1.5' } },
      { Name: 'docker-init', Version: '0.19.0', Details: { GitCommit: '' } },
    ],
    Version: version,
    ApiVersion: apiVersion,
    MinAPIVersion: minApiVersion,
    GitCommit: COMMIT,
    GoVersion: 'go1.19.8',
    Os: 'linux',
    Arch: 'amd64',
    KernelVersion: '6.1.0',
    BuildTime: BUILT,
  }
}

/** The cluster. What lets others join is told by `/swarm` alone; here nobody can, so they are no secrets. */
export function clusterJson({ cluster }: Swarm, tokens: boolean): object {
  return {
    ...cluster,
    Spec: {
      Name: 'default',
      Labels: {},
      Orchestration: { TaskHistoryRetentionLimit: 5 },
      Raft: {
        SnapshotInterval: 10_000,
        KeepOldSnapshots: 0,
        LogEntriesForSlowFollowers: 500,
        ElectionTick: 10,
        HeartbeatTick: 1,
      },
      Dispatcher: { HeartbeatPeriod: 5_000_000_000 },
      CAConfig: { NodeCertExpiry: 7_776_000_000_000_000 },
      TaskDefaults: {},
      EncryptionConfig: { AutoLockManagers: false },
    },
    TLSInfo: TLS,
    RootRotationInProgress: false,
    DefaultAddrPool: null,
    SubnetSize: 24,
    DataPathPort: 4789,
    ...(tokens
      ? { JoinTokens: { Worker: 'SWMTKN-1-fake-worker', Manager: 'SWMTKN-1-fake-manager' } }
      : {}),
  }
}

const COMPONENT = { ID: 'none', Expected: 'none' }

/** What this engine would say of the machine it runs on; nothing here depends on it. */
const KERNEL = {
  MemoryLimit: true,
  SwapLimit: true,
  KernelMemory: true,
  KernelMemoryTCP: true,
  CpuCfsPeriod: true,
  CpuCfsQuota: true,
  CPUShares: true,
  CPUSet: true,
  PidsLimit: true,
  IPv4Forwarding: true,
  BridgeNfIptables: true,
  BridgeNfIp6tables: true,
  OomKillDisable: true,
  Debug: false,
  NFd: 40,
  NGoroutines: 150,
  NEventsListener: 0,
  DockerRootDir: '/var/lib/docker',
  HttpProxy: '',
  HttpsProxy: '',
  NoProxy: '',
  Runtimes: {
    'io.containerd.runc.v2': { path: 'runc' },
    'io.containerd.runtime.v1.linux': { path: 'runc' },
    runc: { path: 'runc' },
  },
  DefaultRuntime: 'runc',
  InitBinary: 'docker-init',
  ContainerdCommit: COMPONENT,
  RuncCommit: COMPONENT,
  InitCommit: COMPONENT,
} as const

export const TLS = {
  TrustRoot: '-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n',
  CertIssuerSubject: 'MBMxETAPBgNVBAMTCHN3YXJtLWNh',
  CertIssuerPublicKey: 'bm9uZQ==',
} as const

export function infoJson({ swarm, node }: Daemon): object {
  const containers = swarm.agents.containers().filter(({ task }) => task.NodeID === node?.ID)
  const running = containers.filter(({ state }) => state === 'running').length
  const managers = [...swarm.store.nodes.values()].filter(({ Spec }) => Spec.Role === 'manager')
  const manager = swarm.isManager(node)
  const member = swarm.isMember(node)
  return {
    ID: 'FAKE:FAKE:FAKE:FAKE:FAKE:FAKE:FAKE:FAKE:FAKE:FAKE:FAKE:FAKE',
    Containers: containers.length,
    ContainersRunning: running,
    ContainersPaused: 0,
    ContainersStopped: containers.length - running,
    Images: node?.record.images.length ?? 0,
    Driver: 'overlay2',
    DriverStatus: [['Backing Filesystem', 'extfs']],
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'ipvlan', 'macvlan', 'null', 'overlay'],
      Authorization: null,
      Log: ['json-file', 'local', 'syslog'],
    },
    ...KERNEL,
    SystemTime: new Date(swarm.time.now).toISOString(),
    LoggingDriver: 'json-file',
    CgroupDriver: 'cgroupfs',
    CgroupVersion: '1',
    KernelVersion: '6.1.0',
    OperatingSystem: 'a fake of intermodal',
    OSVersion: '12',
    OSType: 'linux',
    Architecture: 'x86_64',
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: {
      AllowNondistributableArtifactsCIDRs: [],
      AllowNondistributableArtifactsHostnames: [],
      InsecureRegistryCIDRs: ['127.0.0.0/8'],
      IndexConfigs: {
        'docker.io': { Name: 'docker.io', Mirrors: [], Secure: true, Official: true },
      },
      Mirrors: [],
    },
    GenericResources: null,
    NCPU: (node?.record.capacity.cpu ?? 0) / 1000,
    MemTotal: node?.record.capacity.memory ?? 0,
    Name: node?.record.name ?? '',
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: swarm.version,
    Swarm: {
      NodeID: member ? (node?.ID ?? '') : '',
      NodeAddr: member ? (node?.Status.Addr ?? '') : '',
      LocalNodeState: member ? 'active' : 'inactive',
      ControlAvailable: manager,
      Error: '',
      RemoteManagers: member
        ? managers.map(({ ID, ManagerStatus }) => ({ NodeID: ID, Addr: ManagerStatus?.Addr ?? '' }))
        : null,
      ...(manager
        ? {
            Nodes: swarm.store.nodes.size,
            Managers: managers.length,
            Cluster: clusterJson(swarm, false),
          }
        : {}),
    },
    LiveRestoreEnabled: false,
    Isolation: '',
    SecurityOptions: ['name=seccomp,profile=default'],
    Warnings: null,
  }
}
