import type { AppInput } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { http, lossesOf, named, objectsOf, podOf, templateOf } from './translations.ts'

describe('objects', () => {
  it.each([
    ['service', {}, ['Deployment/shop--web']],
    ['service', { ports: [http] }, ['Deployment/shop--web', 'Service/shop--web', 'Service/web']],
    [
      'stateful',
      { ports: [http] },
      ['StatefulSet/shop--web', 'Service/shop--web---pods', 'Service/shop--web', 'Service/web'],
    ],
    ['daemon', {}, ['DaemonSet/shop--web']],
    ['job', { ports: [http] }, ['Job/shop--web']],
    ['cron', { schedule: { cron: '0 3 * * *' } }, ['CronJob/shop--web']],
  ] as const)('of a %s with %j are %j', (kind, input, expected) => {
    expect(named({ kind, ...input } as Partial<AppInput>)).toEqual(expected)
  })

  it('carry the id, the owner and the revision, and are selected by the owner alone', () => {
    const [workload] = objectsOf({ labels: { tier: 'front' } })
    expect(workload?.metadata).toMatchObject({
      labels: { 'intermodal.dev/name': 'shop--web', tier: 'front' },
      annotations: { 'intermodal.dev/app': '/shop/web' },
    })
    expect(workload?.spec).toMatchObject({
      selector: { matchLabels: { 'intermodal.dev/name': 'shop--web' } },
    })
    expect(templateOf({ labels: { tier: 'front' } }).metadata?.labels).toEqual({
      'intermodal.dev/name': 'shop--web',
    })
  })

  it('have no namespace and no replica count that nobody asked for', () => {
    for (const object of objectsOf({ ports: [http] })) {
      expect(object.metadata.namespace).toBeUndefined()
      expect(object.spec).not.toHaveProperty('replicas')
    }
    expect(objectsOf({ replicas: 0 })[0]?.spec).toMatchObject({ replicas: 0 })
  })

  it('keep the pods as they are when nothing in them changes', () => {
    const before = JSON.stringify(templateOf({ update: { maxSurge: 1 } }))
    const changes: Partial<AppInput>[] = [
      { labels: { tier: 'front' } },
      { annotations: { note: 'x' } },
      { replicas: 7 },
      { update: { maxSurge: 3, minReadyTime: '5s', onFailure: 'rollback' } },
      { dependsOn: { store: 'healthy' } },
      { disruption: { minAvailable: 1 } },
      { autoscale: { min: 1, max: 4, metrics: [{ type: 'cpu', utilization: 60 }] } },
    ]
    for (const change of changes) expect(JSON.stringify(templateOf(change))).toBe(before)
  })

  it('are the same whatever the order of keys', () => {
    const one = objectsOf({ sidecars: { b: { image: 'b' }, a: { image: 'a' } } })
    const other = objectsOf({ sidecars: { a: { image: 'a' }, b: { image: 'b' } } })
    expect(one).toEqual(other)
  })
})

describe('ports', () => {
  it('are reached inside the cluster, under the id and the short name', () => {
    const [, service, short] = objectsOf({ ports: [{ ...http, servicePort: 80 }] })
    expect(service?.spec).toEqual({
      selector: { 'intermodal.dev/name': 'shop--web' },
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
    })
    expect(short?.metadata.annotations).toHaveProperty('intermodal.dev/short-name')
  })

  it('are open on every node with exposure cluster, those and no others', () => {
    const ports = [
      { ...http, exposure: 'cluster', hostPort: 30_080 },
      { name: 'admin', containerPort: 9000 },
    ] as const
    const open = objectsOf({ ports: [...ports] }).find(({ metadata }) =>
      metadata.name?.endsWith('cluster'),
    )
    expect(open?.spec).toMatchObject({
      type: 'NodePort',
      ports: [{ name: 'http', port: 8080, nodePort: 30_080 }],
    })
    expect(JSON.stringify(open?.spec)).not.toContain('admin')
  })

  it('are open on their own node with exposure node', () => {
    expect(podOf({ ports: [{ ...http, hostPort: 80 }] }).containers[0]?.ports).toEqual([
      { name: 'http', containerPort: 8080, hostPort: 80 },
    ])
  })

  it('go through an Ingress where a host or a path is given', () => {
    const ingress = objectsOf({
      ports: [{ ...http, exposure: 'public', host: 'shop.example', path: '/web' }],
    }).find(({ kind }) => kind === 'Ingress')
    expect(ingress?.spec).toEqual({
      rules: [
        {
          host: 'shop.example',
          http: {
            paths: [
              {
                path: '/web',
                pathType: 'Prefix',
                backend: { service: { name: 'shop--web', port: { number: 8080 } } },
              },
            ],
          },
        },
      ],
    })
  })

  it('cannot be numbers that no cluster opens', () => {
    expect(lossesOf({ ports: [{ ...http, exposure: 'cluster', hostPort: 80 }] })).toEqual([
      { path: '/ports/0/hostPort', kind: 'dropped' },
    ])
  })
})

