import { type AppInput, type AppStatus, defineApp } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { removedStatus, statusOf } from '../../adapters/swarm/status.ts'
import { translate } from '../../adapters/swarm/translate.ts'
import type { Node, Service, ServiceSpec, Task, TaskState } from '../../adapters/swarm/wire.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')

function ago(seconds: number): string {
  return new Date(NOW - seconds * 1000).toISOString()
}

function spec(input: object = {}): ServiceSpec {
  const app = defineApp({ id: '/shop/web', image: 'web:1', replicas: 1, ...input } as AppInput)
  return translate(app).native.service
}

function service(Spec: ServiceSpec, more: Partial<Service> = {}): Service {
  return {
    ID: 's1',
    Version: { Index: 10 },
    CreatedAt: ago(3600),
    UpdatedAt: ago(60),
    Spec,
    ...more,
  }
}

let count = 0
function task(
  from: ServiceSpec,
  State: TaskState,
  more: Partial<Task> & {
    readonly seconds?: number
    readonly err?: string
    readonly slot?: number
  } = {},
): Task {
  const { seconds = 30, err, slot = 1, ...rest } = more
  const terminal = ['complete', 'failed', 'rejected', 'shutdown'].includes(State)
  return {
    ID: `t${++count}`,
    Version: { Index: 11 },
    CreatedAt: ago(seconds + 1),
    UpdatedAt: ago(seconds),
    Spec: from.TaskTemplate,
    ServiceID: 's1',
    Slot: slot,
    NodeID: 'n1',
    DesiredState: terminal ? 'shutdown' : 'running',
    Status: { State, Timestamp: ago(seconds), ...(err ? { Err: err } : {}) },
    ...rest,
  }
}

function node(more: Partial<Node> = {}): Node {
  return {
    ID: 'n1',
    Version: { Index: 1 },
    CreatedAt: ago(9000),
    UpdatedAt: ago(9000),
    Spec: { Availability: 'active' },
    Description: { Hostname: 'alpha', Resources: { NanoCPUs: 2e9, MemoryBytes: 4 * 2 ** 30 } },
    Status: { State: 'ready' },
    ...more,
  }
}

function look(
  row: Service,
  tasks: readonly Task[],
  more: { nodes?: readonly Node[]; previous?: AppStatus; at?: number } = {},
): AppStatus {
  return statusOf({
    service: row,
    tasks,
    nodes: more.nodes ?? [node()],
    observed: { at: more.at ?? NOW, source: 'poll', stale: false },
    previous: more.previous,
  })
}

