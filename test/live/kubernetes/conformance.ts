import { readFile } from 'node:fs/promises'
import { kubernetes } from 'intermodal/kubernetes'
import { conformance } from 'intermodal/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { faultyProxy } from '../engine/faulty-proxy.ts'
import { connection, HTTP, liveClient, SERVER, type TestCluster } from './cluster.ts'

const STOP = { stop: { gracePeriod: '1s' } } as const
const probe = (path: string) => ({
  ports: [...HTTP],
  probes: {
    readiness: { type: 'http', port: 'http', path, interval: '1s', failureThreshold: 1 } as const,
  },
})

/** The contract, on one cluster, through a proxy that can be broken. */
export async function hold(cluster: TestCluster): Promise<void> {
  const [image, next, absent] = cluster.images
  const live = await liveClient(cluster)
  const config = parse(await readFile(cluster.kubeconfig, 'utf8'))
  const current = config.contexts.find(
    ({ name }: { name: string }) => name === config['current-context'],
  )
  const place = config.clusters.find(
    ({ name }: { name: string }) => name === current.context.cluster,
  )
  const proxy = await faultyProxy(place.cluster.server)
  const host = new URL(place.cluster.server).hostname
  Object.assign(place.cluster, { server: proxy.host, 'tls-server-name': host })
  const [file] = (await connection(cluster)).kubeconfig
  const kubeconfig = [{ content: stringify(config), directory: file?.directory }]
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await live[Symbol.asyncDispose]()
  })

  const { notRun } = await conformance(
    { describe, test: (name, body) => test(name, { timeout: 300_000 }, body), skip: test.skip },
    {
      name: `kubernetes with ${cluster.name}`,
      connect: async () => kubernetes({ kubeconfig, namespace: live.namespace }),
      // Some rollouts are given up only after their own 40 seconds without progress.
      patience: 150_000,
      workloads: {
        good: { image, shell: SERVER, ...STOP },
        next: { image: next, shell: SERVER, ...STOP },
        missing: { image: absent, ...STOP },
        crashing: { image, shell: 'exit 3', ...STOP },
        healthy: { image, shell: SERVER, ...STOP, ...probe('/health') },
        unhealthy: { image, shell: SERVER, ...STOP, ...probe('/no-such-page') },
        finishing: { image, entrypoint: ['true'] },
        failing: { image, shell: 'exit 3' },
        placeless: { image, resources: { requests: { cpu: 512 } } },
        ...(cluster.containers
          ? { talking: { workload: { image, shell: SERVER, ...STOP }, line: 'serving' } }
          : {}),
      },
      faults: {
        cut: async () => proxy.cut(),
        refuse: async () => asynchronous(proxy.refuse()),
        hang: async () => asynchronous(proxy.hang()),
      },
      foreign: async (id) => {
        const name = id.slice(1).replaceAll('/', '--')
        await live.kubectl('create', 'deployment', name, `--image=${image}`)
        // The test takes it over, and what is taken over goes with the rest.
        return async () => {}
      },
      ...(cluster.containers
        ? {
            commands: {
              echo: (text) => ['echo', text],
              exit: (code) => ['sh', '-c', `exit ${code}`],
            },
          }
        : {}),
      nativePatch: { deployment: { spec: { revisionHistoryLimit: 3 } } },
    },
  )

  const { serverVersion } = JSON.parse(await live.kubectl('version', '--output=json'))
  const nodes = cluster.containers ? '' : ' with stand-ins for kubelets'
  test(`the engine is Kubernetes ${serverVersion.gitVersion}${nodes}`, () => {
    expect(serverVersion.gitVersion).toMatch(/^v\d+\.\d+/)
  })

  test(`all that is not asked of Kubernetes with ${cluster.name} is what it does not have`, () => {
    // Over TLS nobody on the way can tell a write, and so lose the answer to one.
    const reasons = notRun.filter(({ reason }) => !/capabilities|"lose"/.test(reason))
    expect(reasons.map(({ group }) => group)).toEqual(
      cluster.containers ? [] : expect.arrayContaining(['logs', 'exec']),
    )
  })
}

function asynchronous(undo: () => void): () => Promise<void> {
  return async () => undo()
}
