import fc from 'fast-check'
import { type App, type AppInput, safeDefine } from 'intermodal'
import { appInput } from '../swarm/arbitrary.ts'

function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 2 })
}

const mode = fc.constantFrom({}, { mode: '0400' })
const further = fc
  .record({
    shell: maybe(fc.constantFrom('echo $(HOME) $$', 'exit 0')),
    env: maybe(fc.constantFrom({ A: 'x$(B)' }, { T: { secret: 'db', key: 'user' } })),
    files: maybe(mode.map((bits) => ({ '/etc/side': { content: 'x', ...bits } }))),
    mounted: fc.boolean(),
  })
  .map(({ mounted, ...rest }) => ({ image: 'side:1', ...defined(rest), mounted }))

const extra = fc.record({
  sidecars: maybe(
    fc.dictionary(fc.constantFrom('log', 'web', '2', '1'), further, {
      maxKeys: 2,
      noNullPrototype: true,
    }),
  ),
  init: maybe(fc.array(further, { maxLength: 2 })),
  kind: maybe(fc.constantFrom('job', 'cron', 'stateful')),
  job: maybe(
    fc.constantFrom({ completions: 3, parallelism: 2 }, { deadline: '90s' }, { completions: 1 }),
  ),
  schedule: fc.constantFrom(
    { cron: '*/5 * * * *' },
    {
      cron: '0 3 * * *',
      timeZone: 'Europe/Paris',
      concurrency: 'forbid',
      startDeadline: '1500ms',
      keep: { failed: 0 },
    },
  ),
  rules: maybe(
    fc.constantFrom(
      [{ attribute: 'cores', op: 'gt', values: ['2.5'] }],
      [
        { attribute: 'cores', op: 'lt', values: ['8'] },
        { attribute: 'arch', values: ['arm64'] },
      ],
    ),
  ),
  disruption: maybe(fc.constantFrom({ minAvailable: 1 }, { maxUnavailable: '50%' })),
  native: maybe(
    fc.constantFrom(
      { kubernetes: { pod: { spec: { priorityClassName: 'high' } } } },
      {
        kubernetes: {
          objects: [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'shop' } }],
        },
      },
      {
        kubernetes: {
          selector: { app: 'web' },
          container: 'main',
          pod: {
            spec: { containers: [{ name: 'main', envFrom: [{ configMapRef: { name: 'all' } }] }] },
          },
        },
      },
    ),
  ),
})

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T
}

/** Apps with every field, those Swarm has no place for among them. */
export const app: fc.Arbitrary<App> = fc
  .tuple(appInput, extra)
  .map(([input, more]) => safeDefine(combine(input, more)))
  .filter((result) => 'app' in result)
  .map((result) => ('app' in result ? result.app : (undefined as never)))

type Extra = typeof extra extends fc.Arbitrary<infer T> ? T : never

function combine(input: AppInput, more: Extra): AppInput {
  const { replicas, autoscale, restart, kind: given, placement, dependsOn, native, ...rest } = input
  const kind = more.kind ?? given
  const finite = kind === 'job' || kind === 'cron'
  const counted = !finite && kind !== 'daemon'
  const volumes = Object.keys(rest.volumes ?? {})
  const named = ({ mounted, ...container }: { mounted: boolean }) => ({
    ...container,
    ...(mounted && volumes[0] !== undefined
      ? { mounts: { [volumes[0]]: { mountPath: '/shared' } } }
      : {}),
  })
  const ports = rest.ports?.map(({ exposure, ...port }) =>
    exposure === 'internal' && port.hostPort !== undefined
      ? port
      : { ...port, ...defined({ exposure }) },
  )
  return {
    ...rest,
    ...defined({
      kind,
      ports,
      dependsOn,
      disruption: more.disruption,
      native: more.native ?? native,
      ...(counted && autoscale ? { autoscale } : counted ? { replicas } : {}),
      restart: finite || restart?.condition !== 'never' ? restart : undefined,
      job: finite ? more.job : undefined,
      schedule: kind === 'cron' ? more.schedule : undefined,
      placement: more.rules ? { ...placement, require: more.rules } : placement,
      sidecars:
        more.sidecars &&
        Object.fromEntries(Object.entries(more.sidecars).map(([name, one]) => [name, named(one)])),
      init: more.init?.map((one, index) => ({ name: `init-${index}`, ...named(one) })),
    }),
  } as unknown as AppInput
}
