import { toPointer } from '../app/pointer.ts'
import type { App, AppId } from '../app/schema.ts'
import type { Volume } from '../app/volumes.ts'
import type { AppStatus } from '../status.ts'

/** Every topic there is. */
export const BY_HAND_TOPICS = [
  'data',
  'address',
  'secret',
  'config',
  'registry',
  'schedule',
  'job',
  'daemon',
  'dependency',
] as const
/**
 * What is left for a person to do: move `data` of volumes, change an `address` others use, make a `secret` or `config`
 * whose value cannot be read, and so on.
 */
export type ByHandTopic = (typeof BY_HAND_TOPICS)[number]

/** What no program can carry from one cluster to another, or should not without being asked. */
export interface ByHand {
  readonly topic: ByHandTopic
  /** JSON pointer into the app: `/volumes/data`. */
  readonly path: string
  /** What stays behind, one sentence. Never a value of a secret or of the environment. */
  readonly detail: string
  readonly remedy: string
}

export interface ByHandInput {
  readonly app: App
  readonly status?: Pick<AppStatus, 'state'> | undefined
  readonly from: string
  /** How the old side's engine calls its apps, as of `Capabilities`. */
  readonly hostNames?: readonly string[] | undefined
  readonly to: string
  /** Secrets and configs that are put on the new side as part of the migration. */
  readonly given: { readonly secrets: ReadonlySet<string>; readonly configs: ReadonlySet<string> }
  /** Apps it needs that are neither moved with it nor on the new side. */
  readonly missing: readonly AppId[]
  readonly keep: boolean
  readonly rerunJobs: boolean
}

/** Pure. */
export function byHand(input: ByHandInput): readonly ByHand[] {
  return [
    ...data(input),
    ...addresses(input),
    ...materials(input),
    ...registries(input),
    ...kinds(input),
    ...input.missing.map(
      (id): ByHand => ({
        topic: 'dependency',
        path: toPointer(['dependsOn', id]),
        detail: `needs ${id}, which is not moved with it and not on ${input.to}`,
        remedy: `move ${id} as well, or make sure it is reached from ${input.to}`,
      }),
    ),
  ]
}

function* data({ app, from, to }: ByHandInput): Generator<ByHand> {
  for (const [name, volume] of Object.entries(app.volumes)) {
    const what = contentOf(volume)
    if (what === undefined) continue
    yield {
      topic: 'data',
      path: toPointer(['volumes', name]),
      detail: `${what} stays on ${from}: the volume begins empty on ${to}`,
      remedy: 'copy it with a tool of the data, such as a dump or a replica, before you move',
    }
  }
}

function contentOf(volume: Volume): string | undefined {
  switch (volume.type) {
    case 'host':
      return `what the nodes have in ${volume.path}`
    case 'named':
    case 'claim':
      return `what is in ${volume.mountPath}`
    default:
      return undefined
  }
}

const HOSTS = /[a-z\d_-]+(?:\.[a-z\d_-]+)+/g

/** Whether a text has a host name in it that begins or ends like one of these. */
function mentions(text: string, names: readonly string[]): boolean {
  const hosts = text.toLowerCase().match(HOSTS) ?? []
  return hosts.some((host) =>
    names.some((name) => (name.startsWith('.') ? host.endsWith(name) : host.startsWith(name))),
  )
}

function* addresses({ app, from, to, hostNames = [] }: ByHandInput): Generator<ByHand> {
  for (const [index, port] of app.ports.entries()) {
    const reached =
      port.exposure === 'public'
        ? `by ${port.host ?? 'a load balancer'}${port.path ?? ''}`
        : typeof port.hostPort === 'number'
          ? `at port ${port.hostPort} of its nodes`
          : port.servicePort !== undefined
            ? `at port ${port.servicePort}`
            : port.exposure !== 'internal'
              ? 'at a port of its nodes'
              : undefined
    if (reached === undefined) continue
    yield {
      topic: 'address',
      path: toPointer(['ports', String(index)]),
      detail: `port ${port.name} is reached ${reached} on ${from}; who calls it still calls there`,
      remedy: `point DNS or the load balancer at both sides before the old one is scaled down, and then at ${to}`,
    }
  }
  for (const [name, value] of Object.entries(app.env)) {
    if (typeof value !== 'string' || !mentions(value, hostNames)) continue
    yield {
      topic: 'address',
      path: toPointer(['env', name]),
      detail: `holds an address that only ${from} knows`,
      remedy: 'give the app for the new side in a file, with the address there',
    }
  }
}

