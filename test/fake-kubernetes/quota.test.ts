import { createWorld } from 'intermodal/simulated'
import { fakeKubernetes } from 'intermodal/testing'
import { expect, it } from 'vitest'

const template = (labels: object, spec: object = {}) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'main', image: 'shop/web:1' }], ...spec },
})
const selector = { matchLabels: { app: 'web' } }
const job = {
  restartPolicy: 'Never',
  containers: [{ name: 'main', image: 'shop/web:1', command: ['true'] }],
}

const workloads = {
  statefulsets: {
    replicas: 3,
    serviceName: 'web',
    podManagementPolicy: 'Parallel',
    selector,
    template: template({ app: 'web' }),
  },
  daemonsets: { selector, template: template({ app: 'web' }) },
  jobs: { completions: 3, parallelism: 3, template: template({ app: 'web' }, job) },
}
const counts = {
  statefulsets: 'availableReplicas',
  daemonsets: 'numberAvailable',
  jobs: 'succeeded',
}

for (const kind of ['statefulsets', 'daemonsets', 'jobs'] as const)
  it(`tells that a quota keeps pods of ${kind} from being made, and makes them when it is raised`, async () => {
    const world = createWorld({ nodes: 3, clock: 'manual' })
    await using fake = await fakeKubernetes({ world })
    const say = async (method: string, path: string, body?: object) => {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
      const answer = await fetch(`${fake.url}${path}`, {
        method,
        ...(body ? { body: JSON.stringify(body), headers: { 'content-type': type } } : {}),
      })
      return (await answer.json()) as {
        status: Record<string, number>
        items: { reason: string }[]
      }
    }
    const core = '/api/v1/namespaces/default'
    const group = kind === 'jobs' ? 'batch' : 'apps'
    const path = `/apis/${group}/v1/namespaces/default/${kind}`
    await say('POST', `${core}/resourcequotas`, {
      metadata: { name: 'few' },
      spec: { hard: { 'count/pods': '2' } },
    })
    await world.advance('1s')
    await say('POST', path, { metadata: { name: 'web' }, spec: workloads[kind] })
    await world.advance('1m')
    expect((await say('GET', `${path}/web`)).status[counts[kind]]).toBe(2)
    const { items } = await say('GET', `${core}/events`)
    expect(items.map(({ reason }) => reason)).toContain('FailedCreate')
    await say('PATCH', `${core}/resourcequotas/few`, { spec: { hard: { 'count/pods': '3' } } })
    await world.advance('1m')
    expect((await say('GET', `${path}/web`)).status[counts[kind]]).toBe(3)
    world.close()
  })
