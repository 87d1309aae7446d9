import { Fields, numberOf, textOf } from '../text/fields.ts'
import type { Node } from '../text/node.ts'
import type { ServiceContext } from './context.ts'
import { readNames } from './network.ts'
import { CONTAINER } from './swarm-patch.ts'

/** What the model has no word for and Swarm has: kept in `native.swarm`. */
export function readSwarmOnly(service: ServiceContext): void {
  const { fields, report, swarm } = service
  readNames(service)
  for (const [key, wire] of FLAGS) {
    const node = fields.take(key)
    const value = fields.flag(key)
    if (node && value !== undefined) swarm.keep(node.at, [...CONTAINER, wire], value)
  }
  for (const [key, wire] of TEXTS) {
    const node = fields.take(key)
    const value = fields.text(key)
    if (node && value !== undefined) swarm.keep(node.at, [...CONTAINER, wire], value)
  }
  const groups = fields.take('group_add')
  if (groups)
    swarm.keep(
      groups.at,
      [...CONTAINER, 'Groups'],
      fields.texts('group_add').map(({ text }) => text),
    )
  const score = fields.take('oom_score_adj')
  if (score) swarm.keep(score.at, [...CONTAINER, 'OomScoreAdj'], numberOf(score, report))
  readSysctls(service)
  readUlimits(service)
  readLogging(service)
}

const FLAGS = [
  ['init', 'Init'],
  ['stdin_open', 'OpenStdin'],
] as const
const TEXTS = [
  ['hostname', 'Hostname'],
  ['isolation', 'Isolation'],
] as const

function readSysctls({ fields, report, swarm }: ServiceContext): void {
  const node = fields.take('sysctls')
  if (!node) return
  const entries = fields.fields('sysctls').rest()
  const values = entries.map(([key, value]) => [key, textOf(value, report) ?? ''])
  swarm.keep(node.at, [...CONTAINER, 'Sysctls'], Object.fromEntries(values))
}

function readUlimits({ fields, report, swarm }: ServiceContext): void {
  const node = fields.take('ulimits')
  if (!node) return
  const limits = fields
    .fields('ulimits')
    .rest()
    .map(([Name, limit]) => {
      if (limit.type !== 'map') {
        const value = numberOf(limit, report) ?? 0
        return { Name, Soft: value, Hard: value }
      }
      const both = new Fields(limit, report)
      const Soft = both.number('soft') ?? 0
      const Hard = both.number('hard') ?? Soft
      reportRest(both, report)
      return { Name, Soft, Hard }
    })
  swarm.keep(node.at, [...CONTAINER, 'Ulimits'], limits)
}

function readLogging({ fields, report, swarm }: ServiceContext): void {
  const node = fields.take('logging')
  if (!node) return
  const logging = fields.fields('logging')
  const Name = logging.text('driver')
  const options = logging
    .fields('options')
    .rest()
    .map(([key, value]) => [key, textIn(value)])
  reportRest(logging, report)
  swarm.keep(node.at, ['TaskTemplate', 'LogDriver'], {
    ...(Name === undefined ? {} : { Name }),
    ...(options.length > 0 ? { Options: Object.fromEntries(options) } : {}),
  })
}

function textIn(node: Node): string {
  return node.type === 'scalar' && node.value !== null ? String(node.value) : ''
}

function reportRest(fields: Fields, report: ServiceContext['report']): void {
  for (const [key, { at }] of fields.rest()) {
    if (key.startsWith('x-')) report.loss(at, 'dropped', 'is an extension that nobody here reads')
    else report.problem(at, `"${key}" is no key here`)
  }
}
