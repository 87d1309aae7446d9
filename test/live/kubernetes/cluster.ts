import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type AppId, type AppInput, type AppStatus, type Call, connect } from 'intermodal'
import { type KubernetesOptions, kubernetes } from 'intermodal/kubernetes'
import { inject } from 'vitest'
import { kubectl, type LiveCluster } from '../engine/kubernetes/cluster.ts'
import type { TestCluster } from '../engine/kubernetes/setup.ts'

export type { TestCluster }

export const clusters = inject('clusters')
/** Those that tests may set rules on for everyone. */
export const ownClusters = clusters.filter(({ ours }) => ours)
export const withContainers = clusters.filter(({ containers }) => containers)
export const withStandIns = clusters.filter(({ containers }) => !containers)

/** What stays of an adapter's options once the cluster is known. */
export async function connection(cluster: Pick<LiveCluster, 'kubeconfig'>) {
  const directory = path.dirname(cluster.kubeconfig)
  const content = await readFile(cluster.kubeconfig, 'utf8')
  return { kubeconfig: [{ content, directory }] }
}

/** A client in a namespace of its own, which is removed with everything in it. */
export async function liveClient(
  cluster: Pick<LiveCluster, 'kubeconfig' | 'kubectl'> & { readonly ours?: boolean },
  options: KubernetesOptions = {},
) {
  const namespace = `intermodal-${randomBytes(4).toString('hex')}`
  await kubectl(cluster, ['create', 'namespace', namespace])
  const inside = (command: readonly string[], input?: string) =>
    kubectl(cluster, ['--namespace', namespace, ...command], input)
  // Pods made before it are refused, and tried again only later.
  await inside(['wait', '--for=create', 'serviceaccount/default', '--timeout=30s'])
  const adapter = kubernetes({ ...(await connection(cluster)), namespace, ...options })
  const client = connect(adapter, { name: 'live' })
  return {
    adapter,
    client,
    namespace,
    /** What kubectl prints, run in the namespace. */
    kubectl: (...command: string[]) => inside(command),
    /** The same for objects as YAML or JSON. */
    create: (objects: string) => inside(['create', '-f', '-'], objects),
    apply: (object: object, ...options: string[]) =>
      inside(['apply', ...options, '-f', '-'], JSON.stringify(object)),
    /** Follows until the status is as told; the time limit of the test ends it. */
    async until(id: AppId, holds: (status: AppStatus | undefined) => boolean): Promise<AppStatus> {
      const seen = new AbortController()
      let last: AppStatus | undefined
      try {
        for await (const change of adapter.watch({ ids: [id] }, stream(seen.signal))) {
          if (change.type === 'lost') throw change.error
          if (change.type === 'app') last = change.status
          if (change.type === 'gone') last = undefined
          if (change.type !== 'alive' && holds(last)) return last as AppStatus
        }
      } finally {
        seen.abort(new Error('seen'))
      }
      throw new Error('the watch ended')
    },
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      // A cluster that is thrown away need not be tidied up by anyone who waits for it.
      const wait = `--wait=${cluster.ours !== true}`
      await kubectl(cluster, ['delete', 'namespace', namespace, wait])
    },
  }
}

export type LiveClient = Awaited<ReturnType<typeof liveClient>>

export function call(milliseconds = 30_000): Call {
  return { signal: AbortSignal.timeout(milliseconds), deadline: Date.now() + milliseconds }
}

export function stream(signal: AbortSignal): Call {
  return { signal, deadline: Number.POSITIVE_INFINITY }
}

/** Serves `/` and `/health` on 8080 with any busybox. */
export const SERVER =
  'cd /tmp; echo 1 >index.html; echo fine >health; echo serving; exec httpd -f -p 8080 -h /tmp'

export const HTTP = [{ name: 'http', containerPort: 8080 }] as const

/** A small app that is up quickly, and gone as quickly; what is given goes over it. */
export function webApp(
  { images: [image] }: Pick<TestCluster, 'images'>,
  id: AppId,
  change: { readonly [K in keyof AppInput]?: AppInput[K] | undefined } = {},
): AppInput {
  return {
    id,
    image,
    ...(change.kind === 'job' ? {} : { shell: SERVER, replicas: 2 }),
    stop: { gracePeriod: '1s' },
    ...change,
  } as AppInput
}

export const isRunning = (status: AppStatus | undefined) => status?.state === 'running'

export function codes(status: AppStatus | undefined): string[] {
  return status?.reasons.map(({ code }) => code) ?? []
}
