import type { AppInput } from 'intermodal'
import { afterAll, expect, test } from 'vitest'
import { marathonTarget } from '../conformance/marathon-target.ts'
import type { Workload } from '../conformance/target.ts'
import { RamlChecker } from '../raml/checker.ts'
import { someGroups } from './some-groups.ts'

const checker = new RamlChecker('1.11')
const written = new Set<string>()
const target = await marathonTarget('1.11', (exchange) => {
  checker.check(exchange)
  const [, sort = ''] = /^\/v2\/(apps|pods)\//.exec(exchange.path) ?? []
  if (exchange.method === 'PUT') written.add(sort)
})
afterAll(() => target[Symbol.asyncDispose]())

const SIDECARS: AppInput['sidecars'] = {
  proxy: { image: 'shop/proxy:1', resources: { requests: { cpu: '10m' } } },
}

/** The same app with a container beside it: on Marathon that makes it a pod. */
function withSidecar(workload: Workload): Workload {
  const { resources, ...app } = typeof workload === 'string' ? { image: workload } : workload
  return { resources: { requests: { cpu: 0.1 }, ...resources }, ...app, sidecars: SIDECARS }
}

/** Not asked: jobs and restarts, which pods do not have, and what is the same code for both. */
const ASKED = [
  'apply',
  'observe',
  'remove',
  'scale',
  'suspend and resume',
  'rollback',
  'kill',
  'rollout',
  'rollout rolled back',
  'rollout of what crashes',
  'rollout and health',
  'rollout without a place',
]

const {
  good,
  next,
  missing,
  crashing = '',
  healthy = '',
  unhealthy = '',
  placeless = '',
} = target.workloads
const asked = await someGroups(
  {
    ...target,
    name: 'pods of marathon 1.11',
    workloads: {
      good: withSidecar(good),
      next: withSidecar(next),
      missing: withSidecar(missing),
      crashing: withSidecar(crashing),
      healthy: withSidecar(healthy),
      unhealthy: withSidecar(unhealthy),
      placeless: withSidecar(placeless),
    },
  },
  ASKED,
)

test('every app of these was a pod, and all that was said is what the RAML says', () => {
  expect(asked).toEqual(ASKED)
  expect([...written]).toEqual(['pods'])
  expect([...new Set(checker.problems)]).toEqual([])
  expect(checker.answers).toBeGreaterThan(500)
})
