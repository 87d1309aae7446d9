import { bindLevers } from '../agent/levers.ts'
import { notFound, refuse, rpc } from '../errors.ts'
import { any, filtersOf, flag, hasLabels, isLess, type Request } from '../http/request.ts'
import { tellChange } from '../orchestrate/update-status.ts'
import { withDefaults } from '../spec/defaults.ts'
import { allocate, refuseTakenPorts } from '../spec/endpoint.ts'
import { isJob, modeOf } from '../spec/policy.ts'
import { readServiceSpec } from '../spec/service.ts'
import { validateService } from '../spec/validate.ts'
import type { ServiceRecord, ServiceSpec } from '../store/objects.ts'
import type { Swarm } from '../swarm.ts'
import { serviceJson, serviceStatus } from '../write/objects.ts'
import { serviceLogs } from './logs.ts'
import { resolveNetworks } from './network-names.ts'
import { created, type Daemon, empty, find, ok, type Reply, routes } from './parts.ts'

export const servicesRoute = routes([
  ['GET', /^\/services$/, list],
  ['POST', /^\/services\/create$/, create],
  [
    'GET',
    /^\/services\/([^/]+)\/logs$/,
    (daemon, request, id) => serviceLogs(daemon, request, findService(daemon.swarm, id)),
  ],
  ['GET', /^\/services\/([^/]+)$/, inspect],
  ['POST', /^\/services\/([^/]+)\/update$/, update],
  ['DELETE', /^\/services\/([^/]+)$/, remove],
])

export function findService({ store }: Swarm, id: string): ServiceRecord {
  const found = find(
    store.services.values(),
    id,
    ({ Spec }) => Spec.Name,
    (count) => refuse(400, `service ${id} is ambiguous (${count} matches found)`),
  )
  if (!found) throw notFound('service', id)
  return found
}

const FILTERS = ['name', 'id', 'label', 'mode', 'runtime']

function list({ swarm }: Daemon, request: Request): Reply {
  const { name, id, label, mode } = filtersOf(request, 400, FILTERS)
  const modes: Readonly<Record<string, string>> = {
    Replicated: 'replicated',
    Global: 'global',
    ReplicatedJob: 'replicated-job',
    GlobalJob: 'global-job',
  }
  const services = [...swarm.store.services.values()].filter(
    ({ ID, Spec }) =>
      any(name, (text) => Spec.Name.startsWith(text)) &&
      any(id, (text) => ID.startsWith(text)) &&
      any(mode, (text) => modes[modeOf(Spec)] === text) &&
      hasLabels(Spec.Labels, label),
  )
  const status = withStatus(request)
  return ok(
    services.map((service) => ({
      ...serviceJson(service),
      ...(status ? { ServiceStatus: serviceStatus(swarm.store, service) } : {}),
    })),
  )
}

/** Older clients do not know of it. Here, unlike elsewhere, it has to be a boolean. */
function withStatus({ query, version }: Request): boolean {
  const text = query.get('status') ?? ''
  if (text === '' || (version !== undefined && isLess(version, '1.41'))) return false
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true
  if (/^(?:0|f|F|FALSE|false|False)$/.test(text)) return false
  throw refuse(
    400,
    `invalid value for status: ${text}: strconv.ParseBool: parsing "${text}": invalid syntax`,
  )
}

function inspect({ swarm }: Daemon, request: Request, id: string): Reply {
  const service = findService(swarm, id)
  if (!flag(request, 'insertDefaults')) return ok(serviceJson(service))
  return ok({ ...serviceJson(service), Spec: withDefaults(service.Spec) })
}

