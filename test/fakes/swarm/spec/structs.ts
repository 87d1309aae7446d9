import type { Struct } from './go.ts'

const struct = (name: string, fields: Struct['fields']): Struct => ({ name, fields })

const fileTarget = struct('SecretReferenceFileTarget', {
  Name: 'text!',
  UID: 'text!',
  GID: 'text!',
  Mode: 'number!',
})

const driver = struct('Driver', { Name: 'text', Options: 'map' })

const mount = struct('Mount', {
  Type: 'text',
  Source: 'text',
  Target: 'text',
  ReadOnly: 'flag',
  Consistency: 'text',
  BindOptions: { struct: struct('BindOptions', { Propagation: 'text', NonRecursive: 'flag' }) },
  VolumeOptions: {
    struct: struct('VolumeOptions', {
      NoCopy: 'flag',
      Labels: 'map',
      DriverConfig: { struct: driver },
    }),
  },
  TmpfsOptions: { struct: struct('TmpfsOptions', { SizeBytes: 'number', Mode: 'number' }) },
})

const container = struct('ContainerSpec', {
  Image: 'text',
  Labels: 'map',
  Command: 'texts',
  Args: 'texts',
  Hostname: 'text',
  Env: 'texts',
  Dir: 'text',
  User: 'text',
  Groups: 'texts',
  Privileges: { struct: struct('Privileges', { CredentialSpec: 'any', SELinuxContext: 'any' }) },
  Init: 'flag?',
  StopSignal: 'text',
  TTY: 'flag',
  OpenStdin: 'flag',
  ReadOnly: 'flag',
  Mounts: { list: mount },
  StopGracePeriod: 'number?',
  Healthcheck: {
    struct: struct('HealthConfig', {
      Test: 'texts',
      Interval: 'number',
      Timeout: 'number',
      StartPeriod: 'number',
      Retries: 'number',
    }),
  },
  Hosts: 'texts',
  DNSConfig: {
    struct: struct('DNSConfig', { Nameservers: 'texts', Search: 'texts', Options: 'texts' }),
  },
  Secrets: {
    list: struct('SecretReference', {
      File: { struct: fileTarget },
      SecretID: 'text!',
      SecretName: 'text!',
    }),
  },
  Configs: {
    list: struct('ConfigReference', {
      File: { struct: fileTarget },
      Runtime: { struct: struct('ConfigReferenceRuntimeTarget', {}) },
      ConfigID: 'text!',
      ConfigName: 'text!',
    }),
  },
  Isolation: 'text',
  Sysctls: 'map',
  CapabilityAdd: 'texts',
  CapabilityDrop: 'texts',
  Ulimits: { list: struct('Ulimit', { Name: 'text!', Hard: 'number!', Soft: 'number!' }) },
})

const amounts = { NanoCPUs: 'number', MemoryBytes: 'number' } as const

const resources = struct('ResourceRequirements', {
  Limits: { struct: struct('Limit', { ...amounts, Pids: 'number' }) },
  Reservations: {
    struct: struct('Resources', { ...amounts, GenericResources: 'any' }),
  },
})

const attachment = struct('NetworkAttachmentConfig', {
  Target: 'text',
  Aliases: 'texts',
  DriverOpts: 'map',
})

const template = struct('TaskSpec', {
  ContainerSpec: { struct: container },
  PluginSpec: 'any',
  NetworkAttachmentSpec: 'any',
  Resources: { struct: resources },
  RestartPolicy: {
    struct: struct('RestartPolicy', {
      Condition: 'text',
      Delay: 'number?',
      MaxAttempts: 'number!',
      Window: 'number?',
    }),
  },
  Placement: {
    struct: struct('Placement', {
      Constraints: 'texts',
      Preferences: {
        list: struct('PlacementPreference', {
          Spread: { struct: struct('SpreadOver', { SpreadDescriptor: 'text!' }) },
        }),
      },
      MaxReplicas: 'number',
      Platforms: { list: struct('Platform', { Architecture: 'text', OS: 'text' }) },
    }),
  },
  Networks: { list: attachment },
  LogDriver: { struct: driver },
  ForceUpdate: 'number!',
  Runtime: 'text',
})

const update = struct('UpdateConfig', {
  Parallelism: 'number!',
  Delay: 'number',
  FailureAction: 'text',
  Monitor: 'number',
  MaxFailureRatio: 'number!',
  Order: 'text!',
})

export const serviceSpec = struct('ServiceSpec', {
  Name: 'text',
  Labels: 'map',
  TaskTemplate: { struct: template },
  Mode: {
    struct: struct('ServiceMode', {
      Replicated: { struct: struct('ReplicatedService', { Replicas: 'number?' }) },
      Global: { struct: struct('GlobalService', {}) },
      ReplicatedJob: {
        struct: struct('ReplicatedJob', { MaxConcurrent: 'number?', TotalCompletions: 'number?' }),
      },
      GlobalJob: { struct: struct('GlobalJob', {}) },
    }),
  },
  UpdateConfig: { struct: update },
  RollbackConfig: { struct: update },
  Networks: { list: attachment },
  EndpointSpec: {
    struct: struct('EndpointSpec', {
      Mode: 'text',
      Ports: {
        list: struct('PortConfig', {
          Name: 'text',
          Protocol: 'text',
          TargetPort: 'number',
          PublishedPort: 'number',
          PublishMode: 'text',
        }),
      },
    }),
  },
})

export const secretSpec = struct('SecretSpec', { Name: 'text', Labels: 'map', Data: 'text' })
export const configSpec = struct('ConfigSpec', { Name: 'text', Labels: 'map', Data: 'text' })
export const nodeSpec = struct('NodeSpec', {
  Name: 'text',
  Labels: 'map',
  Role: 'text',
  Availability: 'text',
})
export const networkCreate = struct('NetworkCreateRequest', {
  Name: 'text',
  CheckDuplicate: 'flag',
  Driver: 'text',
  Scope: 'text',
  EnableIPv6: 'flag',
  IPAM: {
    struct: struct('IPAM', {
      Driver: 'text',
      Options: 'map',
      Config: { list: struct('IPAMConfig', { Subnet: 'text', Gateway: 'text', IPRange: 'text' }) },
    }),
  },
  Internal: 'flag',
  Attachable: 'flag',
  Ingress: 'flag',
  Options: 'map',
  Labels: 'map',
})
export const execCreate = struct('ExecConfig', {
  User: 'text',
  Privileged: 'flag',
  Tty: 'flag',
  AttachStdin: 'flag',
  AttachStderr: 'flag',
  AttachStdout: 'flag',
  Detach: 'flag',
  DetachKeys: 'text',
  Env: 'texts',
  WorkingDir: 'text',
  Cmd: 'texts',
})
