import type { AppInput, Loss } from 'intermodal'
import { step } from '../../text/node.ts'

type Json = Readonly<Record<string, unknown>>

/** What to do about a field that a Compose file cannot say. */
const REMEDIES: Readonly<Record<string, string>> = {
  probes: 'write one exec probe, as liveness and as readiness',
  sidecars: 'make each an app of its own',
  init: 'make each a job that the app depends on: { migrate: completed }',
  autoscale: 'set replicas',
  schedule: 'let cron run it: docker compose run',
  dependsOn: 'let the program try again until the other one is there',
  disruption: 'leave it out',
  onUnreachable: 'leave it out',
  registryAuth: 'log in: docker login, and deploy with --with-registry-auth',
  native: 'leave it out',
}

/**
 * The differences between an app and what a Compose file says of it, as losses. Names of ports and volumes mean nothing
 * to Compose, so they are no loss.
 */
export function lossesOf(wanted: AppInput, found: AppInput): Loss[] {
  const losses: Loss[] = []
  for (const key of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
    if (key === 'id') continue
    const [a, b] = [wanted, found].map((app) => comparable(key, (app as unknown as Json)[key]))
    compare(a, b, [key], losses)
  }
  const places = placesIn(wanted)
  return losses.map(({ path, ...loss }) => {
    const [, key = '', entry = '', rest = ''] = /^\/([^/]+)(?:\/([^/]+))?(.*)$/.exec(path) ?? []
    const place = places.get(`${key}/${entry}`)
    return { path: place === undefined ? path : `/${key}/${place}${rest}`, ...loss }
  })
}

const DETAILS: Readonly<Record<string, string>> = {
  dependsOn: 'Docker starts it after the other one, and waits for no more than that',
  update: 'Docker takes counts, and one budget of the two',
  'update/progressDeadline': 'Docker has no deadline for an update',
  kind: 'is none of the kinds Docker has: a service, one on every node, or a job',
}

/** From what ports and volumes are compared by to where they stand in the app. */
function placesIn(app: AppInput): ReadonlyMap<string, string | number> {
  const ports = (app.ports ?? []).map(
    (port, index) => [`ports${step(portKey(port))}`, index] as const,
  )
  const volumes = Object.entries(app.volumes ?? {}).map(
    ([name, { mountPath }]) => [`volumes${step(mountPath)}`, name] as const,
  )
  return new Map<string, string | number>([...ports, ...volumes])
}

function portKey({ containerPort, protocol = 'tcp' }: Json): string {
  return `${containerPort}/${protocol}`
}

/** Deep enough to name the field, and no deeper. */
const DEPTH = 3

function compare(wanted: unknown, found: unknown, path: readonly string[], losses: Loss[]): void {
  if (JSON.stringify(sorted(wanted)) === JSON.stringify(sorted(found))) return
  if (isJson(wanted) && isJson(found) && path.length < DEPTH) {
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(found)]))
      compare(wanted[key], found[key], [...path, key], losses)
    return
  }
  const remedy = REMEDIES[path[0] ?? '']
  const detail = DETAILS[path.join('/')] ?? DETAILS[path[0] ?? '']
  const gone = found === undefined
  losses.push({
    path: path.map(step).join(''),
    kind: gone ? 'dropped' : 'approximated',
    detail:
      detail ??
      (gone ? 'a Compose file has no word for it' : 'a Compose file cannot say exactly that'),
    ...(remedy === undefined ? {} : { remedy }),
  })
}

function comparable(key: string, value: unknown): unknown {
  if (key === 'ports' && Array.isArray(value))
    return Object.fromEntries(value.map((port: Json) => [portKey(port), omit(port, 'name')]))
  if (key === 'volumes' && isJson(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, volume]) => {
        const { mountPath, ...rest } = volume as Json
        return [String(mountPath), rest.type === 'named' ? { name, ...rest } : rest]
      }),
    )
  return value
}

function omit(value: Json, key: string): Json {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJson(value)) return value ?? null
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
