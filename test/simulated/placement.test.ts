import { describe, expect, test } from 'vitest'
import { call, codes, setup, WEB } from './setup.ts'

const zones = [
  { name: 'a1', attributes: { zone: 'a', disk: 'ssd', rank: '1' } },
  { name: 'a2', attributes: { zone: 'a', disk: 'hdd', rank: '2' } },
  { name: 'b1', attributes: { zone: 'b', disk: 'hdd', rank: '3' }, pool: 'batch' },
]
const nodesOf = (instances: readonly { readonly node?: string | undefined }[]) =>
  instances.map(({ node }) => node).sort()

describe('a place', () => {
  test.each([
    [{ attribute: 'zone', op: 'in', values: ['b'] }, 'b1'],
    [{ attribute: 'zone', op: 'notIn', values: ['a'] }, 'b1'],
    [{ attribute: 'node.pool', op: 'exists' }, 'b1'],
    [{ attribute: 'disk', op: 'matches', values: ['s.*'] }, 'a1'],
    [{ attribute: 'node.name', op: 'notMatches', values: ['.1'] }, 'a2'],
    [{ attribute: 'rank', op: 'gt', values: ['2'] }, 'b1'],
    [{ attribute: 'rank', op: 'lt', values: ['2'] }, 'a1'],
  ] as const)('satisfies the rule %j', async (rule, node) => {
    const { deploy } = setup({ nodes: zones })
    const require = [{ ...rule, values: 'values' in rule ? [...rule.values] : [] }]
    const { instances } = await deploy({ replicas: 2, placement: { require } })
    expect(nodesOf(instances)).toEqual([node, node])
  })

  test('is on a preferred node while there is room, and elsewhere after that', async () => {
    const { deploy } = setup({ nodes: zones })
    const { instances } = await deploy({
      replicas: 3,
      resources: { requests: { cpu: 2 } },
      placement: { prefer: [{ attribute: 'disk', values: ['ssd'] }] },
    })
    expect(nodesOf(instances).slice(0, 2)).toEqual(['a1', 'a1'])
    expect(nodesOf(instances)[2]).not.toBe('a1')
  })

  test('is spread over the values of an attribute', async () => {
    const { deploy } = setup({ nodes: zones })
    const { instances } = await deploy({
      replicas: 4,
      placement: { spread: [{ by: 'zone' }] },
    })
    expect(instances.filter(({ node }) => node === 'b1')).toHaveLength(2)
  })

  test('is in the pool the app names', async () => {
    const { deploy } = setup({ nodes: zones })
    expect(nodesOf((await deploy({ placement: { pool: 'batch' } })).instances)).toEqual(['b1'])
  })

  test('is on a tainted node only for those who tolerate it', async () => {
    const taints = [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' as const }]
    const { apply, world, status, deploy } = setup({ nodes: [{ name: 'n', taints }] })
    await apply({})
    await world.advance('1s')
    expect(status().reasons[0]).toMatchObject({
      code: 'ConstraintUnsatisfied',
      message: 'of 1 ready nodes none is free of taints the app does not tolerate, such as gpu',
    })
    const { state } = await deploy({ placement: { tolerations: [{ key: 'gpu' }] } })
    expect(state).toBe('running')
  })

  test('that is not to be had is waited for, with the numbers', async () => {
    const { apply, adapter, world, status } = setup({ nodes: 2 })
    await apply({ resources: { requests: { cpu: 6 } } })
    await world.advance('1s')
    expect(status().state).toBe('waiting')
    expect(status().reasons).toMatchObject([
      { code: 'InsufficientCpu', message: 'needs 6 cpu, the emptiest node has 4' },
    ])
    expect(await adapter.explain?.(WEB, call)).toMatchObject([
      { message: 'node-1: needs 6 cpu, the emptiest node has 4' },
      { message: 'node-2: needs 6 cpu, the emptiest node has 4' },
    ])
    world.addNode({ name: 'big', cpu: 8 })
    await world.settle()
    expect(status()).toMatchObject({ state: 'running', reasons: [], instances: [{ node: 'big' }] })
  })

  test.each([
    [
      { resources: { requests: { memory: '9Gi' } } },
      'InsufficientMemory',
      'needs 9Gi memory, the emptiest node has 8Gi',
    ],
    [
      { resources: { requests: { disk: '1Ti' } } },
      'InsufficientDisk',
      'needs 1Ti disk, the emptiest node has 100Gi',
    ],
    [{ resources: { gpus: 1 } }, 'InsufficientGpu', 'needs 1 gpus, the emptiest node has 0'],
    [{ placement: { pool: 'x' } }, 'ConstraintUnsatisfied', 'of 1 ready nodes none is in pool x'],
    [
      { placement: { require: [{ attribute: 'zone', values: ['x'] }] } },
      'ConstraintUnsatisfied',
      'of 1 ready nodes none has zone in x',
    ],
    [
      { replicas: 2, placement: { maxPerNode: 1 } },
      'ConstraintUnsatisfied',
      'each of the 1 nodes that would do has its 1 already (maxPerNode)',
    ],
    [
      { replicas: 2, ports: [{ name: 'http', containerPort: 80, hostPort: 80 }] },
      'PortConflict',
      'port 80/tcp is taken on each of 1 nodes',
    ],
  ] as const)('%j is refused as %s', async (app, code, message) => {
    const { apply, world, status } = setup({ nodes: 1 })
    await apply(structuredClone(app) as object)
    await world.advance('10s')
    expect(status().reasons).toMatchObject([{ code, message }])
  })

  test('given back by one app is taken by another that waits', async () => {
    const { adapter, apply, world, status } = setup({ nodes: 1 })
    const resources = { requests: { cpu: 3 } } as const
    await apply({ resources })
    await world.settle()
    await apply({ id: '/shop/late', resources })
    await world.advance('5s')
    expect(status('/shop/late').state).toBe('waiting')
    await adapter.remove(WEB, call)
    await world.settle()
    expect(status('/shop/late').state).toBe('running')
  })

  test('has a port of its own where the engine may choose', async () => {
    const { deploy } = setup({ nodes: 1 })
    const ports = [{ name: 'http', containerPort: 80, hostPort: 'dynamic' as const }]
    const { instances } = await deploy({ replicas: 2, ports })
    expect(instances.map(({ addresses }) => addresses?.[0])).toEqual([
      'node-1:30000',
      'node-1:30001',
    ])
  })

  test('on no node at all is said so', async () => {
    const { apply, world, status } = setup({ nodes: 1 })
    world.node('node-1').kill()
    await apply({})
    await world.advance('1s')
    expect(codes(status())).toEqual(['NoNodes'])
  })
})

describe('a node', () => {
  test('that falls silent loses its instances; they are replaced after replaceAfter', async () => {
    const { deploy, world, status } = setup()
    await deploy({ replicas: 3, onUnreachable: { replaceAfter: '1m' } })
    world.node('node-1').kill()
    await world.advance('59s')
    expect(status()).toMatchObject({ state: 'degraded', counts: { ready: 2, unscheduled: 1 } })
    expect(codes(status())).toEqual(['NodeLost'])
    await world.advance('10s')
    expect(status()).toMatchObject({ state: 'running', counts: { ready: 3 } })
    expect(nodesOf(status().instances)).not.toContain('node-1')
  })

  test('that returns in time keeps its instances', async () => {
    const { deploy, world, status } = setup()
    const { instances } = await deploy({ replicas: 3 })
    world.node('node-1').kill()
    await world.advance('20s')
    world.node('node-1').restore()
    await world.settle()
    expect(status().instances.map(({ id }) => id)).toEqual(instances.map(({ id }) => id))
    expect(status()).toMatchObject({ state: 'running', reasons: [] })
  })

  test('that returns too late finds its instances replaced', async () => {
    const { deploy, world, status } = setup()
    await deploy({ replicas: 3 })
    world.node('node-1').kill()
    await world.advance('5m')
    world.node('node-1').restore()
    await world.settle()
    expect(status().counts).toMatchObject({ running: 3, overCapacity: 0 })
    expect(world.nodes()[0]).toMatchObject({ state: 'ready', reserved: { cpu: 0 } })
  })

  test('that is drained sends instances away no faster than disruption allows', async () => {
    const { deploy, world, status } = setup({ nodes: 2 })
    await deploy({ replicas: 4, disruption: { minAvailable: 3 } })
    world.node('node-1').drain()
    for (let tenth = 0; tenth < 200; tenth++) {
      expect(status().counts.ready).toBeGreaterThanOrEqual(3)
      await world.advance('100ms')
    }
    expect(nodesOf(status().instances)).toEqual(['node-2', 'node-2', 'node-2', 'node-2'])
    expect(world.nodes()[0]?.state).toBe('draining')
  })

  test('that is tainted sends away who does not tolerate it, or only for a while', async () => {
    const { deploy, world, status } = setup({ nodes: 2 })
    const tolerations = [{ key: 'maintenance', duration: '1m' as const }]
    await deploy({ replicas: 2 })
    await deploy({ id: '/shop/patient', replicas: 2, placement: { tolerations } })
    const undo = world.node('node-1').taint({ key: 'maintenance', effect: 'NoExecute' })
    await world.advance('30s')
    expect(nodesOf(status().instances)).toEqual(['node-2', 'node-2'])
    expect(nodesOf(status('/shop/patient').instances)).toEqual(['node-1', 'node-2'])
    await world.advance('30200ms')
    expect(status('/shop/patient').counts.stopping).toBe(1)
    undo()
    await world.settle()
    expect(status('/shop/patient').counts.ready).toBe(2)
  })

  test('that does not exist cannot be asked for', () => {
    expect(() => setup().world.node('nowhere')).toThrow(/there are node-1, node-2, node-3/)
  })
})