function* materials({ app, from, to, given }: ByHandInput): Generator<ByHand> {
  const seen = new Set<string>()
  for (const { topic, name, path } of references(app, [])) {
    if (seen.has(`${topic} ${name}`) || given[`${topic}s`].has(name)) continue
    seen.add(`${topic} ${name}`)
    yield {
      topic,
      path: toPointer(path),
      detail: `${topic} "${name}" has to be on ${to}: ${topic === 'secret' ? 'its value cannot be read' : 'it is not an app, and is not moved'} from ${from}`,
      remedy: `make it there, or give it in a file of apps and ${topic}s`,
    }
  }
}

type Reference = {
  readonly topic: 'secret' | 'config'
  readonly name: string
  readonly path: readonly string[]
}

/** Every `{ secret: name }` and `{ config: name }`, wherever it stands. */
function* references(value: unknown, path: readonly string[]): Generator<Reference> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (path.length === 0 && NO_REFERENCES.has(key)) continue
    if ((key === 'secret' || key === 'config') && typeof inner === 'string')
      yield { topic: key, name: inner, path }
    else yield* references(inner, [...path, key])
  }
}

const NO_REFERENCES: ReadonlySet<string> = new Set(['labels', 'annotations', 'native', 'dependsOn'])

function* registries({ app, to }: ByHandInput): Generator<ByHand> {
  const images = [
    ['/image', app.image] as const,
    ...Object.entries(app.sidecars).map(
      ([name, { image }]) => [toPointer(['sidecars', name, 'image']), image] as const,
    ),
  ]
  const seen = new Set<string>()
  for (const [path, image] of images) {
    const registry = image === undefined ? undefined : registryOf(image)
    if (registry === undefined || seen.has(registry)) continue
    seen.add(registry)
    yield {
      topic: 'registry',
      path,
      detail: `the nodes of ${to} have to reach ${registry} and be let in`,
      remedy: app.registryAuth
        ? `make the secret "${app.registryAuth.secret}" there`
        : 'try the image on one of them first',
    }
  }
}

/** `registry.example.com/shop/web:1`; an image without a host is the engine's own default. */
function registryOf(image: string): string | undefined {
  const [first = '', ...rest] = image.split('/')
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : undefined
}

function* kinds({ app, status, from, to, keep, rerunJobs }: ByHandInput): Generator<ByHand> {
  if (app.kind === 'cron' && keep)
    yield {
      topic: 'schedule',
      path: '/schedule',
      detail: `runs twice at every turn while it is on ${from} and on ${to}`,
      remedy: `suspend it on ${from}`,
    }
  else if (app.kind === 'cron')
    yield {
      topic: 'schedule',
      path: '/schedule',
      detail: `is suspended on ${from} before it begins on ${to}: a turn in that moment is left out`,
      remedy: 'move it between two turns',
    }
  if (app.kind === 'job' && status && !rerunJobs)
    yield {
      topic: 'job',
      path: '/kind',
      detail: `is a job that is ${status.state} on ${from}; it is not run again`,
      remedy: `run it on ${to} if what it did has to be done there too`,
    }
  if (app.kind === 'daemon')
    yield {
      topic: 'daemon',
      path: '/kind',
      detail: `runs on every node, and so on both sides until it is removed from ${from}`,
      remedy: 'remove it there when the nodes are given up',
    }
}
