import { describe, expect, it } from 'vitest'
import { placementReasons } from '../../adapters/swarm/explain.ts'
import { describeNodes } from '../../adapters/swarm/nodes.ts'
import type { Node, Service, Task } from '../../adapters/swarm/wire.ts'

const GIB = 2 ** 30
const date = '2026-11-22T12:00:00Z'
const stored = (ID: string) => ({ ID, Version: { Index: 1 }, CreatedAt: date, UpdatedAt: date })

function node(
  ID: string,
  change: { state?: 'ready' | 'down'; drain?: boolean; zone?: string } = {},
): Node {
  const { state = 'ready', drain = false, zone } = change
  return {
    ...stored(ID),
    Spec: {
      Role: 'worker',
      Availability: drain ? 'drain' : 'active',
      ...(zone ? { Labels: { zone } } : {}),
    },
    Description: {
      Hostname: `host-${ID}`,
      Platform: { OS: 'linux', Architecture: 'x86_64' },
      Resources: { NanoCPUs: 2_000_000_000, MemoryBytes: 4 * GIB },
    },
    Status: { State: state },
  }
}

const reserving = (cpus: number, memory = 0) => ({
  Resources: { Reservations: { NanoCPUs: cpus * 1e9, MemoryBytes: memory } },
})

function task(ServiceID: string, state: Task['Status']['State'], more: Partial<Task> = {}): Task {
  return {
    ...stored(`task-${ServiceID}`),
    ServiceID,
    Spec: {},
    DesiredState: 'running',
    Status: { State: state, Timestamp: date },
    ...more,
  }
}

function service(TaskTemplate: Service['Spec']['TaskTemplate']): Service {
  return { ...stored('web'), Spec: { Name: 'web', TaskTemplate } }
}

function explain(of: Service, Err: string, nodes: Node[], others: Task[] = []) {
  const pending = task(of.ID, 'pending', { Status: { State: 'pending', Timestamp: date, Err } })
  return placementReasons(of, [pending], nodes, describeNodes(nodes, others), Date.now())
}

describe('why there is no place', () => {
  it('says how many nodes each constraint leaves', () => {
    const of = service({
      Placement: { Constraints: ['node.labels.zone==east', 'node.platform.os == linux'] },
    })
    const nodes = [node('a', { zone: 'east' }), node('b', { zone: 'west' }), node('c')]
    const reasons = explain(of, 'no suitable node (scheduling constraints not satisfied)', nodes)
    expect(reasons).toEqual([
      {
        code: 'ConstraintUnsatisfied',
        message: 'node.labels.zone==east holds on 1 of 3 nodes',
        count: 1,
        since: Date.parse(date),
      },
    ])
  })

  it('says how much the emptiest node has, after what others have reserved', () => {
    const of = service(reserving(1.5, 3 * GIB))
    const others = [
      task('db', 'running', { NodeID: 'a', Spec: reserving(1, 2 * GIB) }),
      task('db', 'running', { NodeID: 'b', Spec: reserving(0.75, GIB / 2) }),
    ]
    const nodes = [node('a'), node('b'), node('c', { drain: true })]
    const reasons = explain(
      of,
      'no suitable node (insufficient resources on 2 nodes)',
      nodes,
      others,
    )
    expect(reasons.map(({ code, message }) => [code, message])).toEqual([
      ['InsufficientCpu', 'needs 1.5 cpu, the emptiest node has 1.25'],
    ])
  })

  it('says when no node takes work at all', () => {
    const nodes = [node('a', { state: 'down' }), node('b', { drain: true })]
    const [reason] = explain(service({}), 'no suitable node', nodes)
    expect(reason).toMatchObject({ code: 'NoNodes', message: expect.stringContaining('none of 2') })
  })

  it('says nothing of an app whose instances have their place', () => {
    const of = service({})
    const nodes = [node('a')]
    expect(
      placementReasons(of, [task('web', 'running')], nodes, describeNodes(nodes, []), Date.now()),
    ).toEqual([])
  })
})

describe('the nodes', () => {
  it('tell their room, what is reserved of it, and everything a constraint can name', () => {
    const running = [task('db', 'running', { NodeID: 'a', Spec: reserving(0.5, GIB) })]
    expect(describeNodes([node('a', { zone: 'east' })], running)).toEqual([
      {
        id: 'a',
        name: 'host-a',
        state: 'ready',
        attributes: {
          zone: 'east',
          'node.id': 'a',
          'node.name': 'host-a',
          'node.role': 'worker',
          'node.platform.os': 'linux',
          'node.platform.arch': 'x86_64',
        },
        capacity: { cpu: 2000, memory: 4 * GIB },
        reserved: { cpu: 500, memory: GIB },
      },
    ])
  })

  it('are draining or down when Swarm says so', () => {
    const nodes = [node('a', { drain: true }), node('b', { state: 'down' })]
    expect(describeNodes(nodes, []).map(({ state }) => state)).toEqual(['draining', 'down'])
  })
})
