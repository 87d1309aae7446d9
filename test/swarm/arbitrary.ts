import fc from 'fast-check'
import { type App, type AppId, type AppInput, safeDefine } from 'intermodal'

const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,12}[a-z0-9])?$/)

export const appId = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: label },
      { weight: 1, arbitrary: fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{40,61}[a-z0-9])$/) },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => `/${parts.join('/')}` as AppId)

function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 2 })
}

/** Without the keys nobody gave: absent is what the schema knows, `undefined` is not. */
function some<T extends object>(
  shape: { [K in keyof T]: fc.Arbitrary<T[K]> },
): fc.Arbitrary<object> {
  return fc
    .record(shape)
    .map((value) =>
      Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)),
    )
}

const text = fc.string({ unit: 'grapheme-ascii', maxLength: 12 })
const awkward = fc.oneof(text, fc.constantFrom('{{', '{{.Task.Slot}}', '{{{a}}}', 'a=b', '', 'é'))
const duration = fc.integer({ min: 1, max: 100_000 }).map((ms) => `${ms}ms` as const)
const port = fc.integer({ min: 1, max: 65_535 })
const path = fc.stringMatching(/^(?:\/[a-z]{1,6}){1,3}$/)
const amount = fc.oneof(
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 100 }).map((share) => `${share}%` as const),
)

const envValue = fc.oneof(
  awkward,
  some({ secret: label, key: maybe(fc.constantFrom('user', 'tls.key')) }),
  some({ config: label }),
  fc.constantFrom(
    { field: 'app.id' },
    { field: 'app.name' },
    { field: 'instance.name' },
    { field: 'instance.ip' },
    { field: 'node.name' },
  ),
)
const mode = maybe(fc.constantFrom('0400', '644', '0777'))
const file = fc.oneof(
  some({ content: text, mode }),
  some({ secret: label, key: maybe(fc.constant('tls.key')), mode }),
  some({ config: label, mode }),
)

const timing = {
  interval: maybe(duration),
  timeout: maybe(duration),
  failureThreshold: maybe(fc.integer({ min: 1, max: 9 })),
  successThreshold: maybe(fc.integer({ min: 1, max: 3 })),
  initialDelay: maybe(duration),
  startPeriod: maybe(duration),
}
const probe = fc.oneof(
  some({
    type: fc.constantFrom('http', 'https'),
    path: maybe(fc.constantFrom('/', '/health?x=1&y', "/it's")),
    port: maybe(port),
    host: maybe(fc.constant('shop.example')),
    headers: maybe(fc.constant({ 'X-Probe': "it's us" })),
    ...timing,
  }),
  some({ type: fc.constant('tcp'), port, ...timing }),
  some({ type: fc.constant('grpc'), port, service: maybe(label), ...timing }),
  some({
    type: fc.constant('exec'),
    command: fc.oneof(
      fc.array(awkward, { minLength: 1, maxLength: 4 }),
      fc.constant(['/bin/sh', '-c', 'exit 0']),
    ),
    ...timing,
  }),
)

const volume = fc.oneof(
  some({
    type: fc.constantFrom('empty', 'tmpfs'),
    size: maybe(fc.integer({ min: 1, max: 2 ** 40 })),
  }),
  some({ type: fc.constant('host'), path }),
  some({
    type: fc.constant('named'),
    name: maybe(fc.constantFrom('shared', 'With_{{Braces', 'a.b')),
    driver: maybe(fc.constantFrom('local', 'nfs')),
    options: maybe(fc.constant({ device: ':/export' })),
  }),
  some({
    type: fc.constant('claim'),
    size: fc.integer({ min: 1, max: 2 ** 40 }),
    storageClass: maybe(label),
    access: maybe(fc.constantFrom('one', 'many', 'readMany')),
  }),
  some({ type: fc.constant('config'), config: label }),
  some({ type: fc.constant('secret'), secret: label }),
)