describe('an app of ours', () => {
  it('goes by its own id, labels and revision', () => {
    const wanted = spec({ labels: { tier: 'front' }, annotations: { note: 'a b' } })
    const status = look(service(wanted), [task(wanted, 'running')])
    expect(status).toMatchObject({
      id: '/shop/web',
      managed: true,
      state: 'running',
      labels: { tier: 'front' },
      generation: { desired: 10, observed: 10 },
      createdAt: NOW - 3_600_000,
      revision: wanted.Labels?.['intermodal.revision'],
    })
    expect(status.instances[0]).toMatchObject({
      revision: status.revision,
      node: 'alpha',
      slot: '1',
    })
  })

  it('knows old instances by the revision they carry', () => {
    const [old, wanted] = [spec({ image: 'web:1' }), spec({ image: 'web:2' })]
    const status = look(service(wanted), [task(old, 'running')])
    expect(status.instances[0]?.revision).toBe(old.Labels?.['intermodal.revision'])
    expect(status).toMatchObject({
      state: 'deploying',
      counts: { updated: 0, ready: 0, running: 1 },
    })
  })

  it('tells instances from before a restart apart, though they are of the same revision', () => {
    const before = spec()
    const after = { ...before, TaskTemplate: { ...before.TaskTemplate, ForceUpdate: 1 } }
    const status = look(service(after), [task(before, 'running')])
    expect(status.instances[0]?.revision).toMatch(new RegExp(`^${status.revision}~`))
    expect(status.counts).toMatchObject({ updated: 0, running: 1 })
  })

  it('takes placement and what the engine fills in for no difference', () => {
    const wanted = spec({ placement: { pool: 'worker' } })
    const { Placement: _, ...TaskTemplate } = wanted.TaskTemplate
    const filled = {
      ...wanted,
      TaskTemplate: { ...TaskTemplate, ForceUpdate: 0, Runtime: 'container' },
    }
    expect(look(service(wanted), [task(filled, 'running')]).counts.updated).toBe(1)
  })

  it('is up only after a while when no check vouches for it', () => {
    const wanted = spec()
    const young = [task(wanted, 'running', { seconds: 2 })]
    expect(look(service(wanted), young)).toMatchObject({
      state: 'deploying',
      rollout: { state: 'running' },
    })
    expect(look(service(wanted), young, { at: NOW + 4000 })).toMatchObject({
      state: 'running',
      rollout: { state: 'succeeded' },
    })
    const checked = spec({ probes: { readiness: { type: 'exec', command: ['x'] } } })
    expect(look(service(checked), [task(checked, 'running', { seconds: 0 })])).toMatchObject({
      state: 'running',
      counts: { healthy: 1 },
    })
  })

  it('that was up and lost an instance is degraded, not deploying', () => {
    const wanted = spec({ replicas: 2 })
    const up = [task(wanted, 'running'), task(wanted, 'running', { slot: 2 })]
    const previous = look(service(wanted), up)
    const err = 'task: non-zero exit (3)'
    const now = [
      up[0] as Task,
      task(wanted, 'failed', { slot: 2, seconds: 1, err }),
      task(wanted, 'assigned', { slot: 2, seconds: 0 }),
    ]
    expect(look(service(wanted), now, { previous })).toMatchObject({
      state: 'degraded',
      rollout: { state: 'succeeded' },
      reasons: [{ code: 'ExitNonZero', message: 'exit code 3' }],
    })
  })

  it('whose one check is the readiness probe fails by that name', () => {
    const probe = { type: 'http', port: 80 }
    const err = 'task: non-zero exit (137): dockerexec: unhealthy container'
    const reason = (input: object) => {
      const wanted = spec(input)
      return look(service(wanted), [task(wanted, 'failed', { err, seconds: 1 })]).reasons[0]?.code
    }
    expect(reason({ probes: { readiness: probe } })).toBe('ReadinessFailed')
    expect(reason({ probes: { liveness: probe } })).toBe('LivenessFailed')
  })

  it('on a node that does not answer is lost, and unknown while a manager changes', () => {
    const wanted = spec({ probes: { readiness: { type: 'exec', command: ['x'] } } })
    const tasks = [task(wanted, 'running')]
    const at = (State: Node['Status']['State']) =>
      look(service(wanted), tasks, { nodes: [node({ Status: { State } })] }).instances[0]
    expect(at('down')).toMatchObject({ state: 'lost', ready: false, reason: { code: 'NodeLost' } })
    expect(at('unknown')).toMatchObject({ state: 'running', health: 'unknown' })
    expect(at('ready')).toMatchObject({ state: 'running', health: 'healthy' })
  })

  it('says what it needs and what the largest node has', () => {
    const err = 'no suitable node (insufficient resources on 1 node)'
    const wanted = spec({ resources: { requests: { cpu: 16, memory: '64Mi' } } })
    expect(look(service(wanted), [task(wanted, 'pending', { err })]).reasons).toMatchObject([
      {
        code: 'InsufficientCpu',
        message:
          'no suitable node: insufficient resources on 1 node: needs 16 cpu, 64Mi memory; the largest node has 2 cpu, 4.0Gi memory',
      },
    ])
    const large = spec({ resources: { requests: { cpu: 1, memory: '64Gi' } } })
    expect(look(service(large), [task(large, 'pending', { err })]).reasons[0]?.code).toBe(
      'InsufficientMemory',
    )
  })

  it('names the main one of several reasons to find no place', () => {
    const wanted = spec({ placement: { pool: 'manager' } })
    const err =
      'no suitable node (2 nodes not available for new tasks; scheduling constraints not satisfied on 1 node)'
    expect(look(service(wanted), [task(wanted, 'pending', { err })]).reasons[0]).toMatchObject({
      code: 'ConstraintUnsatisfied',
      message: expect.stringContaining('(needs node.role==manager)'),
    })
    const drained = 'no suitable node (3 nodes not available for new tasks)'
    expect(
      look(service(wanted), [task(wanted, 'pending', { err: drained })]).reasons[0]?.code,
    ).toBe('NoNodes')
  })

  it.each([
    ['pull access denied for web, repository does not exist', 'RegistryAuth'],
    ['manifest for web:9 not found: manifest unknown', 'ImageNotFound'],
    [
      'Get "https://registry/v2/": dial tcp 10.0.0.1:443: connect: connection refused',
      'ImagePullFailed',
    ],
    ['secret reference x not found', 'SecretMissing'],
    ['something else', 'StartFailed'],
  ])('that is rejected with "%s" says %s', (err, code) => {
    const wanted = spec()
    expect(look(service(wanted), [task(wanted, 'rejected', { err })]).reasons[0]?.code).toBe(code)
  })

  it('never says that memory was the cause, only that it may have been', () => {
    const wanted = spec({ resources: { limits: { memory: '16Mi' } } })
    const err = 'task: non-zero exit (137)'
    expect(
      look(service(wanted), [task(wanted, 'failed', { err, seconds: 1 })]).reasons[0],
    ).toMatchObject({
      code: 'ExitNonZero',
      message: expect.stringContaining('perhaps'),
    })
  })

  it('gives up waiting for a successor after the delay and two seconds', () => {
    const wanted = spec({ restart: { delay: '3s' } })
    const tasks = [task(wanted, 'failed', { err: 'task: non-zero exit (1)', seconds: 4 })]
    expect(look(service(wanted), tasks).state).toBe('deploying')
    expect(look(service(wanted), tasks, { at: NOW + 2000 }).state).toBe('failed')
  })

  it('says why messages do not change with time alone', () => {
    const wanted = spec()
    const err = 'task: non-zero exit (1)'
    const tasks = [30, 20, 10].map((seconds) => task(wanted, 'failed', { err, seconds }))
    const live = task(wanted, 'starting', { seconds: 1 })
    const [now, later] = [NOW, NOW + 1000].map((at) =>
      look(service(wanted), [...tasks, live], { at }),
    )
    expect(now?.reasons[0]?.code).toBe('CrashLoop')
    expect(later?.reasons).toEqual(now?.reasons)
  })

  it('that is removed is deleting until its last instance has stopped', () => {
    const wanted = spec()
    const tasks = [task(wanted, 'running', { DesiredState: 'remove' })]
    const observed = { at: NOW, source: 'poll', stale: false } as const
    expect(removedStatus({ id: '/shop/web', tasks, nodes: [node()], observed })).toMatchObject({
      id: '/shop/web',
      state: 'deleting',
      image: 'web:1',
      counts: { desired: 0, stopping: 1 },
      instances: [{ state: 'stopping', node: 'alpha' }],
    })
  })
})