describe('change and rest', () => {
  it('budgets of an update are taken as they are written', () => {
    expect(
      objectsOf({ update: { maxSurge: '30%', maxUnavailable: 1, minReadyTime: '1500ms' } })[0]
        ?.spec,
    ).toMatchObject({
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '30%', maxUnavailable: 1 } },
      minReadySeconds: 2,
    })
    expect(objectsOf({ update: { strategy: 'recreate' } })[0]?.spec).toMatchObject({
      strategy: { type: 'Recreate' },
    })
  })

  it('the deadline is longer than the time an instance has to be ready', () => {
    const input = { update: { minReadyTime: '2m', progressDeadline: '1m' } } as const
    expect(objectsOf(input)[0]?.spec).toMatchObject({ progressDeadlineSeconds: 121 })
    expect(lossesOf(input)).toEqual([{ path: '/update/progressDeadline', kind: 'approximated' }])
  })

  it('a service that may not be restarted is no service there', () => {
    expect(lossesOf({ restart: { condition: 'never' } })).toEqual([
      { path: '/restart/condition', kind: 'dropped' },
    ])
  })

  it('a job that may not fail is tried once', () => {
    expect(
      objectsOf({ kind: 'job', restart: { condition: 'never' }, job: { deadline: '90s' } })[0]
        ?.spec,
    ).toMatchObject({
      backoffLimit: 0,
      activeDeadlineSeconds: 90,
      template: { spec: { restartPolicy: 'Never' } },
    })
  })

  it('the time to drain is added to the time to end', () => {
    const pod = podOf({ stop: { gracePeriod: '10s', drainDelay: '5s' } })
    expect(pod.terminationGracePeriodSeconds).toBe(15)
    expect(pod.containers[0]?.lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } })
  })

  it('an autoscaler takes the place of the count', () => {
    const objects = objectsOf({
      autoscale: { min: 0, max: 5, metrics: [{ type: 'cpu', utilization: 60 }] },
      resources: { requests: { cpu: 1 } },
    })
    expect(objects[0]?.spec).not.toHaveProperty('replicas')
    expect(objects.at(-1)).toMatchObject({
      kind: 'HorizontalPodAutoscaler',
      spec: {
        minReplicas: 1,
        maxReplicas: 5,
        scaleTargetRef: { kind: 'Deployment', name: 'shop--web' },
      },
    })
  })
})

describe('native.kubernetes', () => {
  it('is merged last: lists by name, null removes, further objects are added', () => {
    const objects = objectsOf({
      ports: [http],
      native: {
        kubernetes: {
          container: 'main',
          pod: {
            spec: {
              containers: [{ name: 'main', imagePullPolicy: 'Always' }],
              serviceAccountName: 'shop',
            },
          },
          deployment: { spec: { revisionHistoryLimit: 2, progressDeadlineSeconds: null } },
          objects: [
            { kind: 'Service', metadata: { name: 'web' }, $patch: 'delete' },
            { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'shop' } },
          ],
        },
      },
    })
    expect(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
      'Deployment/shop--web',
      'Service/shop--web',
      'ServiceAccount/shop',
    ])
    expect(objects[0]?.spec).toMatchObject({
      revisionHistoryLimit: 2,
      template: {
        spec: {
          serviceAccountName: 'shop',
          containers: [{ name: 'main', image: 'web:1', imagePullPolicy: 'Always' }],
        },
      },
    })
    expect(objects[0]?.spec).not.toHaveProperty('progressDeadlineSeconds')
  })

  it('is refused where it has no such part, or not for this kind', () => {
    expect(lossesOf({ native: { kubernetes: { replicas: 3, job: {}, pod: 'x' } } })).toEqual([
      { path: '/native/kubernetes/replicas', kind: 'refused' },
      { path: '/native/kubernetes/pod', kind: 'refused' },
      { path: '/native/kubernetes/job', kind: 'refused' },
    ])
  })
})
