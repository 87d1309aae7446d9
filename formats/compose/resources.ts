import type { AppInput } from 'intermodal'
import { Fields, numberOf, textOf } from '../text/fields.ts'
import type { Node } from '../text/node.ts'
import type { ServiceContext } from './context.ts'
import { cpuAt, cpuOf, memoryAt } from './quantities.ts'

type Resources = NonNullable<AppInput['resources']>
type Amounts = NonNullable<Resources['limits']>

/** `deploy.resources`, and what older files say beside it where `deploy` does not. */
export function readResources(service: ServiceContext, resources: Fields): Partial<AppInput> {
  const { report } = service
  const limits = readAmounts(service, resources.fields('limits'))
  const reservations = resources.fields('reservations')
  const requests = readAmounts(service, reservations)
  const gpus = readGpus(service, reservations)
  for (const [key, { at }] of [...resources.rest(), ...reservations.rest()]) {
    if (key.startsWith('x-')) report.loss(at, 'dropped', 'is an extension that nobody here reads')
    else report.problem(at, `"${key}" is no key of resources`)
  }
  readOlder(service, limits, requests)
  const result: Resources = {
    ...(Object.keys(requests).length > 0 ? { requests } : {}),
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
    ...(gpus ? { gpus } : {}),
  }
  return Object.keys(result).length > 0 ? { resources: result } : {}
}

function readAmounts({ report, swarm }: ServiceContext, fields: Fields): Amounts {
  const cpu = cpuAt(fields, 'cpus', report)
  const memory = memoryAt(fields, 'memory', report)
  const pids = fields.take('pids')
  if (pids)
    swarm.keep(pids.at, ['TaskTemplate', 'Resources', 'Limits', 'Pids'], numberOf(pids, report))
  for (const [key, { at }] of fields.rest()) {
    if (key === 'devices' || key === 'generic_resources') continue
    if (key.startsWith('x-')) report.loss(at, 'dropped', 'is an extension that nobody here reads')
    else report.problem(at, `"${key}" is no key of resources`)
  }
  return { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) }
}

function readOlder(
  { fields, report, swarm }: ServiceContext,
  limits: Amounts,
  requests: Amounts,
): void {
  const set = <K extends 'cpu' | 'memory'>(
    key: string,
    amounts: Amounts,
    field: K,
    value: Amounts[K],
    place: string,
  ): void => {
    const node = fields.take(key)
    if (!node) return
    if (amounts[field] !== undefined)
      report.loss(node.at, 'dropped', `deploy.resources.${place} counts`)
    else if (value !== undefined) amounts[field] = value
  }
  set('cpus', limits, 'cpu', cpuAt(fields, 'cpus', report), 'limits.cpus')
  set('mem_limit', limits, 'memory', memoryAt(fields, 'mem_limit', report), 'limits.memory')
  const reserved = memoryAt(fields, 'mem_reservation', report)
  set('mem_reservation', requests, 'memory', reserved, 'reservations.memory')
  const quota = fields.take('cpu_quota')
  const quotaValue = fields.number('cpu_quota')
  const period = fields.number('cpu_period') ?? 100_000
  if (quota && quotaValue && period > 0)
    set('cpu_quota', limits, 'cpu', cpuOf((quotaValue / period) * 1000), 'limits.cpus')
  const shares = fields.take('cpu_shares')
  const weight = fields.number('cpu_shares')
  if (shares && weight) {
    set('cpu_shares', requests, 'cpu', cpuOf((weight / 1024) * 1000), 'reservations.cpus')
    report.loss(
      shares.at,
      'approximated',
      'a weight among containers becomes a reservation, 1024 of it one core',
      'write deploy.resources.reservations.cpus',
    )
  }
  const pids = fields.take('pids_limit')
  const count = fields.number('pids_limit')
  if (pids && count !== undefined && count > 0)
    swarm.keep(pids.at, ['TaskTemplate', 'Resources', 'Limits', 'Pids'], count)
}

/** GPUs in the three ways they are asked for. */
function readGpus(service: ServiceContext, reservations: Fields): number {
  const { fields, report, swarm } = service
  let gpus = 0
  const generic = reservations.list('generic_resources').flatMap((node) => {
    const outer = new Fields(node, report)
    const spec = outer.fields('discrete_resource_spec')
    const kind = spec.text('kind')
    const value = spec.count('value') ?? 0
    for (const [key, { at }] of [...outer.rest(), ...spec.rest()])
      report.problem(at, `"${key}" is no key of generic_resources`)
    if (kind !== 'gpu') return [{ node, Kind: kind, Value: value }]
    gpus += value
    return []
  })
  for (const { node, ...DiscreteResourceSpec } of generic)
    swarm.keep(
      node.at,
      ['TaskTemplate', 'Resources', 'Reservations', 'GenericResources'],
      [{ DiscreteResourceSpec }],
    )
  for (const node of reservations.list('devices')) {
    const device = new Fields(node, report)
    const kinds = device.texts('capabilities').map(({ text }) => text)
    if (kinds.includes('gpu')) gpus += countGpus(service, device, node)
    else report.loss(node.at, 'dropped', 'the model knows of no devices but GPUs')
  }
  const wanted = fields.take('gpus')
  if (wanted?.type === 'scalar') {
    if (wanted.value === 'all')
      report.loss(wanted.at, 'approximated', 'one GPU is asked for: the model counts them')
    gpus += wanted.value === 'all' ? 1 : (numberOf(wanted, report) ?? 0)
  } else {
    for (const node of fields.list('gpus')) {
      const device = new Fields(node, report)
      device.take('capabilities')
      gpus += countGpus(service, device, node)
    }
  }
  return gpus
}

function countGpus({ report }: ServiceContext, device: Fields, node: Node): number {
  const count = device.take('count')
  const ids = device.texts('device_ids')
  const driver = device.take('driver')
  if (driver && textOf(driver, report) !== 'nvidia')
    report.loss(driver.at, 'dropped', 'any GPU is taken, whatever drives it')
  const options = device.take('options')
  if (options) report.loss(options.at, 'dropped', 'the model does not know options of a device')
  for (const [key, { at }] of device.rest()) report.problem(at, `"${key}" is no key of devices`)
  if (ids.length > 0) {
    report.loss(node.at, 'approximated', `any ${ids.length} GPUs are taken, not these`)
    return ids.length
  }
  const written = count?.type === 'scalar' ? count.value : undefined
  if (count && written !== 'all') return numberOf(count, report) ?? 0
  report.loss(node.at, 'approximated', 'one GPU is asked for: the model counts them')
  return 1
}
