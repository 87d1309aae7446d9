import { groupOf, nameOf, resolveId } from './id.ts'
import { isWithin, type Path } from './pointer.ts'
import { formatCpu, formatDuration, formatMemory } from './quantity.ts'
import { type App, type AppId, type AppInput, updatePolicy } from './schema.ts'

/**
 * An app as a person writes it: `"512Mi"`, `"30s"`, relative names in `dependsOn`, and nothing that is a default
 * anyway. `defineApp` makes the same app of it again.
 */
export function printApp(app: App): AppInput {
  const { update, restart, ports, dependsOn, ...rest } = app
  const printed = omitDefaults(
    {
      ...rest,
      ports: ports.map(printExposure),
      update: shortUpdate(app),
      restart: restart.condition === defaultCondition(app) ? omit(restart, 'condition') : restart,
      dependsOn: Object.fromEntries(
        Object.entries(dependsOn).map(([id, value]) => [relative(id as AppId, app.id), value]),
      ),
    },
    [],
  )
  const entries = Object.entries(printed as object).sort(([a], [b]) => rank(a) - rank(b))
  return Object.fromEntries(entries) as AppInput
}

/** One value of an app as a person writes it, given its place: `536870912` at `/resources/limits/memory` is `"512Mi"`. */
export function printValue(value: unknown, path: Path): unknown {
  return typeof value === 'object' && value !== null
    ? omitDefaults(value, path)
    : printLeaf(value, path)
}

type Format = (value: number) => string | number

/** Where quantities are kept as plain numbers. */
const QUANTITIES: readonly (readonly [format: Format, pattern: Path])[] = [
  ...['interval', 'timeout', 'initialDelay', 'startPeriod'].map(
    (key) => [formatDuration, ['probes', '*', key]] as const,
  ),
  ...['batchDelay', 'minReadyTime', 'progressDeadline'].map(
    (key) => [formatDuration, ['update', key]] as const,
  ),
  ...['delay', 'maxDelay', 'window'].map((key) => [formatDuration, ['restart', key]] as const),
  ...['gracePeriod', 'drainDelay'].map((key) => [formatDuration, ['stop', key]] as const),
  ...['replaceAfter', 'expungeAfter'].map(
    (key) => [formatDuration, ['onUnreachable', key]] as const,
  ),
  [formatDuration, ['job', 'deadline']],
  [formatDuration, ['schedule', 'startDeadline']],
  [formatDuration, ['placement', 'tolerations', '*', 'duration']],
  [formatMemory, ['volumes', '*', 'size']],
  ...[[], ['sidecars', '*'], ['init', '*']].flatMap(
    (container) =>
      [
        [formatCpu, [...container, 'resources', '*', 'cpu']],
        [formatMemory, [...container, 'resources', '*', 'memory']],
        [formatMemory, [...container, 'resources', '*', 'disk']],
      ] as const,
  ),
]

/** What the schema fills in; `{}` and `[]` are compared after what they hold has been printed. */
const DEFAULTS: readonly (readonly [value: unknown, pattern: Path])[] = [
  ['service', ['kind']],
  ...['env', 'files', 'resources', 'probes', 'volumes', 'placement', 'update', 'restart'].map(
    (key) => ['{}', [key]] as const,
  ),
  ...['stop', 'dependsOn', 'sidecars', 'job', 'labels', 'annotations'].map(
    (key) => ['{}', [key]] as const,
  ),
  ...['ports', 'init'].map((key) => ['[]', [key]] as const),
  ...['sidecars', 'init'].flatMap((list) =>
    ['env', 'files', 'resources', 'mounts'].map((key) => ['{}', [list, '*', key]] as const),
  ),
  ['tcp', ['ports', '*', 'protocol']],
  ['/', ['probes', '*', 'path']],
  [10_000, ['probes', '*', 'interval']],
  [5_000, ['probes', '*', 'timeout']],
  [3, ['probes', '*', 'failureThreshold']],
  [1, ['probes', '*', 'successThreshold']],
  [0, ['probes', '*', 'initialDelay']],
  [0, ['probes', '*', 'startPeriod']],
  ['[]', ['placement', 'spread']],
  ...['require', 'prefer'].flatMap(
    (list) =>
      [
        ['[]', ['placement', list]],
        ['in', ['placement', list, '*', 'op']],
        ['[]', ['placement', list, '*', 'values']],
      ] as const,
  ),
  [1, ['job', 'completions']],
  [1, ['job', 'parallelism']],
  ['allow', ['schedule', 'concurrency']],
]

