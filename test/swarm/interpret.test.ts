import { type AppInput, defineApp } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { canonical } from '../../adapters/swarm/canonical.ts'
import { interpret } from '../../adapters/swarm/interpret.ts'
import { translate } from '../../adapters/swarm/translate.ts'
import { rescaled } from '../../adapters/swarm/update-config.ts'
import type { ServiceSpec } from '../../adapters/swarm/wire.ts'

function read(service: ServiceSpec) {
  return interpret({ service, configs: [], networks: [] })
}

function live(input: object, change: (spec: ServiceSpec) => ServiceSpec = (spec) => spec) {
  const { native } = translate(defineApp({ id: '/shop/web', image: 'web:1', ...input } as AppInput))
  return interpret({ ...native, service: change(native.service) }).app
}

describe('a service of somebody else', () => {
  it('is said in the model, what is left over in a patch', () => {
    const { app, losses } = read({
      Name: 'shop_web',
      Labels: { 'com.docker.stack.namespace': 'shop', 'traefik.rule': 'Host(`a`)' },
      TaskTemplate: {
        ContainerSpec: {
          Image: 'web:1',
          Command: ['sh', '-c', 'run'],
          Env: ['A=1', 'SLOT={{.Task.Slot}}', 'A=2'],
          Healthcheck: { Test: ['CMD-SHELL', 'check'] },
          Mounts: [{ Type: 'volume', Source: 'shop_data', Target: '/data' }],
          Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
          Isolation: 'default',
        },
        Resources: { Limits: { NanoCPUs: 500_000_000 }, Reservations: { MemoryBytes: 67_108_864 } },
        Placement: { Constraints: ['node.role == manager', 'node.labels.zone!=b'] },
        Networks: [{ Target: 'shop_default', Aliases: ['web'] }],
        ForceUpdate: 3,
        Runtime: 'container',
      },
      Mode: { Replicated: { Replicas: 2 } },
      EndpointSpec: {
        Mode: 'vip',
        Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'ingress' }],
      },
    })
    expect(losses).toEqual([])
    expect(app).toMatchObject({
      id: '/shop/web',
      replicas: 2,
      entrypoint: ['sh', '-c', 'run'],
      env: { A: '2' },
      labels: { 'com.docker.stack.namespace': 'shop' },
      annotations: { 'traefik.rule': 'Host(`a`)' },
      ports: [{ name: 'tcp-80', containerPort: 80, hostPort: 8080, exposure: 'cluster' }],
      volumes: { 'shop-data': { type: 'named', name: 'shop_data', mountPath: '/data' } },
      resources: { limits: { cpu: 500 }, requests: { memory: 67_108_864 } },
      placement: { pool: 'manager', require: [{ attribute: 'zone', op: 'notIn', values: ['b'] }] },
    })
    expect(app.probes.liveness).toEqual(app.probes.readiness)
    expect(app.probes.liveness).toMatchObject({
      type: 'exec',
      interval: 30_000,
      failureThreshold: 3,
    })
    expect(app.native?.swarm).toEqual({
      TaskTemplate: {
        ContainerSpec: {
          Env: ['SLOT={{.Task.Slot}}'],
          Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
        },
        Networks: [{ Target: 'shop_default', Aliases: ['web'] }],
      },
    })
  })

  it('with names the model does not know keeps them in the patch', () => {
    const { app } = read({
      Name: 'MyWeb',
      TaskTemplate: {
        ContainerSpec: {
          Image: 'web:1',
          Secrets: [
            {
              SecretID: 'x',
              SecretName: 'DB_PASSWORD',
              File: { Name: 'pw', UID: '33', GID: '0', Mode: 256 },
            },
          ],
        },
      },
    })
    expect(app.id).toMatch(/^\/swarm-name\/myweb\//)
    expect(app.files).toEqual({})
    expect(app.native?.swarm).toMatchObject({
      TaskTemplate: {
        ContainerSpec: {
          Secrets: [
            {
              SecretName: 'DB_PASSWORD',
              File: { Name: '/run/secrets/pw', UID: '33', GID: '0', Mode: 256 },
            },
          ],
        },
      },
    })
  })

  it('with a port name the model does not know says so', () => {
    const { losses } = read({
      Name: 'web',
      TaskTemplate: { ContainerSpec: { Image: 'web:1' } },
      EndpointSpec: { Ports: [{ Name: 'HTTP_1', TargetPort: 80 }] },
    })
    expect(losses).toEqual([
      expect.objectContaining({ path: '/service/EndpointSpec/Ports/0/Name', kind: 'approximated' }),
    ])
  })

  it('that the model cannot say at all is a patch as a whole', () => {
    const service = {
      Name: 'plugin',
      TaskTemplate: {
        Runtime: 'plugin',
        PluginSpec: { Name: 'p', Remote: 'r' },
      } as ServiceSpec['TaskTemplate'],
    }
    const { app } = read(service)
    expect(canonical(translate(app).native.service)).toEqual(canonical(service))
  })

  it('has the defaults of Swarm, not those of the model', () => {
    const { app } = read({ Name: 'web', TaskTemplate: { ContainerSpec: { Image: 'web:1' } } })
    expect(app.update).toMatchObject({ maxUnavailable: 1, maxSurge: 0, onFailure: 'pause' })
    const all = read({
      Name: 'web',
      TaskTemplate: { ContainerSpec: { Image: 'web:1' } },
      UpdateConfig: {},
    })
    expect(all.app.update).toMatchObject({ strategy: 'recreate' })
  })
})

