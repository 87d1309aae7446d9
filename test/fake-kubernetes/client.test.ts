import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { AppsV1Api, CoreV1Api, Exec, KubeConfig, Watch } from '@kubernetes/client-node'
import { createWorld } from 'intermodal/simulated'
import { fakeKubernetes } from 'intermodal/testing'
import { describe, expect, it } from 'vitest'
import { deployment } from './differential/specs.ts'

async function setup() {
  const world = createWorld({ clock: 'manual' })
  const fake = await fakeKubernetes({ world })
  const config = new KubeConfig()
  config.loadFromString(fake.kubeconfig)
  const [core, apps] = [config.makeApiClient(CoreV1Api), config.makeApiClient(AppsV1Api)]
  const namespace = 'default'
  const create = (name: string, image = 'shop/web:1') =>
    apps.createNamespacedDeployment({ namespace, body: deployment(name, {}, image) })
  return { world, fake, config, core, apps, namespace, create, [Symbol.asyncDispose]: fake.close }
}

describe('the fake Kubernetes, to client-node', () => {
  it('rolls a deployment out, and shows its pods', async () => {
    await using lab = await setup()
    const { world, core, apps, namespace, create } = lab
    await create('web')
    await world.advance('30s')
    const { status } = await apps.readNamespacedDeployment({ namespace, name: 'web' })
    expect(status).toMatchObject({ availableReplicas: 2, observedGeneration: 1 })
    const pods = await core.listNamespacedPod({ namespace, labelSelector: 'app=web' })
    expect(pods.items.map((pod) => pod.status?.phase)).toEqual(['Running', 'Running'])
  })

  it('tells a watch what changes, and refuses to go on from what is forgotten', async () => {
    await using lab = await setup()
    const { world, fake, config, core, namespace, create } = lab
    const { metadata } = await core.listNamespacedPod({ namespace })
    const from = { resourceVersion: metadata?.resourceVersion }
    await create('web')
    await world.advance('30s')
    const seen: string[] = []
    const enough = Promise.withResolvers<void>()
    const watch = new Watch(config)
    const abort = await watch.watch(
      '/api/v1/namespaces/default/pods',
      from,
      (type) => {
        seen.push(type)
        if (seen.filter((one) => one === 'MODIFIED').length > 2) enough.resolve()
      },
      () => {},
    )
    await enough.promise
    abort.abort()
    expect(seen.slice(0, 2)).toEqual(['ADDED', 'ADDED'])

    fake.compact()
    const late = Promise.withResolvers<unknown>()
    await watch.watch(
      '/api/v1/namespaces/default/pods',
      from,
      (_, object) => late.resolve(object),
      () => {},
    )
    expect(await late.promise).toMatchObject({ code: 410, reason: 'Expired' })
  })

  it('crashes, runs out of memory and fails probes as levers say', async () => {
    await using lab = await setup()
    const { world, core, namespace, create } = lab
    world.app('/default/web').crashLoop({ exitCode: 3, after: '1s' })
    world.app('/default/fat').oom({ after: '1s' })
    await create('web')
    await create('fat')
    await world.advance('1m')
    const stateOf = async (app: string) => {
      const { items } = await core.listNamespacedPod({ namespace, labelSelector: `app=${app}` })
      const [container] = items[0]?.status?.containerStatuses ?? []
      return [container?.state?.waiting?.reason, container?.lastState?.terminated]
    }
    expect(await stateOf('web')).toEqual([
      'CrashLoopBackOff',
      expect.objectContaining({ exitCode: 3 }),
    ])
    expect(await stateOf('fat')).toEqual([
      'CrashLoopBackOff',
      expect.objectContaining({ exitCode: 137, reason: 'OOMKilled' }),
    ])
  })

  it('moves pods from a node that is lost, once they may', async () => {
    await using lab = await setup()
    const { world, core, namespace, create } = lab
    await create('web')
    await world.advance('30s')
    const before = await core.listNamespacedPod({ namespace })
    const node = before.items[0]?.spec?.nodeName as string
    world.node(node).kill()
    await world.advance('1m')
    const { status, spec } = await core.readNode({ name: node })
    expect(status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'Unknown',
    })
    expect(spec?.taints?.map(({ key }) => key)).toContain('node.kubernetes.io/unreachable')
    await world.advance('6m')
    const after = await core.listNamespacedPod({ namespace })
    const ready = after.items.filter((pod) =>
      pod.status?.conditions?.some(
        ({ type, status: holds }) => type === 'Ready' && holds === 'True',
      ),
    )
    expect(ready).toHaveLength(2)
    expect(ready.map((pod) => pod.spec?.nodeName)).not.toContain(node)
  })

  it('gives logs, and runs commands that say what they do', async () => {
    await using lab = await setup()
    const { world, fake, config, core, namespace, create } = lab
    await create('web')
    await world.advance('30s')
    const { items } = await core.listNamespacedPod({ namespace })
    const name = items[0]?.metadata?.name as string
    fake.log(name, 'listening')
    expect(await core.readNamespacedPodLog({ namespace, name })).toBe('listening\n')
    const stdout = new PassThrough()
    const ended = Promise.withResolvers<unknown>()
    const printed = text(stdout)
    await new Exec(config).exec(
      namespace,
      name,
      'main',
      ['echo', 'hello'],
      stdout,
      null,
      null,
      false,
      ended.resolve,
    )
    expect(await ended.promise).toMatchObject({ status: 'Success' })
    stdout.end()
    expect(await printed).toBe('hello\n')
  })

  it('lets in whom it is told to, and to what', async () => {
    await using lab = await setup()
    const { fake, core, namespace } = lab
    fake.auth = { forbidden: [{ verb: 'list', resource: 'pods' }] }
    await expect(core.listNamespacedPod({ namespace })).rejects.toMatchObject({ code: 403 })
    fake.auth = { tokens: ['another'] }
    await expect(core.listNamespacedService({ namespace })).rejects.toMatchObject({ code: 401 })
  })

  it('empties a namespace before it is gone', async () => {
    await using lab = await setup()
    const { world, core, apps } = lab
    await core.createNamespace({ body: { metadata: { name: 'shop' } } })
    await world.advance('1s')
    const body = { metadata: { name: 'settings' }, data: { a: '1' } }
    await core.createNamespacedConfigMap({ namespace: 'shop', body })
    await apps.createNamespacedDeployment({ namespace: 'shop', body: deployment('web') })
    await world.advance('10s')
    await core.deleteNamespace({ name: 'shop' })
    await expect(core.createNamespacedConfigMap({ namespace: 'shop', body })).rejects.toMatchObject(
      { code: 403 },
    )
    await world.advance('1m')
    await expect(core.readNamespace({ name: 'shop' })).rejects.toMatchObject({ code: 404 })
  })
})
