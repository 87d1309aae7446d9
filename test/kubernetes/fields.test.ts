import { type App, type Loss, safeDefine } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { MEMO, REVISION } from '../../adapters/kubernetes/marks.ts'
import type { KubernetesNative } from '../../adapters/kubernetes/native.ts'
import { translate } from '../../adapters/kubernetes/translate.ts'
import { type Json, SAMPLES as SHARED } from '../swarm/samples.ts'

const log = { image: 'log:1' }
const night = { kind: 'cron', schedule: { cron: '0 3 * * *' } }
const cpu = { min: 1, max: 3, metrics: [{ type: 'cpu', utilization: 60 }] }
const DATA = { v: { type: 'empty', mountPath: '/data' } }
const custom = { type: 'custom', name: 'queue', average: 10 }

/** Apps with one field set to something that is not its default, those only Kubernetes takes among them. */
const SAMPLES: Readonly<Record<string, Json>> = {
  ...Object.fromEntries(
    Object.entries(SHARED).filter(([pointer]) => !pointer.startsWith('/native')),
  ),
  '/ports/0/name': { ports: [{ name: 'web', containerPort: 80 }] },
  '/update/progressDeadline': { update: { progressDeadline: '1m' } },
  ...container('/sidecars/log', (value) => ({
    volumes: DATA,
    sidecars: { log: { ...log, ...value } },
  })),
  ...container('/init/0', (value) => ({
    volumes: DATA,
    init: [{ name: 'first', ...log, ...value }],
  })),
  '/init/0/name': { init: [{ name: 'second', ...log }] },
  '/schedule/cron': { ...night, schedule: { cron: '5 4 * * *' } },
  '/schedule/timeZone': { ...night, schedule: { cron: '0 3 * * *', timeZone: 'Europe/Paris' } },
  '/schedule/concurrency': { ...night, schedule: { cron: '0 3 * * *', concurrency: 'forbid' } },
  '/schedule/startDeadline': { ...night, schedule: { cron: '0 3 * * *', startDeadline: '1m' } },
  '/schedule/keep/succeeded': { ...night, schedule: { cron: '0 3 * * *', keep: { succeeded: 1 } } },
  '/schedule/keep/failed': { ...night, schedule: { cron: '0 3 * * *', keep: { failed: 3 } } },
  '/autoscale/min': { autoscale: { ...cpu, min: 2 } },
  '/autoscale/max': { autoscale: { ...cpu, max: 9 } },
  '/autoscale/metrics/0/utilization': { autoscale: cpu },
  '/autoscale/metrics/0/name': { autoscale: { ...cpu, metrics: [custom] } },
  '/autoscale/metrics/0/average': { autoscale: { ...cpu, metrics: [custom] } },
  '/placement/tolerations/0/key': tolerated({ key: 'spot' }),
  '/placement/tolerations/0/value': tolerated({ key: 'spot', value: 'yes' }),
  '/placement/tolerations/0/effect': tolerated({ key: 'spot', effect: 'NoSchedule' }),
  '/placement/tolerations/0/duration': tolerated({ key: 'a', effect: 'NoExecute', duration: '1m' }),
  '/native/kubernetes': {
    native: { kubernetes: { pod: { spec: { priorityClassName: 'high' } } } },
  },
  '/native/kubernetes/nonsense': { native: { kubernetes: { nonsense: true } } },
}

function container(at: string, wrap: (value: Json) => Json): Record<string, Json> {
  const values: Readonly<Record<string, Json>> = {
    image: { image: 'other:2' },
    pullPolicy: { pullPolicy: 'never' },
    entrypoint: { entrypoint: ['run'] },
    args: { args: ['--fast'] },
    shell: { shell: 'run' },
    workingDir: { workingDir: '/srv' },
    env: { env: { A: '1' } },
    files: { files: { '/a': { content: 'x' } } },
    resources: { resources: { requests: { cpu: 1 } } },
    security: { security: { user: 1000 } },
    mounts: { mounts: { v: { mountPath: '/v', readOnly: true } } },
  }
  return Object.fromEntries(
    Object.entries(values).map(([field, value]) => [`${at}/${field}`, wrap(value)]),
  )
}

function tolerated(toleration: Json): Json {
  return { placement: { tolerations: [toleration] } }
}

/** What Kubernetes does not have to do anything for, and who does. */
const CORES: Readonly<Record<string, string>> = {
  '/update/onFailure': 'core goes back with `rollback` when an update has failed',
}

function define(input: object): App | undefined {
  const result = safeDefine({ id: '/shop/web', image: 'web:1', ...input })
  return 'app' in result ? result.app : undefined
}

/** The same app without the field, or without as much around it as has to go too. */
function without(sample: Json, pointer: string): App {
  for (let parts = pointer.slice(1).split('/'); parts.length > 0; parts = parts.slice(0, -1)) {
    const app = define(removed(sample, parts) as object)
    if (app) return app
  }
  return define({}) as App
}

function removed(value: unknown, [part = '', ...rest]: readonly string[]): unknown {
  const key = part.replaceAll('~1', '/')
  if (Array.isArray(value)) {
    return rest.length === 0
      ? value.filter((_, index) => String(index) !== key)
      : value.map((entry, index) => (String(index) === key ? removed(entry, rest) : entry))
  }
  const { [key]: inner, ...others } = value as Json
  return rest.length === 0 ? others : { ...others, [key]: removed(inner, rest) }
}

/** Without what remembers the app rather than carrying it. */
function carried(native: KubernetesNative): string {
  return JSON.stringify(native, (key, value: unknown) =>
    key === MEMO || key === REVISION ? undefined : value,
  )
}

function names(loss: Loss, pointer: string): boolean {
  return (
    loss.path === pointer ||
    pointer.startsWith(`${loss.path}/`) ||
    loss.path.startsWith(`${pointer}/`)
  )
}

describe('every field of the model', () => {
  const rows = Object.entries(SAMPLES).filter(([pointer]) => !(pointer in CORES))

  it.each(rows)('%s is carried, or named by a loss', (pointer, sample) => {
    const app = define(sample)
    if (!app) throw new Error(`the sample for ${pointer} is no valid app`)
    const [plain, set] = [translate(without(sample, pointer)), translate(app)]
    const changed = carried(plain.native) !== carried(set.native)
    expect(changed || set.losses.some((loss) => names(loss, pointer))).toBe(true)
  })

  it('names losses by what was written, and says what to do about what is gone', () => {
    for (const sample of Object.values(SAMPLES)) {
      for (const { kind, detail, remedy, path } of translate(define(sample) as App).losses) {
        expect(detail).not.toBe('')
        expect(path).toMatch(/^\/[a-zA-Z]/)
        if (kind !== 'approximated') expect(remedy, path).toBeTypeOf('string')
      }
    }
  })
})
