import { type AppInput, defineApp, isApp } from 'intermodal'
import { describe, expect, test } from 'vitest'
import { WHOLE } from './whole-app.ts'

const plain = (change: Partial<AppInput> = {}) =>
  defineApp({ id: '/shop/web', image: 'x', ...change })
const budgets = (change: Partial<AppInput>) => {
  const { maxUnavailable, maxSurge } = plain(change).update
  return { maxUnavailable, maxSurge }
}

describe('defineApp', () => {
  test('fills in every documented default', () => {
    expect(plain()).toEqual({
      id: '/shop/web',
      kind: 'service',
      image: 'x',
      env: {},
      files: {},
      resources: {},
      ports: [],
      probes: {},
      volumes: {},
      placement: { require: [], prefer: [], spread: [] },
      update: {
        strategy: 'rolling',
        maxUnavailable: 0,
        maxSurge: 1,
        minReadyTime: 0,
        progressDeadline: 600_000,
        onFailure: 'pause',
      },
      restart: { condition: 'always' },
      stop: {},
      dependsOn: {},
      sidecars: {},
      init: [],
      labels: {},
      annotations: {},
    })
  })

  test('leaves replicas absent, so that the live count stays', () => {
    expect(plain()).not.toHaveProperty('replicas')
  })

  test('keeps cores as millicores, sizes as bytes and durations as milliseconds', () => {
    const app = defineApp(WHOLE)
    expect(app.resources).toEqual({
      requests: { cpu: 250, memory: 2 ** 28, disk: 2 ** 30 },
      limits: { cpu: 500, memory: 2 ** 29, disk: 2 ** 31 },
      gpus: 1,
    })
    expect(app.probes.liveness).toMatchObject({ interval: 10_000, startPeriod: 60_000 })
    expect(app.onUnreachable).toEqual({ replaceAfter: 300_000, expungeAfter: 3_600_000 })
  })

  test('gives a probe its timing', () => {
    expect(
      plain({ probes: { liveness: { type: 'exec', command: ['true'] } } }).probes.liveness,
    ).toEqual({
      type: 'exec',
      command: ['true'],
      interval: 10_000,
      timeout: 5000,
      failureThreshold: 3,
      successThreshold: 1,
      initialDelay: 0,
      startPeriod: 0,
    })
  })

  test('resolves dependencies next to the app', () => {
    expect(defineApp(WHOLE).dependsOn).toEqual({ '/shop/db': 'healthy', '/infra/dns': 'started' })
  })

  test('drops what is for editors', () => {
    expect(defineApp(WHOLE)).not.toHaveProperty('$schema')
  })

  test('returns an app it made as it is', () => {
    const app = plain()
    expect(defineApp(app)).toBe(app)
    expect(isApp(app)).toBe(true)
    expect(isApp({ ...app })).toBe(false)
  })

  test('freezes what it returns and nothing of what it was given', () => {
    const native = { swarm: { TaskTemplate: { ForceUpdate: 1 } } }
    const app = plain({ native })
    expect(Object.isFrozen(app.native?.swarm)).toBe(true)
    native.swarm.TaskTemplate.ForceUpdate = 2
    expect(app.native).toEqual({ swarm: { TaskTemplate: { ForceUpdate: 1 } } })
  })

  test('exposes a port to other apps only, unless it has a place on the node', () => {
    const ports = plain({
      ports: [
        { name: 'a', containerPort: 1 },
        { name: 'b', containerPort: 2, hostPort: 'dynamic' },
      ],
    }).ports
    expect(ports.map((port) => port.exposure)).toEqual(['internal', 'node'])
  })

  test('restarts jobs on failure only, and completes them once', () => {
    expect(plain({ kind: 'job' })).toMatchObject({
      restart: { condition: 'onFailure' },
      job: { completions: 1, parallelism: 1 },
    })
  })
})

describe('the budgets of an update', () => {
  const fixedPort = [{ name: 'a', containerPort: 1, hostPort: 80 }]

  test.each<[when: string, change: Partial<AppInput>, expected: object]>([
    ['there is room', {}, { maxUnavailable: 0, maxSurge: 1 }],
    ['a host port is fixed', { ports: fixedPort }, { maxUnavailable: 1, maxSurge: 0 }],
    ['the app is stateful', { kind: 'stateful' }, { maxUnavailable: 1, maxSurge: 0 }],
    ['the app is a daemon', { kind: 'daemon' }, { maxUnavailable: 1, maxSurge: 0 }],
    ['it recreates', { update: { strategy: 'recreate' } }, { maxUnavailable: '100%', maxSurge: 0 }],
    ['only a surge is given', { update: { maxSurge: 2 } }, { maxUnavailable: 0, maxSurge: 2 }],
    ['no surge is given', { update: { maxSurge: 0 } }, { maxUnavailable: 1, maxSurge: 0 }],
    [
      'only missing ones are given',
      { update: { maxUnavailable: '25%' } },
      { maxUnavailable: '25%', maxSurge: 0 },
    ],
    ['none may be missing', { update: { maxUnavailable: 0 } }, { maxUnavailable: 0, maxSurge: 1 }],
  ])('when %s', (_, change, expected) => {
    expect(budgets(change)).toEqual(expected)
  })
})
