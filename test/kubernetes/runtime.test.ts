import type { AppId, LogLine, LogsOptions } from 'intermodal'
import { defineApp } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { adopted } from '../../adapters/kubernetes/adopt.ts'
import { withoutValue } from '../../adapters/kubernetes/errors.ts'
import { complaints, roomReasons } from '../../adapters/kubernetes/explain.ts'
import { describeNodes } from '../../adapters/kubernetes/nodes.ts'
import type { Pod } from '../../adapters/kubernetes/workload.ts'
import { call } from './calls.ts'
import { json, refuse } from './fake-api.ts'
import { storeAndAdapter } from './object-api.ts'

const ID = '/web' as AppId

function pod(name: string, uid: string | undefined, created = '2026-01-01T00:00:00Z') {
  return {
    kind: 'Pod',
    metadata: {
      name,
      labels: { 'intermodal.dev/name': 'web', 'pod-template-hash': 'h1' },
      creationTimestamp: created,
      ownerReferences: [{ kind: 'ReplicaSet', name: 'web-1', uid, controller: true }],
    },
    spec: { containers: [{ name: 'web', image: 'nginx:1' }] },
    status: { phase: 'Running', containerStatuses: [{ name: 'web', state: { running: {} } }] },
  }
}

async function withPods() {
  const world = await storeAndAdapter()
  const { store, adapter } = world
  await adapter.apply(defineApp({ id: ID, image: 'nginx:1' }), call())
  const live = store.get('deployments', 'web')
  const set = store.put('replicasets', {
    kind: 'ReplicaSet',
    metadata: {
      name: 'web-1',
      labels: { 'intermodal.dev/name': 'web', 'pod-template-hash': 'h1' },
      annotations: { 'deployment.kubernetes.io/revision': '1' },
      ownerReferences: [
        { kind: 'Deployment', name: 'web', uid: live?.metadata.uid, controller: true },
      ],
    },
    spec: { template: live?.spec?.template },
  })
  for (const name of ['web-1-a', 'web-1-b']) store.put('pods', pod(name, set.metadata.uid))
  const read = async (options: LogsOptions) => {
    const lines: LogLine[] = []
    for await (const line of adapter.logs?.(ID, options, call()) ?? []) lines.push(line)
    return lines
  }
  return { ...world, read }
}

describe('logs', () => {
  const stamped = (text: string) => `2026-01-01T00:00:01.500000000Z ${text}\n`

  it('are the lines of each instance, with their time', async () => {
    const { store, read } = await withPods()
    store.intervene = ({ path }, response) => {
      if (!path.endsWith('/log')) return undefined
      response.end(stamped(`from ${path.split('/').at(-2)}`) + stamped('last').trimEnd())
      return 'handled'
    }
    expect(await read({})).toEqual(
      ['web-1-a', 'web-1-b'].flatMap((instance) =>
        [`from ${instance}`, 'last'].map((text) => ({
          instance,
          stream: 'stdout',
          time: Date.UTC(2026, 0, 1, 0, 0, 1, 500),
          text,
        })),
      ),
    )
  })

  it('ask for as much as was asked for, of the main container', async () => {
    const { store, api, read } = await withPods()
    store.intervene = ({ path }, response) => {
      if (!path.endsWith('/log')) return undefined
      response.end()
      return 'handled'
    }
    await read({ instance: 'web-1-b', tail: 0, since: Date.UTC(2026, 0, 1), previous: true })
    const asked = api.asked.filter(({ path }) => path.endsWith('/log'))
    expect(asked).toHaveLength(1)
    expect(Object.fromEntries(asked[0]?.query ?? [])).toEqual({
      container: 'web',
      timestamps: 'true',
      previous: 'true',
      tailLines: '0',
      sinceTime: '2026-01-01T00:00:00.000Z',
    })
  })

  it('are none of an instance that has not started yet', async () => {
    const { store, read } = await withPods()
    store.intervene = ({ path }, response) => {
      if (!path.endsWith('/log')) return undefined
      refuse(response, 400, 'BadRequest', 'container "web" is waiting to start: ContainerCreating')
      return 'handled'
    }
    expect(await read({})).toEqual([])
  })

  it('say that the node does not answer', async () => {
    const { store, read } = await withPods()
    store.intervene = ({ path }, response) => {
      if (!path.endsWith('/log')) return undefined
      refuse(
        response,
        500,
        'InternalError',
        'Get "https://n1:10250/containerLogs/shop/x": dial tcp: timeout',
      )
      return 'handled'
    }
    await expect(read({})).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('node of the instance does not answer'),
    })
  })

  it('know no instance of that name', async () => {
    const { read } = await withPods()
    await expect(read({ instance: 'nobody' })).rejects.toMatchObject({ code: 'APP_NOT_FOUND' })
  })

  it('are followed until the reader has had enough', async () => {
    const { store, adapter } = await withPods()
    store.intervene = ({ path, query }, response) => {
      if (path.endsWith('/log')) response.write(stamped(`from ${path.split('/').at(-2)}`))
      else if (query.get('watch') === 'true') response.flushHeaders()
      else return undefined
      return 'handled'
    }
    const controller = new AbortController()
    const reason = new Error('enough')
    const seen = new Set<string>()
    const reading = (async () => {
      for await (const { instance } of adapter.logs?.(
        ID,
        { follow: true },
        call(controller.signal),
      ) ?? []) {
        seen.add(instance)
        if (seen.size === 2) controller.abort(reason)
      }
    })()
    await expect(reading).rejects.toBe(reason)
  })
})

