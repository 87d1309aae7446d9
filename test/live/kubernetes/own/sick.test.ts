import { readFile } from 'node:fs/promises'
import { connect } from 'intermodal'
import { kubernetes } from 'intermodal/kubernetes'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { faultyProxy } from '../../engine/faulty-proxy.ts'
import { type BreakableCluster, kubectl, startStandIn } from '../../engine/kubernetes/cluster.ts'
import { codes, connection, isRunning, liveClient, stream, webApp } from '../cluster.ts'
import { lost, synced, tape } from '../tape.ts'

const IMAGES = ['127.0.0.1:9/app:1', '127.0.0.1:9/app:2', '127.0.0.1:9/app:absent'] as const
const cluster = { images: IMAGES }
let engine: BreakableCluster

beforeAll(async () => {
  engine = await startStandIn()
}, 1_500_000)

afterAll(async () => {
  await engine[Symbol.asyncDispose]()
})

const own = () => liveClient({ ...engine, ours: true })

/** The way to the cluster through a proxy that can be broken. */
async function throughProxy(namespace: string) {
  const config = parse(await readFile(engine.kubeconfig, 'utf8'))
  const proxy = await faultyProxy(config.clusters[0].cluster.server)
  config.clusters[0].cluster.server = proxy.host
  const [file] = (await connection(engine)).kubeconfig
  const kubeconfig = [{ content: stringify(config), directory: file?.directory }]
  const adapter = kubernetes({ kubeconfig, namespace })
  return {
    proxy,
    adapter,
    async [Symbol.asyncDispose]() {
      await adapter[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
    },
  }
}

describe('an apiserver that is stopped and started again', () => {
  it('is told by a watch as lost, then everything is there again and what happens next is seen', async () => {
    await using live = await own()
    const id = '/sick/stopped'
    await (await live.client.apply(webApp(cluster, id))).done()
    const stop = new AbortController()
    const watch = tape(live.adapter.watch({}, stream(stop.signal)))
    await watch.next(0, synced)

    await engine.halt('kube-apiserver')
    const gone = await watch.next(0, lost)
    expect(watch.seen[gone]).toMatchObject({ error: { code: 'UNAVAILABLE', retryable: true } })
    await expect(live.adapter.observe(id, stream(stop.signal))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
    await engine.run('kube-apiserver')
    const back = await watch.next(gone, synced)
    const again = watch.seen.slice(gone, back)
    expect(again.some((change) => change.type === 'app' && change.status.id === id)).toBe(true)
    await live.kubectl('scale', 'deployment/sick--stopped', '--replicas=3')
    await watch.next(back, (change) => change.type === 'app' && change.status.counts.ready === 3)
    expect(watch.seen.filter(lost)).toHaveLength(1)
    stop.abort(new Error('seen'))
    await expect(watch.ended).rejects.toThrow('seen')
  })

  it('does not end a rollout that is followed', async () => {
    await using live = await own()
    const id = '/sick/rolling'
    await (await live.client.apply(webApp(cluster, id))).done()
    const slow = { env: { START_DELAY: '1' } }
    const rollout = await live.client.apply(webApp(cluster, id, slow))
    const result = rollout.result()
    await engine.halt('kube-apiserver', 'KILL')
    await engine.run('kube-apiserver')
    expect(await result).toMatchObject({ outcome: 'succeeded', status: { state: 'running' } })
  })
})

describe('a proxy that cuts every connection again and again', () => {
  it('costs a watch a full picture each time, and nothing that happened', async () => {
    await using live = await own()
    await using through = await throughProxy(live.namespace)
    const id = '/sick/cut'
    await (await live.client.apply(webApp(cluster, id, { replicas: 0 }))).done()
    const stop = new AbortController()
    const watch = tape(through.adapter.watch({}, stream(stop.signal)))
    let at = await watch.next(0, synced)
    for (let replicas = 1; replicas <= 4; replicas++) {
      const restore = through.proxy.refuse()
      const cut = await watch.next(at, lost)
      await live.kubectl('scale', 'deployment/sick--cut', `--replicas=${replicas}`)
      restore()
      at = await watch.next(cut, synced)
      await watch.next(
        cut,
        (change) => change.type === 'app' && change.status.counts.ready === replicas,
      )
    }
    expect(watch.seen.filter(lost)).toHaveLength(4)
    stop.abort(new Error('seen'))
    await expect(watch.ended).rejects.toThrow('seen')
  })

  it('does not keep events from being whole, in order and without doubles', async () => {
    await using live = await own()
    await using through = await throughProxy(live.namespace)
    const id = '/sick/events'
    await (await live.client.apply(webApp(cluster, id))).done()
    await using client = connect(through.adapter)
    const events = client.events()
    const types: string[] = []
    const until = async (wanted: string) => {
      for await (const event of { [Symbol.asyncIterator]: () => ({ next: () => events.next() }) }) {
        types.push(event.type)
        if (event.type === wanted) return event
      }
      throw new Error('the events ended')
    }
    await until('stream.synced')
    const restore = through.proxy.refuse()
    await until('cluster.lost')
    await live.client.remove(id)
    await live.until(id, (status) => status === undefined)
    restore()
    await until('stream.gap')
    expect(await until('app.removed')).toMatchObject({ app: id })
    await until('stream.synced')
    expect(types.filter((type) => type === 'app.removed')).toHaveLength(1)
    expect(types.filter((type) => type === 'app.added')).toHaveLength(1)
  })

  it('does not end a rollout that is followed', async () => {
    await using live = await own()
    await using through = await throughProxy(live.namespace)
    const id = '/sick/through'
    await using client = connect(through.adapter)
    const slow = { env: { START_DELAY: '1' } }
    const rollout = await client.apply(webApp(cluster, id, slow))
    for await (const { type } of rollout) if (type === 'progress') await through.proxy.cut()
    expect(await rollout.result()).toMatchObject({ outcome: 'succeeded' })
  })
})

describe('an etcd that stops', () => {
  it('costs a write its time limit; asked again, the app is as wanted', async () => {
    await using live = await own()
    const id = '/sick/store'
    await (await live.client.apply(webApp(cluster, id))).done()
    const update = webApp(cluster, id, { image: IMAGES[1] })
    await engine.freeze('etcd')
    try {
      await expect(live.client.apply(update, { timeout: '3s' })).rejects.toMatchObject({
        code: expect.stringMatching(/^(TIMEOUT|UNAVAILABLE)$/),
        retryable: true,
      })
    } finally {
      await engine.thaw('etcd')
    }
    const { status } = await (await live.client.apply(update)).done()
    expect(status).toMatchObject({ state: 'running', image: IMAGES[1] })
  })

  it('and is started again loses no app and no watch', async () => {
    await using live = await own()
    const id = '/sick/restored'
    await (await live.client.apply(webApp(cluster, id))).done()
    const stop = new AbortController()
    const watch = tape(live.adapter.watch({}, stream(stop.signal)))
    const first = await watch.next(0, synced)
    await engine.halt('etcd', 'KILL')
    await engine.run('etcd')
    for (;;) {
      const scaled = await live.kubectl('scale', 'deployment/sick--restored', '--replicas=3').then(
        () => true,
        () => false,
      )
      if (scaled) break
    }
    await watch.next(first, (change) => change.type === 'app' && change.status.counts.ready === 3)
    stop.abort(new Error('seen'))
    await expect(watch.ended).rejects.toThrow('seen')
  })
})

describe('an apiserver that takes calls and answers nothing (SIGSTOP)', () => {
  it('costs a call its time limit, then works again', async () => {
    await using live = await own()
    const id = '/sick/frozen'
    await (await live.client.apply(webApp(cluster, id))).done()
    await engine.freeze('kube-apiserver')
    try {
      await expect(live.client.status(id, { timeout: '2s' })).rejects.toMatchObject({
        code: 'TIMEOUT',
        retryable: true,
      })
    } finally {
      await engine.thaw('kube-apiserver')
    }
    expect(isRunning(await live.until(id, isRunning))).toBe(true)
  })
})

describe('a control plane without its controllers', () => {
  it('leaves an update where it is: never running before the controller has seen it', async () => {
    await using live = await own()
    const id = '/sick/unseen'
    await (await live.client.apply(webApp(cluster, id))).done()
    await engine.halt('kube-controller-manager')
    try {
      const rollout = await live.client.apply(webApp(cluster, id, { image: IMAGES[1] }))
      const status = await live.client.status(id)
      expect(status?.state).not.toBe('running')
      expect(status?.generation.observed).toBeLessThan(status?.generation.desired ?? 0)
      await engine.run('kube-controller-manager')
      expect(await rollout.result()).toMatchObject({ outcome: 'succeeded' })
    } finally {
      const processes = await kubectl(engine, ['get', '--raw', '/readyz'])
      expect(processes).toBe('ok')
    }
  })
})

describe('a node that is lost', () => {
  it('is told, and its instances are made up for elsewhere', async () => {
    await using live = await own()
    const id = '/with/nodes'
    const { status } = await (await live.client.apply(webApp(cluster, id))).done()
    const [victim] = status?.instances ?? []
    const node = victim?.node ?? ''
    const SILENT = 'stand-in.test/silent'
    await live.kubectl('annotate', 'node', node, `${SILENT}=true`)
    try {
      await live.until(id, (now) => {
        const lost = now?.instances.find((instance) => instance.id === victim?.id)
        return lost !== undefined && !lost.ready && lost.reason?.code === 'NodeLost'
      })
      const nodes = await live.client.nodes()
      expect(nodes.find(({ name }) => name === node)?.state).toMatch(/down|unknown/)
      const healed = await live.until(
        id,
        (now) =>
          now?.counts.ready === 2 &&
          now.instances.filter(({ ready }) => ready).every((one) => one.node !== node),
      )
      expect(codes(healed).filter((code) => code === 'InsufficientCpu')).toEqual([])
    } finally {
      await live.kubectl('annotate', 'node', node, `${SILENT}-`)
    }
    await live.until(
      id,
      (now) =>
        isRunning(now) && now?.instances.every((instance) => instance.id !== victim?.id) === true,
    )
  })
})
