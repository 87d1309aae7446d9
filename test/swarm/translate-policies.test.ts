import { type AppInput, defineApp, type Loss } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { translate } from '../../adapters/swarm/translate.ts'
import { updateBudget } from '../../adapters/swarm/update-config.ts'
import type { ServiceSpec } from '../../adapters/swarm/wire.ts'

const base = { id: '/shop/web', image: 'web:1' } as const

function native(input: object, options?: Parameters<typeof translate>[1]) {
  return translate(defineApp({ ...base, ...input } as AppInput), options).native
}

function service(input: object, options?: Parameters<typeof translate>[1]): ServiceSpec {
  return native(input, options).service
}

function container(input: object) {
  return service(input).TaskTemplate.ContainerSpec
}

function losses(
  input: object,
  options?: Parameters<typeof translate>[1],
): Record<string, Loss['kind']> {
  const found = translate(defineApp({ ...base, ...input } as AppInput), options).losses
  return Object.fromEntries(found.map(({ path, kind }) => [path, kind]))
}

describe('networks and ports', () => {
  it('give apps of a group a network on which each goes by its name', () => {
    const { service, networks } = native({ network: { names: ['back'], aliases: ['www'] } })
    expect(networks).toEqual([
      { Name: 'intermodal_shop', Driver: 'overlay', Labels: { 'intermodal.group': '/shop' } },
    ])
    expect(service.TaskTemplate.Networks).toEqual([
      { Target: 'intermodal_shop', Aliases: ['web', 'www'] },
      { Target: 'back', Aliases: ['web', 'www'] },
    ])
  })

  it("leave the group when the instance is on the node's own network", () => {
    const { service, networks } = native({ network: { mode: 'host' } })
    expect(networks).toEqual([])
    expect(service.TaskTemplate.Networks).toEqual([{ Target: 'host' }])
  })

  it('are reached by every address, unless a port is on every node or the adapter says so', () => {
    const port = { name: 'http', containerPort: 8080 }
    expect(service({ ports: [port] }).EndpointSpec).toEqual({ Mode: 'dnsrr' })
    expect(service({ ports: [port] }, { endpointMode: 'vip' }).EndpointSpec).toEqual({
      Mode: 'vip',
    })
    expect(service({ ports: [{ ...port, exposure: 'cluster' }] }).EndpointSpec?.Mode).toBe('vip')
  })

  it('publish what is exposed, where it is exposed', () => {
    const ports = [
      { name: 'a', containerPort: 1 },
      { name: 'b', containerPort: 2, hostPort: 20 },
      { name: 'c', containerPort: 3, hostPort: 'dynamic' },
      { name: 'd', containerPort: 4, exposure: 'public', servicePort: 80 },
    ]
    const published = service({ ports }).EndpointSpec?.Ports
    expect(published).toEqual([
      { Name: 'b', Protocol: 'tcp', TargetPort: 2, PublishedPort: 20, PublishMode: 'host' },
      { Name: 'c', Protocol: 'tcp', TargetPort: 3, PublishMode: 'host' },
      { Name: 'd', Protocol: 'tcp', TargetPort: 4, PublishedPort: 80, PublishMode: 'ingress' },
    ])
  })
})