function create({ swarm }: Daemon, request: Request): Reply {
  const { store, world } = swarm
  const read = readServiceSpec(request)
  const spec = resolveNetworks(store, { ...read, Name: read.Name || store.ids.word() })
  validateService(spec, store)
  if ([...store.services.values()].some(({ Spec }) => Spec.Name === spec.Name))
    throw rpc(
      'AlreadyExists',
      `name conflicts with an existing object: service ${spec.Name} already exists`,
    )
  refuseTakenPorts(store, spec)
  const service: ServiceRecord = {
    ...store.born(),
    Spec: spec,
    specVersion: 0,
    Endpoint: { Spec: {} },
    ...(isJob(spec) ? { JobStatus: { JobIteration: {}, LastExecution: store.stamps.text() } } : {}),
  }
  service.specVersion = service.Version.Index
  store.services.set(service.ID, service)
  bindLevers(world, service)
  store.tell('service', 'create', service, { name: spec.Name })
  if (allocate(store, service)) {
    store.touch(service)
    store.tell('service', 'update', service, { name: spec.Name })
  }
  return created({ ID: service.ID })
}

function update({ swarm }: Daemon, request: Request, id: string): Reply {
  const { store, world } = swarm
  const read = readServiceSpec(request)
  const text = request.query.get('version') ?? ''
  if (!/^\d+$/.test(text))
    throw refuse(
      400,
      `invalid service version '${text}': strconv.ParseUint: parsing "${text}": invalid syntax`,
    )
  const service = findService(swarm, id)
  const rollback = request.query.get('rollback') ?? ''
  if (rollback !== '' && rollback !== 'previous' && rollback !== 'none')
    throw refuse(500, `unrecognized rollback option ${rollback}`)
  // Whoever gives no name is given one here too, and so asks for another than it has.
  const spec = resolveNetworks(store, { ...read, Name: read.Name || store.ids.word() })
  validateService(spec, store)
  refuseTakenPorts(store, spec, service)
  if (spec.Name !== service.Spec.Name)
    throw rpc('Unimplemented', 'renaming services is not supported')
  if (modeOf(spec) !== modeOf(service.Spec))
    throw rpc('Unimplemented', 'service mode change is not allowed')
  if (service.Version.Index !== Number(text)) throw rpc('Unknown', 'update out of sequence')
  const before = { spec: service.Spec, state: service.UpdateStatus?.State }
  if (rollback === 'previous') goBack(swarm, service)
  else goOn(swarm, service, spec)
  bindLevers(world, service)
  const allocated = service.Endpoint
  const state = service.UpdateStatus?.State
  tellChange(store, service, before)
  allocate(store, service)
  if (JSON.stringify(allocated) !== JSON.stringify(service.Endpoint)) {
    store.touch(service)
    tellChange(store, service, { spec: service.Spec, state })
  }
  return ok({ Warnings: null })
}

function goOn({ store }: Swarm, service: ServiceRecord, spec: ServiceSpec): void {
  service.PreviousSpec = service.Spec
  service.previousSpecVersion = service.specVersion
  service.Spec = spec
  delete service.UpdateStatus
  if (service.JobStatus) {
    const Index = (service.JobStatus.JobIteration?.Index ?? 0) + 1
    service.JobStatus = { JobIteration: { Index }, LastExecution: store.stamps.text() }
  }
  store.touch(service)
  service.specVersion = service.Version.Index
}

/** The spec and the one before change places, whole. */
function goBack({ store }: Swarm, service: ServiceRecord): void {
  const { Spec, PreviousSpec, specVersion, previousSpecVersion } = service
  if (!PreviousSpec)
    throw rpc('FailedPrecondition', `service ${service.ID} does not have a previous spec`)
  service.Spec = PreviousSpec
  service.PreviousSpec = Spec
  service.specVersion = previousSpecVersion ?? specVersion
  service.previousSpecVersion = specVersion
  service.UpdateStatus = {
    State: 'rollback_started',
    StartedAt: store.stamps.text(),
    Message: 'manually requested rollback',
  }
  store.touch(service)
}

function remove({ swarm }: Daemon, _request: Request, id: string): Reply {
  const service = findService(swarm, id)
  const { store, orchestrator } = swarm
  store.services.delete(service.ID)
  orchestrator.serviceRemoved(service)
  store.tell('service', 'remove', service, { name: service.Spec.Name })
  return empty(200)
}
