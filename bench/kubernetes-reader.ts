// The other side of kubernetes.ts: follows the Deployments and pods of a namespace in one of three ways, and tells what that took.
import { readFile } from 'node:fs/promises'
import { Agent, request } from 'undici'
import { parse } from 'yaml'
import { retained } from './measure.ts'

export type Contender = 'ours' | 'informers' | 'bare'

/** `ready` once there is a first picture, then a place in time for each change, then what all of it took. */
export type Told =
  | {
      readonly type: 'ready'
      readonly picture: number
      readonly spent: number
      readonly heap: number
      readonly peak: number
    }
  | {
      readonly type: 'done'
      readonly seen: Readonly<Record<string, number>>
      readonly work: number
    }

interface Listener {
  /** The first picture is whole. */
  ready(): void
  /** A Deployment has these labels now. */
  changed(labels: Readonly<Record<string, string>> | undefined): void
}

const [contender = 'bare', kubeconfig = '', namespace = '', changes = '0'] = process.argv.slice(2)
const text = await readFile(kubeconfig, 'utf8')

const READERS: Readonly<Record<Contender, () => Promise<(listener: Listener) => void>>> = {
  async ours() {
    const { connect } = await import('intermodal')
    const { kubernetes } = await import('intermodal/kubernetes')
    const { KubeConfig } = await import('@kubernetes/client-node')
    new KubeConfig().loadFromString(text)
    return async ({ ready, changed }) => {
      const client = connect(kubernetes({ kubeconfig: text, namespace }))
      for await (const event of client.events()) {
        if (event.type === 'stream.synced') ready()
        if (event.type === 'app.changed') changed(event.status.labels)
      }
    }
  },
  async informers() {
    const { AppsV1Api, CoreV1Api, KubeConfig, makeInformer } = await import(
      '@kubernetes/client-node'
    )
    const config = new KubeConfig()
    config.loadFromString(text)
    return async ({ ready, changed }) => {
      const apps = config.makeApiClient(AppsV1Api)
      const core = config.makeApiClient(CoreV1Api)
      const deployments = makeInformer(
        config,
        `/apis/apps/v1/namespaces/${namespace}/deployments`,
        () => apps.listNamespacedDeployment({ namespace }),
      )
      const pods = makeInformer(config, `/api/v1/namespaces/${namespace}/pods`, () =>
        core.listNamespacedPod({ namespace }),
      )
      deployments.on('update', ({ metadata }) => changed(metadata?.labels))
      await Promise.all([deployments.start(), pods.start()])
      ready()
    }
  },
  async bare() {
    const { clusters, users } = parse(text)
    const { server, 'certificate-authority': authority } = clusters[0].cluster
    const dispatcher = new Agent({ connect: { ca: await readFile(authority, 'utf8') } })
    const headers = { authorization: `Bearer ${users[0].user.token}` }
    const get = async (path: string) =>
      (await request(`${server}${path}`, { dispatcher, headers })).body
    const list = async (path: string): Promise<string> => {
      for (let token = ''; ; ) {
        const body = await get(`${path}?limit=500&continue=${encodeURIComponent(token)}`)
        const { metadata } = JSON.parse(await body.text())
        if (!metadata.continue) return metadata.resourceVersion
        token = metadata.continue
      }
    }
    return async ({ ready, changed }) => {
      const paths = [
        `/apis/apps/v1/namespaces/${namespace}/deployments`,
        `/api/v1/namespaces/${namespace}/pods`,
      ]
      const versions = await Promise.all(paths.map(list))
      ready()
      const follow = async (path: string, index: number) => {
        let rest = ''
        for await (const chunk of await get(
          `${path}?watch=true&resourceVersion=${versions[index]}`,
        )) {
          const lines = (rest + chunk).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) {
            const { object } = JSON.parse(line)
            if (object.kind === 'Deployment') changed(object.metadata.labels)
          }
        }
      }
      paths.map(follow)
    }
  },
}

const start = await READERS[contender as Contender]()
const before = retained()
const began = performance.now()
let cpu = process.cpuUsage()
const seen: Record<string, number> = {}

start({
  ready() {
    const picture = performance.now() - began
    const spent = processorTime() / 1000
    const peak = process.resourceUsage().maxRSS / 1024
    const heap = (retained() - before) / 2 ** 20
    cpu = process.cpuUsage()
    tell({ type: 'ready', picture, spent, heap, peak })
  },
  changed(labels) {
    const change = labels?.change
    if (change === undefined || seen[change] !== undefined) return
    seen[change] = performance.timeOrigin + performance.now()
    if (Object.keys(seen).length < Number(changes)) return
    tell({ type: 'done', seen, work: processorTime() / Number(changes) })
    process.disconnect()
    setImmediate(() => process.exit())
  },
})

/** Microseconds since `cpu` was taken. */
function processorTime(): number {
  const { user, system } = process.cpuUsage(cpu)
  return user + system
}

function tell(told: Told): void {
  process.send?.(told)
}
