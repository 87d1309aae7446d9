import type { AppInput } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { materialOf } from '../../adapters/kubernetes/material-refs.ts'
import { translate } from '../../adapters/kubernetes/translate.ts'
import { app, http, lossesOf, objectsOf, podOf, templateOf } from './translations.ts'

describe('probes', () => {
  it('are three separate ones, in whole seconds', () => {
    const [container] = podOf({
      ports: [http],
      probes: {
        liveness: { type: 'http', path: '/up', host: 'shop.example', initialDelay: '3s' },
        readiness: { type: 'tcp', interval: '1500ms', successThreshold: 2 },
        startup: { type: 'grpc', port: 9000, service: 'shop', failureThreshold: 30 },
      },
    }).containers
    expect(container).toMatchObject({
      livenessProbe: {
        httpGet: {
          path: '/up',
          port: 8080,
          httpHeaders: [{ name: 'Host', value: 'shop.example' }],
        },
        initialDelaySeconds: 3,
        periodSeconds: 10,
        timeoutSeconds: 5,
      },
      readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 2, successThreshold: 2 },
      startupProbe: { grpc: { port: 9000, service: 'shop' }, failureThreshold: 30 },
    })
  })

  it('become a startup probe for as long as failures are borne, never an initial delay', () => {
    const input: Partial<AppInput> = {
      probes: { liveness: { type: 'exec', command: ['up'], startPeriod: '1m' } },
    }
    expect(podOf(input).containers[0]).toMatchObject({
      startupProbe: { exec: { command: ['up'] }, failureThreshold: 9, periodSeconds: 10 },
    })
    expect(podOf(input).containers[0]?.livenessProbe).not.toHaveProperty('initialDelaySeconds')
    expect(lossesOf(input)).toEqual([
      { path: '/probes/liveness/startPeriod', kind: 'approximated' },
    ])
  })
})

describe('what containers are given', () => {
  it('text with dollars stays as it was written', () => {
    const [container] = podOf({
      shell: 'echo $(HOME) $$ $x',
      env: { A: '$(B)', C: '$5' },
    }).containers
    expect(container?.command).toEqual(['/bin/sh', '-c', 'echo $$(HOME) $$$$ $$x'])
    expect(container?.env).toEqual([
      { name: 'A', value: '$$(B)' },
      { name: 'C', value: '$5' },
    ])
  })

  it('a file changes its name with its text, so that the change rolls out', () => {
    const config = (content: string) =>
      objectsOf({ files: { '/etc/banner': { content } } }).find(({ kind }) => kind === 'ConfigMap')
    expect(config('a')).toMatchObject({ immutable: true })
    expect(config('a')?.metadata.name).not.toBe(config('b')?.metadata.name)
    expect(config('a')?.metadata.labels).toEqual({ 'intermodal.dev/name': 'shop--web' })
  })

  it('secrets and configs are named on the pods, wherever they are used', () => {
    const input: Partial<AppInput> = {
      env: { A: { secret: 'db', key: 'user' }, B: { config: 'app' } },
      files: { '/x': { secret: 'tls', key: 'tls.key', mode: '0400' } },
      volumes: { v: { type: 'config', config: 'more', mountPath: '/more' } },
      sidecars: { log: { image: 'log:1', env: { T: { secret: 'token' } } } },
    }
    expect(templateOf(input).metadata?.annotations).toMatchObject({
      'intermodal.dev/material': 'config/app config/more secret/db secret/tls secret/token',
    })
    expect(materialOf(app(input))).toContainEqual({ kind: 'secret', name: 'token' })
    expect(podOf(input).volumes).toContainEqual({
      name: expect.stringMatching(/^intermodal-secret-/),
      secret: { secretName: 'tls', items: [{ key: 'tls.key', path: '0400/tls.key', mode: 0o400 }] },
    })
  })

  it('resources are exact', () => {
    const [container] = podOf({
      resources: {
        requests: { cpu: 0.25, memory: '512Mi', disk: '1Gi' },
        limits: { cpu: 2, memory: '1G' },
        gpus: 1,
      },
    }).containers
    expect(container?.resources).toEqual({
      requests: { cpu: '250m', memory: '512Mi', 'ephemeral-storage': '1Gi', 'nvidia.com/gpu': '1' },
      limits: { cpu: '2', memory: '1000000000', 'nvidia.com/gpu': '1' },
    })
  })

  it('sidecars of a job end with it', () => {
    const pod = podOf({ kind: 'job', sidecars: { proxy: { image: 'proxy:1' } } })
    expect(pod.containers).toHaveLength(1)
    expect(pod.initContainers).toMatchObject([{ name: 'proxy', restartPolicy: 'Always' }])
    expect(podOf({ sidecars: { proxy: { image: 'proxy:1' } } }).containers).toHaveLength(2)
  })

  it('the main container never has the name of another', () => {
    const { containers } = podOf({ sidecars: { web: { image: 'a' }, main: { image: 'b' } } })
    expect(new Set(containers.map(({ name }) => name)).size).toBe(3)
  })
})

describe('placement', () => {
  it('is node affinity, spread and tolerations', () => {
    const pod = podOf({
      placement: {
        require: [
          { attribute: 'zone', values: ['a', 'b'] },
          { attribute: 'cores', op: 'gt', values: ['2.5'] },
        ],
        spread: [{ by: 'zone', maxSkew: 1 }, { by: 'node.name' }],
        maxPerNode: 1,
        tolerations: [{ key: 'spot', effect: 'NoExecute', duration: '90s' }],
      },
      onUnreachable: { replaceAfter: '30s' },
    })
    expect(pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual({
      nodeSelectorTerms: [
        {
          matchExpressions: [
            { key: 'topology.kubernetes.io/zone', operator: 'In', values: ['a', 'b'] },
            { key: 'cores', operator: 'Gt', values: ['2'] },
          ],
        },
      ],
    })
    expect(pod.affinity?.podAntiAffinity).toBeDefined()
    expect(pod.topologySpreadConstraints).toMatchObject([
      {
        topologyKey: 'topology.kubernetes.io/zone',
        maxSkew: 1,
        whenUnsatisfiable: 'DoNotSchedule',
      },
      { topologyKey: 'kubernetes.io/hostname', maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' },
    ])
    expect(pod.tolerations?.map(({ key, tolerationSeconds }) => [key, tolerationSeconds])).toEqual([
      ['spot', 90],
      ['node.kubernetes.io/unreachable', 30],
      ['node.kubernetes.io/not-ready', 30],
    ])
  })

  it('drops regular expressions, and says what to do', () => {
    const [loss] = translate(
      app({ placement: { require: [{ attribute: 'rack', op: 'matches', values: ['r.*'] }] } }),
    ).losses
    expect(loss).toMatchObject({
      path: '/placement/require/0',
      kind: 'dropped',
      remedy: expect.stringContaining('in'),
    })
  })
})