describe('a health check', () => {
  it('is the exec probe as it is', () => {
    const probe = {
      type: 'exec',
      command: ['check', '-x'],
      interval: '3s',
      timeout: '2s',
      failureThreshold: 5,
      startPeriod: '7s',
    }
    const input = { probes: { liveness: probe, readiness: probe } }
    expect(container(input)?.Healthcheck).toEqual({
      Test: ['CMD', 'check', '-x'],
      Interval: 3e9,
      Timeout: 2e9,
      Retries: 5,
      StartPeriod: 7e9,
    })
    expect(losses(input)).toEqual({})
  })

  it('asks by wget or curl for an http probe, and says what that needs', () => {
    const input = {
      ports: [{ name: 'http', containerPort: 8080 }],
      probes: {
        readiness: { type: 'http', path: "/it's", host: 'shop.example', headers: { A: 'b c' } },
      },
    }
    expect(container(input)?.Healthcheck?.Test).toEqual([
      'CMD-SHELL',
      `if command -v wget >/dev/null 2>&1; then wget -q -O /dev/null --header 'Host: shop.example' --header 'A: b c' 'http://127.0.0.1:8080/it'\\''s'; else curl -fsSL -o /dev/null -H 'Host: shop.example' -H 'A: b c' 'http://127.0.0.1:8080/it'\\''s'; fi || exit 1`,
    ])
    expect(losses(input)).toEqual({
      '/probes/readiness': 'approximated',
      '/probes/readiness/type': 'approximated',
    })
  })

  it('is the liveness probe before readiness and startup, and gives a start its time', () => {
    const exec = (name: string, more = {}) => ({ type: 'exec', command: [name], ...more })
    const check = container({
      probes: {
        liveness: exec('live', { initialDelay: '1s', startPeriod: '2s' }),
        readiness: exec('ready'),
        startup: exec('start', { interval: '5s', failureThreshold: 4 }),
      },
    })?.Healthcheck
    expect(check).toMatchObject({ Test: ['CMD', 'live'], StartPeriod: 20e9 })
    expect(
      container({ probes: { readiness: exec('ready'), startup: exec('start') } })?.Healthcheck
        ?.Test,
    ).toEqual(['CMD', 'ready'])
    expect(container({ probes: { startup: exec('start') } })?.Healthcheck?.Test).toEqual([
      'CMD',
      'start',
    ])
  })

  it('tells every difference', () => {
    const probe = { type: 'exec', command: ['x'], successThreshold: 2, initialDelay: '1s' }
    expect(
      losses({ probes: { liveness: probe, readiness: { ...probe, command: ['y'] } } }),
    ).toEqual({
      '/probes/liveness': 'approximated',
      '/probes/readiness': 'approximated',
      '/probes/liveness/successThreshold': 'approximated',
      '/probes/liveness/initialDelay': 'approximated',
      '/probes/readiness/successThreshold': 'approximated',
    })
  })
})

describe('an update', () => {
  it.each([
    [{ maxSurge: 1, maxUnavailable: 0 }, 3, 1, 'start-first'],
    [{ maxSurge: '50%', maxUnavailable: 0 }, 3, 2, 'start-first'],
    [{ maxSurge: 0, maxUnavailable: '50%' }, 3, 1, 'stop-first'],
    [{ maxSurge: 0, maxUnavailable: '10%' }, 3, 1, 'stop-first'],
    [{ maxSurge: 0, maxUnavailable: '100%' }, 3, 3, 'stop-first'],
    [{ maxSurge: 0, maxUnavailable: '50%' }, 0, 1, 'stop-first'],
    [{ maxSurge: 3, maxUnavailable: 0, batchSize: 2 }, 6, 2, 'start-first'],
    [{ maxSurge: 2, maxUnavailable: 5 }, 6, 2, 'start-first'],
    [{ strategy: 'recreate', maxSurge: 0, maxUnavailable: '100%' }, 3, 0, 'stop-first'],
  ] as const)(
    'with %o of %i replicas replaces %i at a time, %s',
    (update, replicas, parallelism, order) => {
      const budget = updateBudget({ strategy: 'rolling', ...update }, replicas)
      expect(budget).toEqual({ parallelism, order })
    },
  )

  it('takes percentages of the live count when the app does not say one', () => {
    const update = { maxSurge: '25%' }
    expect(service({ update }, { replicas: 8 }).UpdateConfig?.Parallelism).toBe(2)
    expect(service({ update }, { replicas: 0 }).UpdateConfig?.Parallelism).toBe(1)
    expect(losses({ update, replicas: 8 })).toEqual({ '/update/maxSurge': 'approximated' })
  })

  it('never comes out as all at once by accident', () => {
    for (const maxUnavailable of ['1%', '0%', 1] as const) {
      const update = maxUnavailable === '0%' ? { maxSurge: '1%' } : { maxSurge: 0, maxUnavailable }
      expect(service({ update, replicas: 0 }).UpdateConfig?.Parallelism).toBe(1)
    }
  })

  it('waits between batches and watches each as long as asked', () => {
    expect(
      service({
        update: {
          batchDelay: '2s',
          minReadyTime: '7s',
          onFailure: 'rollback',
          maxFailureRatio: 0.2,
        },
      }),
    ).toMatchObject({
      UpdateConfig: { Delay: 7e9, Monitor: 7e9, FailureAction: 'rollback', MaxFailureRatio: 0.2 },
      RollbackConfig: { Delay: 7e9, Monitor: 7e9, FailureAction: 'pause' },
    })
  })

  it('tells that a surge leaves no room for missing ones', () => {
    expect(losses({ update: { maxSurge: 1, maxUnavailable: 1 } })).toEqual({
      '/update/maxUnavailable': 'approximated',
    })
  })
})

