import { type FieldSample, field, fieldEach } from './sample.ts'

const HTTP = { name: 'http', containerPort: 8080 }
const PORT = { ports: [HTTP] }
const PUBLIC = { ports: [{ ...HTTP, exposure: 'public' }] }
const TWO_PORTS = { ports: [HTTP, { name: 'admin', containerPort: 9000 }] }

const ports: readonly FieldSample[] = [
  field('/ports/0/name', 'web', PORT),
  field('/ports/0/containerPort', 8081, PORT),
  field('/ports/1/containerPort', 9001, TWO_PORTS),
  field('/ports/0/hostPort', 31080, PORT),
  field('/ports/0/hostPort', 'dynamic', PORT),
  field('/ports/0/servicePort', 80, PORT),
  ...fieldEach('/ports/0/protocol', ['udp', 'sctp'], PORT),
  ...fieldEach('/ports/0/exposure', ['node', 'cluster', 'public'], PORT),
  field('/ports/0/host', 'shop.example.com', PUBLIC),
  field('/ports/0/path', '/shop', PUBLIC),
  ...fieldEach('/network/mode', ['host', 'bridge', 'container']),
  field('/network/names', ['backend', 'metrics']),
  field('/network/aliases', ['shop'], { network: { names: ['backend'] } }),
]

const PROBES = ['liveness', 'readiness', 'startup'] as const

const TYPES: Readonly<Record<string, object>> = {
  http: {},
  https: {},
  tcp: {},
  exec: { command: ['/bin/check'] },
  grpc: {},
}

function probe(name: string, type: string): FieldSample[] {
  const at = `/probes/${name}`
  const besides = { ...TWO_PORTS, probes: { [name]: { type, ...TYPES[type] } } }
  const set = (path: string, value: unknown) => field(at + path, value, besides)
  return [
    set('/type', type),
    set('/interval', '7s'),
    set('/timeout', '4s'),
    set('/failureThreshold', 5),
    set('/successThreshold', 2),
    set('/initialDelay', '3s'),
    set('/startPeriod', '20s'),
    ...(type === 'exec'
      ? [set('/command', ['/bin/check', '--deep'])]
      : [set('/port', 9000), set('/port', 'admin')]),
    ...(type === 'grpc' ? [set('/service', 'shop.Health')] : []),
    ...(type === 'http' || type === 'https' || type === 'tcp' ? [set('/from', 'scheduler')] : []),
    ...(type === 'http' || type === 'https'
      ? [
          set('/path', '/health'),
          set('/host', 'shop.example.com'),
          set('/headers/X-Probe', 'intermodal'),
        ]
      : []),
  ]
}

export const trafficFields: readonly FieldSample[] = [
  ...ports,
  ...PROBES.flatMap((name) => Object.keys(TYPES).flatMap((type) => probe(name, type))),
]