const rule = fc.oneof(
  some({
    attribute: fc.constantFrom(
      'zone',
      'node.name',
      'node.role',
      'node.labels.zone',
      'pool',
      'größe',
    ),
    op: fc.constantFrom('in', 'notIn', 'matches', 'notMatches'),
    values: fc.array(fc.constantFrom('a', 'b', 'c d', 'ü'), { minLength: 1, maxLength: 2 }),
  }),
  some({ attribute: fc.constant('zone'), op: fc.constantFrom('exists', 'absent') }),
)

const amounts = some({
  cpu: maybe(fc.integer({ min: 1, max: 64_000 }).map((milli) => `${milli}m` as const)),
  memory: maybe(fc.integer({ min: 1, max: 2 ** 40 })),
  disk: maybe(fc.integer({ min: 1, max: 2 ** 40 })),
})

const command = fc.oneof(
  some({
    entrypoint: maybe(fc.array(awkward, { minLength: 1, maxLength: 3 })),
    args: maybe(fc.array(awkward, { maxLength: 3 })),
  }),
  some({ shell: fc.string({ minLength: 1, maxLength: 10 }) }),
  fc.constant({ entrypoint: ['/bin/sh', '-c', 'true'] }),
)

function keyed<T>(
  key: fc.Arbitrary<string>,
  value: fc.Arbitrary<T>,
): fc.Arbitrary<Record<string, T>> {
  return fc.dictionary(key, value, { maxKeys: 3, noNullPrototype: true })
}

