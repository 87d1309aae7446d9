import fc from 'fast-check'
import { type App, type AppId, type AppInput, safeDefine } from 'intermodal'
import {
  amount,
  amounts,
  awkward,
  duration,
  envValue,
  file,
  label,
  maybe,
  path,
  port,
  probe,
  rule,
  some,
  volume,
} from './arbitrary-parts.ts'

export const appId = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: label },
      { weight: 1, arbitrary: fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{40,61}[a-z0-9])$/) },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => `/${parts.join('/')}` as AppId)

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
