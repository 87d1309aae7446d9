import { readFileSync } from 'node:fs'
import { type AppInput, defineApp, type Loss } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
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

describe('kinds', () => {
  it('become the modes of a service', () => {
    expect(service({ replicas: 3 }).Mode).toEqual({ Replicated: { Replicas: 3 } })
    expect(service({ kind: 'stateful', replicas: 2 }).Mode).toEqual({ Replicated: { Replicas: 2 } })
    expect(service({ kind: 'daemon' }).Mode).toEqual({ Global: {} })
    expect(service({ kind: 'job', job: { completions: 5, parallelism: 2 } }).Mode).toEqual({
      ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 5 },
    })
  })

  it('leave the count to the live service when the app does not say it', () => {
    expect(service({}).Mode).toEqual({ Replicated: {} })
    expect(service({}, { replicas: 4 }).Mode).toEqual({ Replicated: { Replicas: 4 } })
  })

  it('without an equivalent are refused', () => {
    expect(losses({ kind: 'cron', schedule: { cron: '0 3 * * *' } })).toEqual({
      '/schedule': 'refused',
    })
    expect(losses({ sidecars: { log: { image: 'l' } } })).toEqual({ '/sidecars/log': 'refused' })
    expect(losses({ security: { privileged: true } })).toEqual({
      '/security/privileged': 'refused',
    })
  })

  it('that run for ever are restarted whenever they end, jobs only when they fail', () => {
    expect(service({}).TaskTemplate.RestartPolicy).toEqual({ Condition: 'any' })
    expect(
      service({ restart: { condition: 'onFailure', delay: '2s' } }).TaskTemplate.RestartPolicy,
    ).toEqual({
      Condition: 'any',
      Delay: 2e9,
    })
    expect(service({ kind: 'job' }).TaskTemplate.RestartPolicy).toEqual({ Condition: 'on-failure' })
    expect(
      service({ kind: 'job', restart: { maxAttempts: 0 } }).TaskTemplate.RestartPolicy,
    ).toEqual({
      Condition: 'none',
    })
  })

  it('that are jobs have no update settings, which Swarm would refuse', () => {
    expect(service({ kind: 'job' })).not.toHaveProperty('UpdateConfig')
    expect(service({ kind: 'job' })).not.toHaveProperty('RollbackConfig')
  })
})

describe('a container', () => {
  it('takes entrypoint and args in the meaning of Docker', () => {
    expect(container({ entrypoint: ['a'], args: ['b'] })).toMatchObject({
      Command: ['a'],
      Args: ['b'],
    })
    expect(container({ shell: 'a | b' })).toMatchObject({ Command: ['/bin/sh', '-c', 'a | b'] })
  })

  it('gets text as it is written, braces too', () => {
    expect(container({ env: { A: '{{.Task.Slot}}', B: 'x=y' } })?.Env).toEqual([
      'A={{"{{"}}.Task.Slot}}',
      'B=x=y',
    ])
  })

  it('gets what is known of it from templates, or at once', () => {
    const env = {
      ID: { field: 'app.id' },
      NAME: { field: 'app.name' },
      ME: { field: 'instance.name' },
      NODE: { field: 'node.name' },
    }
    expect(container({ env })?.Env).toEqual([
      'ID=/shop/web',
      'NAME=web',
      'ME={{.Task.Name}}',
      'NODE={{.Node.Hostname}}',
    ])
    expect(container({ kind: 'stateful', env: { ME: { field: 'instance.name' } } })).toMatchObject({
      Env: ['ME=web-{{.Task.Slot}}'],
      Hostname: 'web-{{.Task.Slot}}',
    })
  })

  it('gets no secret as a variable', () => {
    const input = { env: { PASSWORD: { secret: 'db' } } }
    expect(container(input)).not.toHaveProperty('Env')
    expect(translate(defineApp({ ...base, ...input })).losses).toEqual([
      expect.objectContaining({
        path: '/env/PASSWORD',
        kind: 'dropped',
        remedy: expect.stringContaining('"files"'),
      }),
    ])
  })

  it('counts in billionths, bytes and octal', () => {
    const spec = service({
      resources: { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: 2 }, gpus: 1 },
      stop: { gracePeriod: '1m30s' },
    }).TaskTemplate
    expect(spec.Resources).toEqual({
      Reservations: {
        NanoCPUs: 250_000_000,
        MemoryBytes: 67_108_864,
        GenericResources: [{ DiscreteResourceSpec: { Kind: 'gpu', Value: 1 } }],
      },
      Limits: { NanoCPUs: 2_000_000_000 },
    })
    expect(spec.ContainerSpec?.StopGracePeriod).toBe(90_000_000_000)
  })
})

