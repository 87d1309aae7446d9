import { invalid, notFound, refuse, rpc } from '../errors.ts'
import { any, filtersOf, hasLabels, jsonBody, type Request } from '../http/request.ts'
import { decode } from '../spec/go.ts'
import { configSpec, secretSpec } from '../spec/structs.ts'
import { validateMaterialName } from '../spec/validate.ts'
import type { ConfigRecord, SecretRecord } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { configJson, secretJson } from '../write/objects.ts'
import { created, type Daemon, empty, find, ok, type Reply, type Route, routes } from './parts.ts'

interface Shelf {
  readonly kind: 'secret' | 'config'
  readonly limit: number
  readonly of: (store: Store) => Map<string, SecretRecord | ConfigRecord>
  readonly json: (object: SecretRecord | ConfigRecord) => object
}

const SECRETS: Shelf = {
  kind: 'secret',
  limit: 512_000,
  of: ({ secrets }) => secrets,
  json: secretJson,
}

const CONFIGS: Shelf = {
  kind: 'config',
  limit: 1_024_000,
  of: ({ configs }) => configs,
  json: configJson,
}

export const secretsRoute = shelfRoutes(SECRETS)
export const configsRoute = shelfRoutes(CONFIGS)

function shelfRoutes(shelf: Shelf): Route {
  const path = (rest: string) => new RegExp(`^/${shelf.kind}s${rest}$`)
  return routes([
    ['GET', path(''), (daemon, request) => list(shelf, daemon, request)],
    ['POST', path('/create'), (daemon, request) => create(shelf, daemon, request)],
    ['GET', path('/([^/]+)'), (daemon, _, id) => ok(shelf.json(get(shelf, daemon, id)))],
    ['POST', path('/([^/]+)/update'), (daemon, request, id) => update(shelf, daemon, request, id)],
    ['DELETE', path('/([^/]+)'), (daemon, _, id) => remove(shelf, daemon, id)],
  ])
}

function get({ kind, of }: Shelf, { swarm }: Daemon, id: string): SecretRecord | ConfigRecord {
  const found = find(
    of(swarm.store).values(),
    id,
    ({ Spec }) => Spec.Name,
    (count) => refuse(400, `${kind} ${id} is ambiguous (${count} matches found)`),
  )
  if (!found) throw notFound(kind, id)
  return found
}

function list({ of, json }: Shelf, { swarm }: Daemon, request: Request): Reply {
  const { name, names, id, label } = filtersOf(request, 500, ['name', 'names', 'id', 'label'])
  const found = [...of(swarm.store).values()].filter(
    ({ ID, Spec }) =>
      any(name, (text) => Spec.Name.startsWith(text)) &&
      any(names, (text) => Spec.Name === text) &&
      any(id, (text) => ID.startsWith(text)) &&
      hasLabels(Spec.Labels, label),
  )
  return ok(found.map(json))
}

function read(kind: Shelf['kind'], request: Request) {
  const struct = kind === 'secret' ? secretSpec : configSpec
  const {
    Name = '',
    Labels = {},
    Data = '',
  } = decode(struct, jsonBody(request)) as {
    readonly Name?: string
    readonly Labels?: Readonly<Record<string, string>>
    readonly Data?: string
  }
  const bad = [...Data].findIndex((letter) => !/[A-Za-z0-9+/=\r\n]/.test(letter))
  if (bad >= 0) throw refuse(400, `illegal base64 data at input byte ${bad}`)
  return { Name, Labels, Data }
}

function create({ kind, limit, of }: Shelf, { swarm }: Daemon, request: Request): Reply {
  const { store } = swarm
  const { Name, Labels, Data } = read(kind, request)
  validateMaterialName(Name)
  const size = Buffer.byteLength(Data, 'base64')
  if (size === 0 || size >= limit)
    throw invalid(`${kind} data must be larger than 0 and less than ${limit} bytes`)
  if ([...of(store).values()].some(({ Spec }) => Spec.Name === Name))
    throw rpc('AlreadyExists', `${kind} ${Name} already exists`)
  const object = { ...store.born(), Spec: { Name, Labels, Data } }
  of(store).set(object.ID, object)
  store.tell(kind, 'create', object, { name: Name })
  return created({ ID: object.ID })
}

function update(shelf: Shelf, daemon: Daemon, request: Request, id: string): Reply {
  const { kind } = shelf
  const { store } = daemon.swarm
  const { Name, Labels, Data } = read(kind, request)
  const text = request.query.get('version') ?? ''
  if (!/^\d+$/.test(text)) throw refuse(400, `invalid ${kind} version`)
  const object = get(shelf, daemon, id)
  if (object.Version.Index !== Number(text)) throw rpc('Unknown', 'update out of sequence')
  const other = Name !== object.Spec.Name || (Data !== '' && Data !== object.Spec.Data)
  if (other) throw invalid('only updates to Labels are allowed')
  object.Spec = { ...object.Spec, Labels }
  store.touch(object)
  store.tell(kind, 'update', object, { name: Name })
  return empty(200)
}

function remove(shelf: Shelf, daemon: Daemon, id: string): Reply {
  const { kind } = shelf
  const { store } = daemon.swarm
  const object = get(shelf, daemon, id)
  const users = [...store.services.values()]
    .filter(({ Spec }) => {
      const { Secrets = [], Configs = [] } = Spec.TaskTemplate.ContainerSpec ?? {}
      return kind === 'secret'
        ? Secrets.some(({ SecretID }) => SecretID === object.ID)
        : Configs.some(({ ConfigID }) => ConfigID === object.ID)
    })
    .map(({ Spec }) => Spec.Name)
  if (users.length > 0) {
    const services = users.length === 1 ? 'service' : 'services'
    throw invalid(
      `${kind} '${object.Spec.Name}' is in use by the following ${services}: ${users.join(', ')}`,
    )
  }
  shelf.of(store).delete(object.ID)
  store.tell(kind, 'remove', object, { name: object.Spec.Name })
  return empty(204)
}
