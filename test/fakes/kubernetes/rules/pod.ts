import { duplicate, type Fault, invalidValue, notSupported, required } from '../errors.ts'
import { labelFault } from './names.ts'

interface Port {
  readonly name?: string
  readonly containerPort?: number
  readonly hostPort?: number
  readonly protocol?: string
}

interface Container {
  readonly name?: string
  readonly image?: string
  readonly imagePullPolicy?: string
  readonly ports?: readonly Port[]
  readonly env?: readonly { readonly name?: string }[]
  readonly volumeMounts?: readonly { readonly name?: string; readonly mountPath?: string }[]
  readonly resources?: {
    readonly limits?: Readonly<Record<string, string>>
    readonly requests?: Readonly<Record<string, string>>
  }
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
  readonly startupProbe?: Probe
}

interface Probe {
  readonly exec?: object
  readonly httpGet?: object
  readonly tcpSocket?: object
  readonly grpc?: object
  readonly successThreshold?: number
  readonly [key: string]: unknown
}

export interface PodSpecLike {
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly volumes?: readonly { readonly name?: string }[]
  readonly restartPolicy?: string
  readonly dnsPolicy?: string
  readonly terminationGracePeriodSeconds?: number
}

/** What is wrong with the spec of a pod, or of a template of pods. */
export function podFaults(field: string, spec: PodSpecLike): readonly Fault[] {
  const volumes = (spec.volumes ?? []).map(({ name }) => name)
  const containers = spec.containers ?? []
  const names = [...(spec.initContainers ?? []), ...containers].map(({ name }) => name)
  const twice = (name: string | undefined) => names.filter((other) => other === name).length > 1
  return [
    ...(spec.volumes ?? []).flatMap(({ name }, index) => {
      const at = `${field}.volumes[${index}].name`
      if (!name) return [required(at)]
      return volumes.indexOf(name) < index ? [duplicate(at, name)] : labelFault(at, name)
    }),
    ...(containers.length === 0 ? [required(`${field}.containers`)] : []),
    ...containers.flatMap((one, index) => [
      ...containerFaults(`${field}.containers[${index}]`, one, volumes),
      ...(twice(one.name) && containers.findIndex(({ name }) => name === one.name) < index
        ? [duplicate(`${field}.containers[${index}].name`, one.name)]
        : []),
    ]),
    ...(spec.initContainers ?? []).flatMap((one, index) =>
      containerFaults(`${field}.initContainers[${index}]`, one, volumes),
    ),
    ...enumeration(`${field}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...enumeration(`${field}.dnsPolicy`, spec.dnsPolicy, [
      'ClusterFirstWithHostNet',
      'ClusterFirst',
      'Default',
      'None',
    ]),
    ...notNegative(`${field}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds),
  ]
}

function containerFaults(
  field: string,
  container: Container,
  volumes: readonly (string | undefined)[],
): readonly Fault[] {
  const { name, image, ports = [], env = [], volumeMounts = [], resources = {} } = container
  const paths = volumeMounts.map(({ mountPath }) => mountPath)
  return [
    ...(name ? labelFault(`${field}.name`, name) : [required(`${field}.name`)]),
    ...(image ? [] : [required(`${field}.image`)]),
    ...ports.flatMap((port, index) => portFaults(`${field}.ports[${index}]`, port)),
    ...env.flatMap((one, index) => (one.name ? [] : [required(`${field}.env[${index}].name`)])),
    ...volumeMounts.flatMap((mount, index) => [
      ...(mount.name && !volumes.includes(mount.name)
        ? [
            {
              field: `${field}.volumeMounts[${index}].name`,
              reason: 'NotFound',
              detail: `Not found: "${mount.name}"`,
            } as const,
          ]
        : []),
      ...(paths.indexOf(mount.mountPath) < index
        ? [
            invalidValue(
              `${field}.volumeMounts[${index}].mountPath`,
              mount.mountPath,
              'must be unique',
            ),
          ]
        : []),
    ]),
    ...PROBES.flatMap((kind) => probeFaults(`${field}.${kind}`, kind, container[kind])),
    ...enumeration(`${field}.imagePullPolicy`, container.imagePullPolicy, [
      'Always',
      'IfNotPresent',
      'Never',
    ]),
    ...Object.entries(resources.requests ?? {}).flatMap(([what, amount]) => {
      const limit = resources.limits?.[what]
      return limit !== undefined && amountOf(amount) > amountOf(limit)
        ? [
            invalidValue(
              `${field}.resources.requests`,
              amount,
              `must be less than or equal to ${what} limit of ${limit}`,
            ),
          ]
        : []
    }),
  ]
}

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const

function portFaults(field: string, { containerPort, hostPort, protocol }: Port): readonly Fault[] {
  const range = 'must be between 1 and 65535, inclusive'
  const wrong = (port: number) => port < 1 || port > 65535
  return [
    ...(containerPort === undefined || containerPort === 0
      ? [required(`${field}.containerPort`)]
      : wrong(containerPort)
        ? [invalidValue(`${field}.containerPort`, containerPort, range)]
        : []),
    ...(hostPort && wrong(hostPort) ? [invalidValue(`${field}.hostPort`, hostPort, range)] : []),
    ...enumeration(`${field}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
  ]
}

function probeFaults(
  field: string,
  kind: (typeof PROBES)[number],
  probe: Probe | undefined,
): readonly Fault[] {
  if (!probe) return []
  const handlers = [probe.exec, probe.httpGet, probe.tcpSocket, probe.grpc].filter(Boolean)
  const { successThreshold = 1 } = probe
  return [
    ...(handlers.length === 0 ? [required(field, 'must specify a handler type')] : []),
    ...['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'failureThreshold'].flatMap(
      (name) => notNegative(`${field}.${name}`, probe[name] as number | undefined),
    ),
    ...(kind !== 'readinessProbe' && successThreshold !== 1
      ? [invalidValue(`${field}.successThreshold`, successThreshold, 'must be 1')]
      : []),
  ]
}

export function notNegative(field: string, value: number | undefined): readonly Fault[] {
  if (value === undefined || value >= 0) return []
  return [invalidValue(field, value, 'must be greater than or equal to 0')]
}

export function enumeration(
  field: string,
  value: string | undefined,
  values: readonly string[],
): readonly Fault[] {
  if (value === undefined || values.includes(value)) return []
  return [notSupported(field, value, [...values].sort())]
}

const UNITS: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  n: 1e-9,
  u: 1e-6,
}

/** An amount as a number: cores, bytes, pieces. */
export function amountOf(text: string | number | undefined): number {
  const [, number = '0', unit = ''] =
    /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)(\D*)$/.exec(String(text ?? 0)) ?? []
  return Number(number) * (UNITS[unit] ?? 1)
}