// A rule is looked for at every place of an app, so the few that end in its key are found by that.
const QUANTITIES_BY_KEY = Map.groupBy(QUANTITIES, ([, pattern]) => pattern.at(-1))
const DEFAULTS_BY_KEY = Map.groupBy(DEFAULTS, ([, pattern]) => pattern.at(-1))

function omitDefaults(value: unknown, path: Path): unknown {
  if (Array.isArray(value)) {
    return value.map((inner, index) => omitDefaults(inner, [...path, String(index)]))
  }
  if (typeof value !== 'object' || value === null) return printLeaf(value, path)
  if (path[0] === 'native') return value
  const kept: [key: string, value: unknown][] = []
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue
    const place = [...path, key]
    const printed = omitDefaults(inner, place)
    if (!isDefault(inner, printed, place)) kept.push([key, printed])
  }
  return Object.fromEntries(kept)
}

function printLeaf(value: unknown, path: Path): unknown {
  if (typeof value !== 'number') return value
  const quantity = QUANTITIES_BY_KEY.get(path.at(-1))?.find(([, pattern]) =>
    isExactly(path, pattern),
  )
  return quantity ? quantity[0](value) : value
}

function isDefault(value: unknown, printed: unknown, path: Path): boolean {
  const entry = DEFAULTS_BY_KEY.get(path.at(-1))?.find(([, pattern]) => isExactly(path, pattern))
  if (!entry) return false
  if (typeof value !== 'object' || value === null) return value === entry[0]
  return JSON.stringify(printed) === entry[0]
}

function isExactly(path: Path, pattern: Path): boolean {
  return path.length === pattern.length && isWithin(path, pattern)
}

function printExposure(port: App['ports'][number]): object {
  const standard = port.hostPort === undefined ? 'internal' : 'node'
  return port.exposure === standard ? omit(port, 'exposure') : port
}

/** The two budgets default by each other, so both, then one, are tried without. */
function shortUpdate(app: App): object {
  const { update } = app
  const fixed = { ...update, maxUnavailable: undefined, maxSurge: undefined }
  const candidates = [
    fixed,
    { ...fixed, maxUnavailable: update.maxUnavailable },
    { ...fixed, maxSurge: update.maxSurge },
    update,
  ]
  const short = candidates.find((candidate) => {
    const filled = updatePolicy({ kind: app.kind, ports: [...app.ports], update: candidate })
    return filled.maxUnavailable === update.maxUnavailable && filled.maxSurge === update.maxSurge
  })
  const standard = updatePolicy({ kind: app.kind, ports: [...app.ports], update: {} })
  return Object.fromEntries(
    Object.entries(short ?? update).filter(
      ([key, value]) =>
        key === 'maxUnavailable' ||
        key === 'maxSurge' ||
        value !== standard[key as keyof typeof standard],
    ),
  )
}

function defaultCondition(app: App): string {
  return app.kind === 'job' || app.kind === 'cron' ? 'onFailure' : 'always'
}

function relative(id: AppId, from: AppId): string {
  const name = nameOf(id)
  return name !== '' && groupOf(id) === groupOf(from) && resolveId(name, from) === id ? name : id
}

function omit<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = value
  return rest
}

/** The order people write them in; anything newer goes last. */
const ORDER: readonly string[] = [
  'id',
  'kind',
  'image',
  'pullPolicy',
  'registryAuth',
  'replicas',
  'autoscale',
  'schedule',
  'job',
  'entrypoint',
  'args',
  'shell',
  'workingDir',
  'tty',
  'env',
  'files',
  'resources',
  'ports',
  'network',
  'probes',
  'volumes',
  'init',
  'sidecars',
  'security',
  'placement',
  'dependsOn',
  'update',
  'restart',
  'stop',
  'disruption',
  'onUnreachable',
  'labels',
  'annotations',
  'native',
]

function rank(key: string): number {
  const index = ORDER.indexOf(key)
  return index < 0 ? ORDER.length : index
}