describe('placement', () => {
  const rule = (attribute: string, op: string, ...values: string[]) => ({ attribute, op, values })

  it('takes rules that are one value, equal or not', () => {
    const placement = {
      require: [rule('zone', 'in', 'a'), rule('node.name', 'notIn', 'n1', 'n2')],
      pool: 'worker',
      spread: [{ by: 'rack' }, { by: 'node.name' }],
      maxPerNode: 2,
    }
    expect(service({ placement }).TaskTemplate.Placement).toEqual({
      Constraints: [
        'node.labels.zone==a',
        'node.hostname!=n1',
        'node.hostname!=n2',
        'node.role==worker',
      ],
      Preferences: [{ Spread: { SpreadDescriptor: 'node.labels.rack' } }],
      MaxReplicas: 2,
    })
    expect(losses({ placement })).toEqual({})
  })

  it('drops the others with a remedy', () => {
    const require = [
      rule('zone', 'in', 'a', 'b'),
      rule('zone', 'matches', 'a.*'),
      rule('cpus', 'gt', '4'),
      rule('zone', 'exists'),
      rule('zone', 'in', 'ä'),
    ]
    const prefer = [rule('zone', 'in', 'a')]
    const tolerations = [{ key: 'spot' }]
    expect(losses({ placement: { require, prefer, tolerations } })).toEqual({
      '/placement/require/0': 'dropped',
      '/placement/require/1': 'dropped',
      '/placement/require/2': 'dropped',
      '/placement/require/3': 'dropped',
      '/placement/require/4': 'dropped',
      '/placement/prefer/0': 'dropped',
      '/placement/tolerations': 'dropped',
    })
  })
})

describe('labels', () => {
  it('are on the service, annotations beside them, ours under a name of their own', () => {
    const labels = service({
      labels: { tier: 'front' },
      annotations: { 'traefik.rule': 'Host(`a`)' },
    }).Labels
    expect(labels).toMatchObject({
      tier: 'front',
      'traefik.rule': 'Host(`a`)',
      'intermodal.app': '/shop/web',
      'intermodal.kind': 'service',
    })
    expect(labels?.['intermodal.revision']).toMatch(/^[0-9a-f]{10}$/)
  })

  it('that change replace no instance', () => {
    const one = service({ labels: { tier: 'front' } })
    const other = service({ labels: { tier: 'back' } })
    expect(one.TaskTemplate).toEqual(other.TaskTemplate)
  })
})

describe('native.swarm', () => {
  it('is merged last: objects merge, null removes, variables merge by name', () => {
    const spec = service({
      env: { A: '1', B: '2' },
      native: {
        swarm: {
          TaskTemplate: { ContainerSpec: { Env: ['B=3', 'C=4'], Init: true }, Networks: null },
          EndpointSpec: { Mode: 'vip' },
        },
      },
    })
    expect(spec.TaskTemplate.ContainerSpec).toMatchObject({
      Env: ['A=1', 'B=3', 'C=4'],
      Init: true,
      Image: 'web:1',
    })
    expect(spec.TaskTemplate).not.toHaveProperty('Networks')
    expect(spec.EndpointSpec).toEqual({ Mode: 'vip' })
  })
})
