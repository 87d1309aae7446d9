import { type AppInput, defineApp, type Loss } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { translate } from '../../adapters/swarm/translate.ts'
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

  it.each([
    ['nginx'],
    ['nginx:1.27'],
    ['library/nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'],
    ['localhost:5000/a_b/c--d__e.f:v1.0_x-y'],
    ['registry.example.com/team/web'],
    ['[2001:db8::1]:5000/web'],
  ])('take %s for an image', (image) => {
    expect(losses({ image })).toEqual({})
  })

  it.each([
    ['web:{{tag}}'],
    ['mesosphere:marathon/latest'],
    ['Web:1'],
    ['registry//web'],
    [':'],
    ['web:'],
  ])('do not take %s for an image, as no manager would', (image) => {
    expect(losses({ image })).toEqual({ '/image': 'refused' })
  })

  it('have no ports on every node without a virtual address', () => {
    const native = { swarm: { EndpointSpec: { Mode: 'dnsrr' } } }
    const port = { name: 'http', containerPort: 80, hostPort: 8080 }
    expect(losses({ native, ports: [{ ...port, exposure: 'cluster' }] })).toEqual({
      '/native/swarm/EndpointSpec/Mode': 'refused',
    })
    expect(losses({ native, ports: [{ ...port, exposure: 'node' }] })).toEqual({})
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