describe('a command', () => {
  it('is refused with the right that is missing', async () => {
    const { store, adapter } = await withPods()
    store.intervene = ({ path }, response) => {
      if (!path.endsWith('/exec')) return undefined
      json(response, 403, {})
      return 'handled'
    }
    await expect(adapter.exec?.(ID, ['true'], {}, call())).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining(
        'no right to create pods/exec "web-1-a" in the namespace "shop"',
      ),
    })
  })
})

describe('ending an instance', () => {
  it('deletes exactly that pod', async () => {
    const { store, adapter } = await withPods()
    expect(await adapter.kill?.(ID, 'web-1-a', call())).toBe(true)
    expect(await adapter.kill?.(ID, 'web-1-a', call())).toBe(false)
    expect(store.names('pods')).toEqual(['web-1-b'])
  })
})

describe('nodes', () => {
  const node = (ready: string, unschedulable = false) => ({
    metadata: { name: 'n1', labels: { zone: 'a' } },
    spec: { unschedulable },
    status: {
      allocatable: { cpu: '2', memory: '4Gi', 'ephemeral-storage': '10Gi' },
      conditions: [{ type: 'Ready', status: ready }],
    },
  })
  const asking = (cpu: string, more: object = {}): Pod => ({
    metadata: { name: 'p' },
    spec: {
      nodeName: 'n1',
      containers: [{ name: 'a', resources: { requests: { cpu, memory: '1Gi' } } }],
      ...more,
    },
  })

  it('reserve what the scheduler counts: all containers together, or the largest before them', () => {
    const init = [{ name: 'i', resources: { requests: { cpu: '900m' } } }]
    const [described] = describeNodes(
      [node('True')],
      [asking('250m'), asking('100m', { initContainers: init })],
    )
    expect(described).toMatchObject({
      state: 'ready',
      attributes: { zone: 'a' },
      capacity: { cpu: 2000, memory: 4 * 2 ** 30 },
      reserved: { cpu: 1150, memory: 2 * 2 ** 30 },
    })
  })

  it.each([
    ['True', false, 'ready'],
    ['True', true, 'draining'],
    ['False', false, 'down'],
    ['Unknown', false, 'down'],
  ])('that are Ready=%s, cordoned: %s, are %s', (ready, cordoned, state) => {
    expect(describeNodes([node(ready, cordoned)], [])[0]?.state).toBe(state)
  })

  it('have less room than an instance needs, in numbers', () => {
    const nodes = describeNodes([node('True')], [asking('1500m')])
    expect(roomReasons([asking('1')], nodes, 0)).toMatchObject([
      { code: 'InsufficientCpu', message: 'needs 1 cpu, the emptiest node has 0.5', count: 1 },
    ])
    expect(roomReasons([asking('1')], describeNodes([node('False')], []), 0)).toMatchObject([
      { code: 'NoNodes' },
    ])
  })
})

describe('what controllers and nodes complain of', () => {
  it('is told once for all that say the same, the latest first', () => {
    const event = (reason: string, message: string, at: string) => ({
      metadata: { name: at },
      type: 'Warning',
      reason,
      message,
      count: 2,
      lastTimestamp: at,
    })
    const found = complaints([
      event('FailedMount', 'secret "x" not found', '2026-01-01T00:00:00Z'),
      event('FailedCreate', 'exceeded quota: small', '2026-01-01T00:00:02Z'),
      event('FailedMount', 'secret "x" not found', '2026-01-01T00:00:01Z'),
      { ...event('Pulled', 'fine', '2026-01-01T00:00:03Z'), type: 'Normal' },
    ])
    expect(found).toMatchObject([
      { code: 'QuotaExceeded', count: 2 },
      { code: 'SecretMissing', count: 4 },
    ])
  })
})

describe('what the server says of a value', () => {
  it.each([
    ['Invalid value: "a\\"b: c": must be short', 'must be short'],
    [
      'Invalid value: 70000: must be between 1 and 65535, inclusive',
      'must be between 1 and 65535, inclusive',
    ],
    [
      'Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"a":"b"}}: field is immutable',
      'field is immutable',
    ],
    [
      'Unsupported value: "Sometimes": supported values: "Always", "Never"',
      'supported values: "Always", "Never"',
    ],
    ['Duplicate value: "http"', 'duplicate value'],
    ['Required value', 'Required value'],
  ])('%s is told as: %s', (message, told) => {
    expect(withoutValue({ message })).toBe(told)
  })
})

describe('taking an object over', () => {
  it('makes every wish for it ours, and leaves what controllers write', () => {
    const status = {
      manager: 'kube-controller-manager',
      operation: 'Update',
      subresource: 'status',
      fieldsV1: { 'f:status': {} },
    }
    const entries = [
      {
        manager: 'helm',
        operation: 'Update',
        apiVersion: 'apps/v1',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      },
      {
        manager: 'kubectl',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        fieldsV1: { 'f:spec': { 'f:template': {} }, 'f:status': {} },
      },
      status,
    ]
    expect(adopted(entries)).toMatchObject([
      {
        manager: 'intermodal',
        operation: 'Apply',
        fieldsV1: { 'f:spec': { 'f:replicas': {}, 'f:template': {} } },
      },
      status,
    ])
    expect(adopted([status])).toBeUndefined()
  })
})
