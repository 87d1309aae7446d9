import { describe, expect, it } from 'vitest'
import { call } from './calls.ts'
import { type Asked, json, refuse } from './fake-api.ts'
import { isWrite, storeAndAdapter } from './object-api.ts'
import { refusal, web } from './web.ts'

type Served = Readonly<Record<string, readonly string[]>>

/** What was served where, before the versions we ask for first. */
const V1_20: Served = {
  'batch/v1': ['Job'],
  'batch/v1beta1': ['CronJob'],
  'policy/v1beta1': ['PodDisruptionBudget'],
  'autoscaling/v1': ['HorizontalPodAutoscaler'],
  'autoscaling/v2beta2': ['HorizontalPodAutoscaler'],
}
const V1_21: Served = {
  ...V1_20,
  'batch/v1': ['Job', 'CronJob'],
  'policy/v1': ['PodDisruptionBudget'],
}
const V1_23: Served = { ...V1_21, 'autoscaling/v2': ['HorizontalPodAutoscaler'] }

const DISCOVERY = /^\/apis\/((?:batch|policy|autoscaling)\/[^/]+)$/
const PLURALS = /(?:cronjobs|poddisruptionbudgets|horizontalpodautoscalers)/

async function serverWith(served: Served) {
  const { store, ...rest } = await storeAndAdapter()
  store.intervene = ({ path }, response) => {
    const [, version] = DISCOVERY.exec(path) ?? []
    if (version === undefined) {
      const [, asked = ''] = /^\/apis\/([^/]+\/[^/]+)\/.*\//.exec(path) ?? []
      const known = served[asked]
      const kinds = known?.map((kind) => `${kind.toLowerCase()}s`)
      if (!PLURALS.test(path) || kinds?.some((plural) => path.includes(`/${plural}`)))
        return undefined
      refuse(response, 404, 'NotFound', 'the server could not find the requested resource')
      return 'handled'
    }
    const kinds = served[version]
    const resources = kinds?.map((kind) => ({
      name: `${kind.toLowerCase()}s`,
      kind,
      namespaced: true,
    }))
    if (resources) json(response, 200, { resources })
    else refuse(response, 404, 'NotFound', 'the server could not find the requested resource')
    return 'handled'
  }
  return { store, ...rest }
}

const nightly = web({ kind: 'cron', schedule: { cron: '0 3 * * *' } })
const elastic = web({
  id: '/elastic',
  autoscale: { min: 2, max: 5, metrics: [{ type: 'cpu', utilization: 70 }] },
  resources: { requests: { cpu: 0.1 } },
  disruption: { maxUnavailable: 1 },
})

describe('a server of Kubernetes', () => {
  it.each([
    ['1.20', V1_20, 'batch/v1beta1', 'policy/v1beta1', 'autoscaling/v2beta2'],
    ['1.21', V1_21, 'batch/v1', 'policy/v1', 'autoscaling/v2beta2'],
    ['1.23', V1_23, 'batch/v1', 'policy/v1', 'autoscaling/v2'],
  ] as const)(
    '%s is spoken to in the versions it has',
    async (_, served, batch, policy, scaling) => {
      const { api, adapter } = await serverWith(served)
      await adapter.apply(nightly, call())
      await adapter.apply(elastic, call())
      const written = api.asked
        .filter((asked) => isWrite(asked) && PLURALS.test(asked.path))
        .map(({ path, body }: Asked) => [
          path.split('/').slice(2, 4).join('/'),
          (body as { readonly apiVersion: string }).apiVersion,
        ])
      expect(written.sort()).toEqual([batch, policy, scaling].map((at) => [at, at]).sort())
      const before = api.asked.length
      expect((await adapter.apply(nightly, call())).changed).toBe(false)
      expect((await adapter.apply(elastic, call())).changed).toBe(false)
      expect(api.asked.slice(before).filter(isWrite)).toEqual([])
      expect((await adapter.observe(nightly.id, call()))?.kind).toBe('cron')
    },
  )

  it('older than all of them refuses what it has no kind for, and runs the rest', async () => {
    const { adapter, writes } = await serverWith({ 'batch/v1': ['Job'] })
    const error = await refusal(adapter.apply(elastic, call()))
    expect(error.code).toBe('UNSUPPORTED')
    expect(error.message).toMatch(/HorizontalPodAutoscaler|PodDisruptionBudget/)
    expect(error.remedy).toContain('1.20')
    expect(writes()).toEqual([])
    await adapter.apply(web(), call())
    expect(await adapter.observe('/web', call())).toMatchObject({ kind: 'service' })
  })
})
