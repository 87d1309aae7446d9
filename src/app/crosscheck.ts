import { Cron } from 'croner'
import { resolveId } from './id.ts'
import type { Probe } from './probes.ts'
import type { AppShape } from './schema.ts'

export interface Problem {
  readonly path: (string | number)[]
  readonly message: string
}

/** Rules that no single field can check: what contradicts, and what refers to nothing. */
export function* crossCheck(app: AppShape): Generator<Problem> {
  yield* shellChecks(app)
  yield* portChecks(app)
  yield* probeChecks(app)
  yield* volumeChecks(app)
  yield* kindChecks(app)
  yield* resourceChecks(app)
  yield* updateChecks(app)
  yield* scheduleChecks(app)
  yield* dependencyChecks(app)
}

function* updateChecks(app: AppShape): Generator<Problem> {
  const { strategy, maxUnavailable, maxSurge } = app.update
  if (strategy === 'recreate') {
    if (maxSurge !== undefined && !isZero(maxSurge)) {
      yield { path: ['update', 'maxSurge'], message: 'has no meaning with strategy "recreate"' }
    }
    return
  }
  const stuck = 'no instance could ever be replaced'
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    yield { path: ['update', 'maxSurge'], message: `is 0 while maxUnavailable is 0: ${stuck}` }
  }
  if (isZero(maxUnavailable) && maxSurge === undefined) {
    const fixed = app.ports.some((port) => typeof port.hostPort === 'number')
    if (app.kind === 'stateful' || app.kind === 'daemon' || (app.kind === 'service' && fixed)) {
      const why = app.kind === 'service' ? 'with a fixed hostPort' : `for kind "${app.kind}"`
      yield {
        path: ['update', 'maxUnavailable'],
        message: `is 0, and maxSurge is 0 by default ${why}: ${stuck}`,
      }
    }
  }
}

export function isZero(amount: number | string | undefined): boolean {
  return amount === 0 || (typeof amount === 'string' && Number.parseInt(amount, 10) === 0)
}

function* scheduleChecks({ schedule }: AppShape): Generator<Problem> {
  if (!schedule) return
  const { cron, timeZone } = schedule
  const problem = cronProblem(cron)
  if (problem) yield { path: ['schedule', 'cron'], message: problem }
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    yield {
      path: ['schedule', 'timeZone'],
      message: `needs a time zone as the IANA names it, such as "Europe/Paris" (got ${JSON.stringify(timeZone)})`,
    }
  }
}