describe('a service of ours', () => {
  const http = { probes: { readiness: { type: 'http', port: 80 } } }

  it('comes back as it was written, probes and percentages too', () => {
    const app = live({ ...http, update: { maxSurge: '50%' }, replicas: 4 })
    expect(app.probes.readiness).toMatchObject({ type: 'http', port: 80 })
    expect(app.update.maxSurge).toBe('50%')
  })

  it('has the live count, whatever was written', () => {
    const app = live({ replicas: 4 }, (spec) => ({
      ...spec,
      Mode: { Replicated: { Replicas: 7 } },
    }))
    expect(app.replicas).toBe(7)
  })

  it('that was changed by hand says what is live, and the rest as it was written', () => {
    const app = live(
      { ...http, update: { maxSurge: '50%', progressDeadline: '3m' }, replicas: 4 },
      (spec) => ({
        ...spec,
        UpdateConfig: { ...spec.UpdateConfig, Parallelism: 3 },
      }),
    )
    expect(app.update).toMatchObject({ maxSurge: 3, progressDeadline: 180_000 })
    expect(app.probes.readiness?.type).toBe('http')
  })

  it('keeps its percentages over a scale', () => {
    const app = live({ update: { maxSurge: '50%' }, replicas: 4 }, (spec) => ({
      ...rescaled(spec, 10),
      Mode: { Replicated: { Replicas: 10 } },
    }))
    expect(app.update.maxSurge).toBe('50%')
    expect(app.replicas).toBe(10)
  })

  it('with a check changed by hand no longer claims the probe it was made from', () => {
    const app = live(http, (spec) => ({
      ...spec,
      TaskTemplate: {
        ...spec.TaskTemplate,
        ContainerSpec: {
          ...spec.TaskTemplate.ContainerSpec,
          Healthcheck: { Test: ['CMD', 'true'] },
        },
      },
    }))
    expect(app.probes.readiness).toMatchObject({ type: 'exec', command: ['true'] })
  })

  it('with a broken memo is read like any other', () => {
    for (const memo of ['{', '[]', '{"app":{"probes":7}}', '{"app":{},"native":"{"}']) {
      const app = live(http, (spec) => ({
        ...spec,
        Labels: { ...spec.Labels, 'intermodal.memo': memo },
      }))
      expect(app.probes.readiness?.type).toBe('exec')
    }
  })
})
