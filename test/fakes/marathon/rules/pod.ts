import { notValid } from '../errors.ts'
import type { PodDefinition } from '../normal/pod.ts'
import { idRules, type RuleContext } from './app.ts'
import { constraintProblem } from './constraints.ts'

/** The rules between the fields of a pod. Throws the refusal at the first that is broken. */
export function podRules(pod: PodDefinition, context: RuleContext): void {
  idRules(pod.id, context)
  const names = pod.containers.map(({ name }) => name)
  if (new Set(names).size < names.length)
    throw notValid('/containers', 'container names are not unique')
  const endpoints = pod.containers.flatMap(({ endpoints = [] }) =>
    endpoints.map(({ name }) => name),
  )
  if (new Set(endpoints).size < endpoints.length)
    throw notValid('/endpoints', 'Endpoint names are not unique')
  const volumes = new Set((pod.volumes ?? []).map(({ name }) => name))
  for (const [index, { volumeMounts = [], healthCheck, check }] of pod.containers.entries()) {
    const path = `/containers(${index})`
    const unknown = volumeMounts.find(({ name }) => !volumes.has(name))
    if (unknown) throw notValid(`${path}/volumeMounts`, `volume ${unknown.name} not found`)
    for (const [field, one] of [
      ['healthCheck', healthCheck],
      ['check', check],
    ] as const) {
      if (!one) continue
      const kinds = [one.http, one.tcp, one.exec].filter((kind) => kind !== undefined)
      if (kinds.length !== 1)
        throw notValid(`${path}/${field}`, 'expected exactly one type of check, http, tcp, or exec')
      const endpoint = one.http?.endpoint ?? one.tcp?.endpoint
      if (endpoint !== undefined && !endpoints.includes(endpoint))
        throw notValid(`${path}/${field}`, `contained in one of the endpoints: ${endpoint}`)
    }
  }
  const hosts = pod.networks.filter(({ mode }) => mode === 'host').length
  if (hosts > 0 && pod.networks.length > 1)
    throw notValid(
      '/networks',
      'may only specify a single host network, a single container/bridge network, or multiple container networks',
    )
  if (pod.networks.some(({ mode, name }) => mode === 'container' && name === undefined))
    throw notValid('/networks', 'container network name is not specified and there is no default')
  for (const [index, { fieldName, operator, value }] of (
    pod.scheduling.placement?.constraints ?? []
  ).entries()) {
    const parts = [fieldName, operator, ...(value === undefined ? [] : [value])]
    const problem = constraintProblem(parts, context.setup.dialect)
    if (problem) throw notValid(`/scheduling/placement/constraints(${index})`, problem)
  }
}