function cronProblem(cron: string): string | undefined {
  const got = `(got ${JSON.stringify(cron.slice(0, 60))})`
  // Nicknames such as @daily and seconds are what some engines take and others do not.
  if (cron.trim().split(/\s+/).length !== 5) {
    return `needs five fields, minute hour day month weekday, such as "*/15 * * * *" ${got}`
  }
  try {
    new Cron(cron, { paused: true, mode: '5-part' })
    return undefined
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^Cron\w*: /, '') : String(error)
    return `is no schedule ${got}: ${why}`
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function* dependencyChecks(app: AppShape): Generator<Problem> {
  for (const key of Object.keys(app.dependsOn)) {
    if (resolveId(key, app.id) === app.id) {
      yield { path: ['dependsOn', key], message: 'is the app itself' }
    }
  }
}

function* shellChecks(app: AppShape): Generator<Problem> {
  const containers: [
    path: (string | number)[],
    container: Pick<AppShape, 'shell' | 'entrypoint' | 'args'>,
  ][] = [
    [[], app],
    ...Object.entries(app.sidecars).map(
      ([name, sidecar]) => [['sidecars', name], sidecar] as [(string | number)[], typeof sidecar],
    ),
    ...app.init.map((init, index) => [['init', index], init] as [(string | number)[], typeof init]),
  ]
  for (const [path, { shell, entrypoint, args }] of containers) {
    if (shell !== undefined && (entrypoint !== undefined || args !== undefined)) {
      yield {
        path: [...path, 'shell'],
        message: 'excludes entrypoint and args: give one or the other',
      }
    }
  }
}

function* portChecks(app: AppShape): Generator<Problem> {
  const seen = {
    name: new Map<string, number>(),
    container: new Map<string, number>(),
    host: new Map<string, number>(),
  }
  for (const [index, port] of app.ports.entries()) {
    const claims = [
      ['name', seen.name, port.name],
      ['containerPort', seen.container, `${port.containerPort}/${port.protocol}`],
      ...(typeof port.hostPort === 'number'
        ? [['hostPort', seen.host, `${port.hostPort}/${port.protocol}`] as const]
        : []),
    ] as const
    for (const [field, taken, value] of claims) {
      const first = taken.get(value)
      if (first !== undefined) {
        yield {
          path: ['ports', index, field],
          message: `is ${value}, which ports/${first} already has`,
        }
      }
      taken.set(value, first ?? index)
    }
    if ((port.host ?? port.path) !== undefined && port.exposure !== 'public') {
      yield {
        path: ['ports', index, port.host === undefined ? 'path' : 'host'],
        message: 'needs exposure "public"',
      }
    }
    if (port.exposure === 'internal' && port.hostPort !== undefined) {
      yield { path: ['ports', index, 'exposure'], message: 'is "internal" but hostPort is given' }
    }
  }
}

function* probeChecks(app: AppShape): Generator<Problem> {
  for (const [name, probe] of Object.entries(app.probes) as [string, Probe | undefined][]) {
    if (!probe || probe.type === 'exec') continue
    const path = ['probes', name, 'port']
    if (probe.port === undefined && app.ports.length === 0) {
      yield { path, message: 'is needed: the app has no ports to take the first of' }
    }
    if (typeof probe.port === 'string' && !app.ports.some((port) => port.name === probe.port)) {
      const names = app.ports.map((port) => port.name).join(', ') || 'none'
      yield { path, message: `names no port of the app (it has: ${names})` }
    }
  }
}

function* volumeChecks(app: AppShape): Generator<Problem> {
  const mounted = new Map<string, string>()
  for (const [name, volume] of Object.entries(app.volumes)) {
    const other = mounted.get(volume.mountPath)
    if (other !== undefined) {
      yield {
        path: ['volumes', name, 'mountPath'],
        message: `is ${volume.mountPath}, which volume "${other}" already has`,
      }
    }
    mounted.set(volume.mountPath, name)
  }
  for (const path of Object.keys(app.files)) {
    const volume = mounted.get(path)
    if (volume !== undefined) {
      yield { path: ['files', path], message: `is where volume "${volume}" is mounted` }
    }
  }
  for (const [name, sidecar] of Object.entries(app.sidecars)) {
    yield* mountChecks(app, ['sidecars', name], sidecar.mounts)
  }
  for (const [index, init] of app.init.entries())
    yield* mountChecks(app, ['init', index], init.mounts)
}

function* mountChecks(
  app: AppShape,
  path: (string | number)[],
  mounts: Readonly<Record<string, unknown>>,
): Generator<Problem> {
  for (const name of Object.keys(mounts)) {
    if (Object.hasOwn(app.volumes, name)) continue
    const known = Object.keys(app.volumes).join(', ') || 'none'
    yield {
      path: [...path, 'mounts', name],
      message: `names no volume of the app (it has: ${known})`,
    }
  }
}

function* kindChecks(app: AppShape): Generator<Problem> {
  const finite = app.kind === 'job' || app.kind === 'cron'
  if (app.kind === 'cron' && !app.schedule) {
    yield { path: ['schedule'], message: 'is needed for kind "cron": { cron: "0 3 * * *" }' }
  }
  if (app.kind !== 'cron' && app.schedule) {
    yield { path: ['schedule'], message: `needs kind "cron", not "${app.kind}"` }
  }
  if (!finite && app.job)
    yield { path: ['job'], message: `needs kind "job" or "cron", not "${app.kind}"` }
  if ((finite || app.kind === 'daemon') && app.replicas !== undefined) {
    const instead =
      app.kind === 'daemon' ? 'a daemon runs once on every node' : 'use job.completions'
    yield { path: ['replicas'], message: `has no meaning for kind "${app.kind}": ${instead}` }
  }
  if (finite && app.restart.condition === 'always') {
    yield { path: ['restart', 'condition'], message: `cannot be "always" for kind "${app.kind}"` }
  }
  if (app.autoscale && app.kind !== 'service' && app.kind !== 'stateful') {
    yield { path: ['autoscale'], message: `has no meaning for kind "${app.kind}"` }
  }
  if (app.autoscale && app.replicas !== undefined) {
    yield { path: ['replicas'], message: 'contradicts autoscale: leave one of them out' }
  }
  if (app.job && app.job.parallelism > app.job.completions) {
    yield {
      path: ['job', 'parallelism'],
      message: `is more than completions (${app.job.completions})`,
    }
  }
}

function* resourceChecks(app: AppShape): Generator<Problem> {
  const { requests, limits } = app.resources
  if (!requests || !limits) return
  for (const key of ['cpu', 'memory', 'disk'] as const) {
    const [request, limit] = [requests[key], limits[key]]
    if (request !== undefined && limit !== undefined && request > limit) {
      yield {
        path: ['resources', 'requests', key],
        message: `is more than resources/limits/${key}`,
      }
    }
  }
}