describe('files', () => {
  it('with content become configs named by it, one for the same content', () => {
    const { service, configs } = native({
      files: {
        '/a': { content: 'x', mode: '0400' },
        '/b': { content: 'x' },
        '/c': { content: 'y' },
      },
    })
    expect(configs.map(({ Data }) => Buffer.from(Data ?? '', 'base64').toString())).toEqual([
      'x',
      'y',
    ])
    const [first, second, third] = service.TaskTemplate.ContainerSpec?.Configs ?? []
    expect(first).toEqual({
      ConfigName: configs[0]?.Name,
      File: { Name: '/a', UID: '0', GID: '0', Mode: 256 },
    })
    expect(second?.ConfigName).toBe(first?.ConfigName)
    expect(second?.File?.Mode).toBe(292)
    expect(third?.ConfigName).not.toBe(first?.ConfigName)
  })

  it('that stand somewhere else are references by logical name', () => {
    const spec = container({
      files: { '/pw': { secret: 'db', key: 'password' }, '/etc/app': { config: 'app' } },
      volumes: { tls: { type: 'secret', secret: 'tls', mountPath: '/tls' } },
    })
    expect(spec?.Secrets?.map(({ SecretName, File }) => [SecretName, File?.Name])).toEqual([
      ['db.password', '/pw'],
      ['tls.*', '/tls/*'],
    ])
    expect(spec?.Configs?.map(({ ConfigName, File }) => [ConfigName, File?.Name])).toEqual([
      ['app', '/etc/app'],
    ])
    expect(JSON.stringify(spec)).not.toMatch(/SecretID|ConfigID/)
  })

  it('that are too large are refused', () => {
    expect(losses({ files: { '/a': { content: 'x'.repeat(1_024_000) } } })).toEqual({
      '/files/~1a/content': 'refused',
    })
  })
})

describe('volumes', () => {
  it('of a claim are one for each slot, told as what they are', () => {
    const data = { type: 'claim', size: '1Gi', mountPath: '/data' }
    expect(container({ kind: 'stateful', volumes: { data } })?.Mounts).toEqual([
      {
        Type: 'volume',
        Source: 'shop_web.data.{{.Task.Slot}}',
        Target: '/data',
        VolumeOptions: { Labels: { 'intermodal.app': '/shop/web', 'intermodal.claim': 'data' } },
      },
    ])
    expect(losses({ kind: 'stateful', volumes: { data } })).toEqual({
      '/kind': 'approximated',
      '/volumes/data': 'approximated',
      '/volumes/data/size': 'approximated',
    })
  })

  it('of the other types are what Docker has for them', () => {
    const mounts = container({
      volumes: {
        a: { type: 'empty', mountPath: '/a' },
        b: { type: 'tmpfs', size: '1Mi', mountPath: '/b' },
        c: { type: 'host', path: '/srv', mountPath: '/c', readOnly: true },
        d: { type: 'named', driver: 'nfs', options: { o: '1' }, mountPath: '/d' },
      },
    })?.Mounts
    expect(mounts).toEqual([
      { Type: 'volume', Target: '/a' },
      { Type: 'tmpfs', Target: '/b', TmpfsOptions: { SizeBytes: 1_048_576 } },
      { Type: 'bind', Source: '/srv', Target: '/c', ReadOnly: true },
      {
        Type: 'volume',
        Source: 'd',
        Target: '/d',
        VolumeOptions: { DriverConfig: { Name: 'nfs', Options: { o: '1' } } },
      },
    ])
  })
})

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

describe('the example shop', () => {
  const file = new URL('../../examples/shop.yaml', import.meta.url)
  const { group, apps } = parse(readFileSync(file, 'utf8')) as {
    group: string
    apps: Record<string, object>
  }

  it.each(Object.entries(apps))('runs on Swarm with strict losses: %s', (name, input) => {
    const app = defineApp({ ...input, id: `${group}/${name}` } as AppInput)
    const { losses } = translate(app)
    expect(losses.filter(({ kind }) => kind !== 'approximated')).toEqual([])
  })
})
