import fc from 'fast-check'
import { type App, type AppInput, safeDefine } from 'intermodal'

const name = fc.constantFrom('web', 'api', 'db', 'cache', 'a', 'x-1')
const text = fc.string({ maxLength: 12 })
const memory = fc.integer({ min: 1, max: 2 ** 42 })
const cpu = fc.integer({ min: 1, max: 64_000 }).map((millicores) => `${millicores}m` as const)
const duration = fc.integer({ min: 0, max: 10_000_000 }).map((ms) => `${ms}ms` as const)
const amount = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: 0, max: 100 }).map((share) => `${share}%` as const),
)
const path = fc.constantFrom('/data', '/etc/app.conf', '/var/lib/x', '/tmp/y')
const some = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { requiredKeys: [] })

const env = fc.dictionary(
  fc.constantFrom('LOG_LEVEL', 'DB_PASSWORD', 'A'),
  fc.oneof(
    text,
    fc.record({ secret: name }),
    fc.record({ config: name, key: fc.constant('k') }),
    fc.record({ field: fc.constantFrom('app.id', 'node.name') }),
  ),
)
const files = fc.dictionary(
  fc.constantFrom('/etc/one', '/etc/two'),
  fc.oneof(fc.record({ content: text }), fc.record({ secret: name, mode: fc.constant('0400') })),
)
const amounts = some({ cpu, memory, disk: memory })
const resources = some({ requests: amounts, limits: amounts, gpus: fc.nat(2) })
const container = {
  image: fc.constantFrom('nginx:1.27', 'registry.example.com/shop/web:1.4'),
  args: fc.array(text, { maxLength: 2 }),
  env,
  files,
  resources,
}
const timing = {
  interval: fc.oneof(duration, fc.constant('10s')),
  timeout: duration,
  failureThreshold: fc.integer({ min: 1, max: 4 }),
  successThreshold: fc.integer({ min: 1, max: 4 }),
  initialDelay: duration,
  startPeriod: duration,
}
const probe = fc.oneof(
  fc.record(
    {
      type: fc.constantFrom('http', 'https'),
      path: fc.constantFrom('/', '/health'),
      port: fc.constant(8080),
      ...timing,
    },
    { requiredKeys: ['type', 'port'] },
  ),
  fc.record(
    { type: fc.constant('exec'), command: fc.constant(['true']), ...timing },
    { requiredKeys: ['type', 'command'] },
  ),
)
const volume = fc.oneof(
  fc.record(
    { type: fc.constantFrom('empty', 'tmpfs'), mountPath: path, size: memory },
    { requiredKeys: ['type', 'mountPath'] },
  ),
  fc.record({ type: fc.constant('claim'), mountPath: path, size: memory }),
  fc.record({ type: fc.constant('named'), mountPath: path, readOnly: fc.boolean() }),
)
const rule = fc.oneof(
  fc.record({ attribute: fc.constant('zone'), values: fc.constant(['eu-1']) }),
  fc.record({ attribute: fc.constant('disk'), op: fc.constantFrom('exists', 'absent') }),
)

/** Apps of every kind, with anything set that the schema lets be set together. */
export const arbitraryApp: fc.Arbitrary<App> = fc
  .record(
    {
      id: fc.tuple(name, name).map(([group, app]) => `/${group}/${app}`),
      kind: fc.constantFrom('service', 'stateful', 'daemon', 'job', 'cron'),
      replicas: fc.nat(5),
      ...container,
      ports: fc.uniqueArray(
        fc.record(
          {
            name,
            containerPort: fc.integer({ min: 1, max: 65535 }),
            hostPort: fc.oneof(fc.constant('dynamic'), fc.integer({ min: 1, max: 65535 })),
            protocol: fc.constantFrom('tcp', 'udp'),
            exposure: fc.constantFrom('internal', 'node', 'cluster', 'public'),
          },
          { requiredKeys: ['name', 'containerPort'] },
        ),
        { selector: (port) => port.name, maxLength: 2 },
      ),
      probes: some({ liveness: probe, readiness: probe, startup: probe }),
      volumes: fc.dictionary(name, volume, { maxKeys: 2 }),
      placement: some({
        require: fc.array(rule, { maxLength: 2 }),
        prefer: fc.array(rule, { maxLength: 1 }),
        spread: fc.array(fc.record({ by: fc.constant('zone') }), { maxLength: 1 }),
        maxPerNode: fc.integer({ min: 1, max: 3 }),
        tolerations: fc.array(some({ key: name, duration }), { maxLength: 1 }),
      }),
      update: some({
        strategy: fc.constantFrom('rolling', 'recreate'),
        maxUnavailable: amount,
        maxSurge: amount,
        batchDelay: duration,
        minReadyTime: duration,
        progressDeadline: fc.oneof(duration, fc.constant('10m')),
        onFailure: fc.constantFrom('pause', 'rollback', 'continue'),
      }),
      restart: some({
        condition: fc.constantFrom('always', 'onFailure', 'never'),
        delay: duration,
        maxAttempts: fc.nat(3),
      }),
      stop: some({ gracePeriod: duration, drainDelay: duration }),
      dependsOn: fc.dictionary(
        fc.constantFrom('db', '/shop/db', '/db', '/web/api'),
        fc.constantFrom('started', 'healthy'),
      ),
      sidecars: fc.dictionary(name, fc.record(container, { requiredKeys: ['image'] }), {
        maxKeys: 1,
      }),
      init: fc.array(fc.record({ name, ...container }, { requiredKeys: ['name', 'image'] }), {
        maxLength: 1,
      }),
      job: some({ completions: fc.integer({ min: 1, max: 3 }), deadline: duration }),
      schedule: fc.record({ cron: fc.constant('0 3 * * *') }),
      labels: fc.dictionary(name, name),
      annotations: fc.dictionary(name, text),
      native: some({ swarm: fc.dictionary(name, fc.jsonValue()) }),
    },
    { requiredKeys: ['id', 'image'] },
  )
  .map((input) => safeDefine(sensible(input)))
  .filter((result) => 'app' in result)
  .map((result) => result.app)

/** Leaves out what contradicts the kind, so that few candidates are thrown away. */
function sensible(input: Record<string, unknown>): Partial<AppInput> {
  const { kind, replicas, job, schedule, restart, ...rest } = input
  const finite = kind === 'job' || kind === 'cron'
  return {
    ...rest,
    ...(kind === undefined ? {} : { kind }),
    ...(replicas === undefined || finite || kind === 'daemon' ? {} : { replicas }),
    ...(finite && job !== undefined ? { job } : {}),
    ...(kind === 'cron' ? { schedule: schedule ?? { cron: '0 3 * * *' } } : {}),
    ...(finite || restart === undefined ? {} : { restart }),
  } as Partial<AppInput>
}
