import { refuse } from '../errors.ts'
import { jsonBody, type Request } from '../http/request.ts'
import type { ServiceSpec } from '../store/objects.ts'
import { decode } from './go.ts'
import { asOf } from './older.ts'
import { serviceSpec } from './structs.ts'

type Loose = { -readonly [K in keyof ServiceSpec]: ServiceSpec[K] }

const CHOICES = {
  RestartCondition: ['none', 'on-failure', 'any'],
  FailureAction: ['pause', 'continue', 'rollback'],
  Order: ['stop-first', 'start-first'],
  Mode: ['vip', 'dnsrr'],
  MountType: ['bind', 'volume', 'tmpfs', 'npipe'],
} as const

/** A spec as the engine keeps it: what it was given, in its own words, with the little that it always fills in. */
export function readServiceSpec(request: Request): ServiceSpec {
  const read = decode(serviceSpec, jsonBody(request)) as unknown as Loose
  const { ContainerSpec: container, Runtime = 'container' } = read.TaskTemplate ?? {}
  if (!container || Runtime !== 'container')
    throw refuse(400, 'mismatched Runtime and *Spec fields')
  const spec = asOf(request.version, read)
  const { TaskTemplate } = spec
  const { RestartPolicy, ContainerSpec = container } = TaskTemplate
  refuseChoices(spec)
  return {
    Name: spec.Name ?? '',
    Labels: spec.Labels ?? {},
    TaskTemplate: {
      ...reordered(TaskTemplate),
      ContainerSpec: { ...ContainerSpec, Isolation: ContainerSpec.Isolation ?? 'default' },
      ...(RestartPolicy && {
        RestartPolicy: { ...{ Condition: 'any' as const }, ...RestartPolicy },
      }),
      ...(spec.Networks && !TaskTemplate.Networks ? { Networks: spec.Networks } : {}),
      ForceUpdate: TaskTemplate.ForceUpdate ?? 0,
      Runtime: 'container',
    },
    Mode: modeOf(spec),
    ...policies(spec),
    ...(spec.EndpointSpec && { EndpointSpec: endpoint(spec.EndpointSpec) }),
  }
}

function reordered(template: ServiceSpec['TaskTemplate']): ServiceSpec['TaskTemplate'] {
  const { ForceUpdate: _, Runtime: __, ...rest } = template
  return rest
}

function modeOf({ Mode = {} }: Loose): NonNullable<ServiceSpec['Mode']> {
  const { Replicated, Global, ReplicatedJob, GlobalJob } = Mode
  if ([Replicated, Global, ReplicatedJob, GlobalJob].filter(Boolean).length > 1)
    throw refuse(400, 'must specify only one service mode')
  if (Global) return { Global: {} }
  if (GlobalJob) return { GlobalJob: {} }
  if (ReplicatedJob) {
    const { MaxConcurrent = 1, TotalCompletions = MaxConcurrent } = ReplicatedJob
    return { ReplicatedJob: { MaxConcurrent, TotalCompletions } }
  }
  return { Replicated: { Replicas: Replicated?.Replicas ?? 1 } }
}

function policies({ UpdateConfig, RollbackConfig }: Loose): Partial<ServiceSpec> {
  return {
    ...(UpdateConfig && { UpdateConfig: policy(UpdateConfig) }),
    ...(RollbackConfig && { RollbackConfig: policy(RollbackConfig) }),
  }
}

type Policy = NonNullable<ServiceSpec['UpdateConfig']>

function policy(given: Policy): Policy {
  return {
    Parallelism: given.Parallelism ?? 0,
    ...(given.Delay === undefined ? {} : { Delay: given.Delay }),
    FailureAction: given.FailureAction || 'pause',
    ...(given.Monitor === undefined ? {} : { Monitor: given.Monitor }),
    MaxFailureRatio: given.MaxFailureRatio ?? 0,
    Order: given.Order || 'stop-first',
  }
}

function endpoint({ Mode, Ports }: NonNullable<ServiceSpec['EndpointSpec']>) {
  return {
    Mode: Mode ?? ('vip' as const),
    ...(Ports && {
      Ports: Ports.map(({ Name, Protocol, TargetPort, PublishedPort, PublishMode }) => ({
        ...(Name ? { Name } : {}),
        Protocol: Protocol ?? ('tcp' as const),
        ...(TargetPort ? { TargetPort } : {}),
        ...(PublishedPort ? { PublishedPort } : {}),
        PublishMode: PublishMode ?? ('ingress' as const),
      })),
    }),
  }
}

function refuseChoices(spec: Loose): void {
  const { RestartPolicy, ContainerSpec } = spec.TaskTemplate
  const condition = RestartPolicy?.Condition
  if (condition && !oneOf('RestartCondition', condition))
    throw refuse(400, `invalid RestartCondition: "${condition}"`)
  for (const { Type } of ContainerSpec?.Mounts ?? [])
    if (!oneOf('MountType', Type)) throw refuse(400, `invalid MountType: "${Type ?? ''}"`)
  for (const config of [spec.UpdateConfig, spec.RollbackConfig]) {
    const { FailureAction: action, Order } = config ?? {}
    if (action && !oneOf('FailureAction', action))
      throw refuse(400, `unrecognized update failure action ${action}`)
    if (Order && !oneOf('Order', Order)) throw refuse(400, `unrecognized update order ${Order}`)
  }
  const mode = spec.EndpointSpec?.Mode
  if (mode && !oneOf('Mode', mode)) throw refuse(400, `invalid resolution mode: "${mode}"`)
}

function oneOf(what: keyof typeof CHOICES, value: string | undefined): boolean {
  return (CHOICES[what] as readonly string[]).includes(value ?? '')
}