/** Apps with every field, in combinations people would not think of. */
export const appInput: fc.Arbitrary<AppInput> = fc
  .tuple(
    some({
      id: appId,
      kind: maybe(fc.constantFrom('service', 'stateful', 'daemon', 'job')),
      image: fc.constantFrom('app:1', 'registry.example/shop/web:1.4@sha256:abc'),
      replicas: maybe(fc.integer({ min: 0, max: 20 })),
      pullPolicy: maybe(fc.constantFrom('always', 'ifNotPresent', 'never')),
      registryAuth: maybe(fc.constant({ secret: 'registry' })),
      tty: maybe(fc.boolean()),
      workingDir: maybe(path),
      env: maybe(keyed(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,6}$/), envValue)),
      files: maybe(
        keyed(
          path.map((at) => `/files${at}`),
          file,
        ),
      ),
      resources: maybe(
        some({ requests: maybe(amounts), gpus: maybe(fc.integer({ min: 0, max: 4 })) }),
      ),
      security: maybe(
        some({
          user: maybe(
            fc.oneof(fc.integer({ min: 0, max: 65_534 }), fc.constantFrom('www', '1000')),
          ),
          group: maybe(fc.oneof(fc.integer({ min: 0, max: 65_534 }), fc.constant('www'))),
          privileged: maybe(fc.constant(false)),
          capabilities: maybe(
            some({
              add: maybe(fc.constantFrom(['NET_ADMIN', 'CAP_SYS_TIME'], [])),
              drop: maybe(fc.constant(['ALL'])),
            }),
          ),
          readOnlyRootFilesystem: maybe(fc.boolean()),
          noNewPrivileges: maybe(fc.boolean()),
        }),
      ),
      ports: maybe(
        fc.uniqueArray(
          some({
            name: label,
            containerPort: port,
            hostPort: maybe(fc.oneof(port, fc.constant('dynamic' as const))),
            servicePort: maybe(port),
            protocol: maybe(fc.constantFrom('tcp', 'udp', 'sctp')),
            exposure: maybe(fc.constantFrom('internal', 'node', 'cluster', 'public')),
          }),
          { maxLength: 3, selector: (value) => (value as { name: string }).name },
        ),
      ),
      network: maybe(
        some({
          mode: maybe(fc.constantFrom('host', 'bridge', 'container')),
          names: maybe(fc.array(label, { maxLength: 2 })),
          aliases: maybe(fc.array(label, { maxLength: 2 })),
        }),
      ),
      probes: maybe(
        some({ liveness: maybe(probe), readiness: maybe(probe), startup: maybe(probe) }),
      ),
      placement: maybe(
        some({
          require: maybe(fc.array(rule, { maxLength: 2 })),
          prefer: maybe(fc.array(rule, { maxLength: 1 })),
          spread: maybe(
            fc.array(
              some({ by: fc.constantFrom('zone', 'node.name'), maxSkew: maybe(fc.constant(2)) }),
              {
                maxLength: 2,
              },
            ),
          ),
          maxPerNode: maybe(fc.integer({ min: 1, max: 3 })),
          pool: maybe(fc.constantFrom('manager', 'web')),
          tolerations: maybe(fc.constant([{ key: 'spot' }])),
        }),
      ),
      update: maybe(
        some({
          strategy: maybe(fc.constant('rolling')),
          maxUnavailable: maybe(amount),
          maxSurge: maybe(amount),
          batchSize: maybe(fc.integer({ min: 1, max: 3 })),
          batchDelay: maybe(duration),
          minReadyTime: maybe(duration),
          progressDeadline: maybe(duration),
          maxFailureRatio: maybe(fc.constantFrom(0, 0.25, 1)),
          onFailure: maybe(fc.constantFrom('pause', 'rollback', 'continue')),
        }),
      ),
      restart: maybe(
        some({
          condition: maybe(fc.constantFrom('onFailure', 'never')),
          delay: maybe(fc.oneof(duration, fc.constant('0s'))),
          factor: maybe(fc.constantFrom(1, 2)),
          maxDelay: maybe(duration),
          maxAttempts: maybe(fc.integer({ min: 0, max: 3 })),
          window: maybe(fc.oneof(duration, fc.constant('0s'))),
        }),
      ),
      stop: maybe(
        some({
          signal: maybe(fc.constantFrom('SIGTERM', 'SIGRTMIN+3')),
          gracePeriod: maybe(fc.oneof(duration, fc.constantFrom('0s', '10s'))),
          preStop: maybe(fc.constant(['bye'])),
          drainDelay: maybe(duration),
        }),
      ),
      dependsOn: maybe(keyed(label, fc.constantFrom('started', 'healthy'))),
      labels: maybe(
        keyed(fc.constantFrom('tier', 'team', 'a/b'), fc.constantFrom('', 'front', '1.2')),
      ),
      annotations: maybe(
        keyed(fc.constantFrom('tier', 'note', 'a b', 'intermodal.x', 'look-alike'), awkward),
      ),
      autoscale: maybe(
        fc.constant({ min: 1, max: 3, metrics: [{ type: 'cpu', utilization: 60 }] }),
      ),
      disruption: maybe(fc.constant({ minAvailable: 1 })),
      onUnreachable: maybe(fc.constant({ replaceAfter: '1m' })),
      native: maybe(
        fc.constantFrom(
          {
            swarm: {
              TaskTemplate: { ContainerSpec: { Hosts: ['10.0.0.1 db'], Env: ['EXTRA=1'] } },
            },
          },
          { swarm: { EndpointSpec: { Mode: 'vip' }, TaskTemplate: { Resources: null } } },
          { kubernetes: { spec: null } },
        ),
      ),
    }),
    command,
    keyed(label, volume),
  )
  .map(([fields, own, volumes]) => {
    const mounted = Object.entries(volumes).map(([name, value], index) => [
      name,
      { ...value, mountPath: `/volumes/${index}` },
    ])
    return { ...fields, ...own, volumes: Object.fromEntries(mounted) } as unknown as AppInput
  })

/** Those the schema accepts: fields that exclude each other are thinned out first. */
export const app: fc.Arbitrary<App> = appInput
  .map((input) => safeDefine(thin(input)))
  .filter((result) => 'app' in result)
  .map((result) => ('app' in result ? result.app : (undefined as never)))

function thin(input: AppInput): AppInput {
  const { replicas, autoscale, ports, restart, ...rest } = input
  const counted = rest.kind === undefined || rest.kind === 'service' || rest.kind === 'stateful'
  const plainPorts = ports?.map(({ exposure, ...port }) =>
    exposure === 'internal' && port.hostPort !== undefined ? port : { ...port, exposure },
  )
  return {
    ...rest,
    ...(restart ? { restart } : {}),
    ...(plainPorts ? { ports: JSON.parse(JSON.stringify(plainPorts)) } : {}),
    ...(counted && autoscale ? { autoscale } : {}),
    ...(counted && !autoscale && replicas !== undefined ? { replicas } : {}),
  }
}
