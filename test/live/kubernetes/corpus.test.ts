import { IntermodalError, systemClock } from 'intermodal'
import { type KubernetesNative, kubernetes } from 'intermodal/kubernetes'
import { describe, expect, it } from 'vitest'
import { Api } from '../../../adapters/kubernetes/api.ts'
import { ApiError } from '../../../adapters/kubernetes/api-error.ts'
import { Transport } from '../../../adapters/kubernetes/transport.ts'
import { appsIn, type CorpusApp } from '../../corpus/reading.ts'
import { call, clusters, connection } from './cluster.ts'

const [cluster] = clusters
const ADAPTER = kubernetes()
/** So many requests at once. */
const ABREAST = 16

/** Manifests that no server takes as they are, and what is wrong with them. */
const INVALID: readonly (readonly [file: string, app: string, reason: string])[] = [
  [
    'kubernetes/garden-io+garden__examples-argocd-api-manifests-manifests.yaml',
    '/api',
    'a host with a placeholder',
  ],
  [
    'kubernetes/radius-project+radius__pkg-corerp-renderers-container-testdata-basemanifest-input-addcontainer.yaml',
    '/test-container',
    'a selector for other labels',
  ],
  ['pairs/kompose__domain__output-k8s.json', '/dns', 'a subdomain with dots'],
  [
    'pairs/kompose__single-file-output__output-k8s.yaml',
    '/front-end',
    'a Service with an underscore in its name',
  ],
]

describe.runIf(cluster)('every app of the corpus, as a dry run of a real Kubernetes', () => {
  it('is taken, or was refused before anything is sent', async () => {
    if (!cluster) throw new Error('there is no cluster')
    const transport = new Transport({
      ...(await connection(cluster)),
      namespace: 'default',
      clock: systemClock,
    })
    const api = new Api(transport)
    const all = await appsIn()
    const queue = all.flatMap((one) => {
      const { native, losses } = ADAPTER.translate(one.app)
      return losses.some(({ kind }) => kind === 'refused') ? [] : [{ ...one, native }]
    })
    expect(queue.length).toBeGreaterThan(0.9 * all.length)
    const wrong: string[] = []
    const next = async () => {
      for (let one = queue.pop(); one; one = queue.pop())
        wrong.push(...(await refusalsOf(api, one)))
    }
    await Promise.all(Array.from({ length: ABREAST }, next))
    transport.close()
    const known = INVALID.map(([file, app]) => `${file} ${app} `)
    expect(wrong.filter((line) => !known.some((one) => line.startsWith(one))).sort()).toEqual([])
    expect(known.filter((one) => !wrong.some((line) => line.startsWith(one)))).toEqual([])
  })
})

async function refusalsOf(
  api: Api,
  { file, app, native }: CorpusApp & { readonly native: KubernetesNative },
): Promise<string[]> {
  const wrong: string[] = []
  for (const object of native.objects) {
    const { apiVersion = 'v1', kind = '' } = object
    const { signal } = call()
    try {
      const resource = await api.resource(apiVersion, kind, signal)
      await api.apply(object, resource, { force: true, dryRun: true }, signal)
    } catch (error) {
      if (!(error instanceof ApiError) && !IntermodalError.is(error)) throw error
      const { message } = error
      const causes = error instanceof ApiError ? error.refusal?.causes : undefined
      wrong.push(`${file} ${app.id} ${kind}: ${JSON.stringify(causes) ?? message}`)
    }
  }
  return wrong
}
