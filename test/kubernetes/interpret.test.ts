import { defineApp, IntermodalError, printApp } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { interpret } from '../../adapters/kubernetes/interpret.ts'
import { isObject } from '../../adapters/kubernetes/patch.ts'
import { comparable } from '../../adapters/kubernetes/residue.ts'
import { translate } from '../../adapters/kubernetes/translate.ts'
import type { KubernetesObject } from '../../adapters/kubernetes/wire.ts'
import { objectsOf } from './corpus.ts'

const wanted = defineApp({
  id: '/shop/web',
  image: 'web:1',
  replicas: 2,
  ports: [{ name: 'http', containerPort: 8080, exposure: 'cluster' }],
  env: { A: 'x' },
  files: { '/etc/banner': { content: 'hello' } },
  probes: { readiness: { type: 'http', port: 'http' } },
  dependsOn: { store: 'healthy' },
})

/** What the API gives back of an object: defaults filled in, fields of the server added. */
function served(object: KubernetesObject): KubernetesObject {
  const spec = structuredClone(object.spec) as Record<string, unknown> | undefined
  const template = isObject(spec?.template) ? (spec.template as Record<string, unknown>) : undefined
  const pod = template?.spec as Record<string, unknown> | undefined
  for (const container of (pod?.containers ?? []) as Record<string, unknown>[]) {
    Object.assign(container, {
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: 'IfNotPresent',
      resources: {},
    })
  }
  Object.assign(pod ?? {}, {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  })
  if (object.kind === 'Deployment') Object.assign(spec ?? {}, { revisionHistoryLimit: 10 })
  if (object.kind === 'Service') {
    Object.assign(spec ?? {}, {
      clusterIP: '10.96.0.7',
      clusterIPs: ['10.96.0.7'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
    })
    for (const port of (spec?.ports ?? []) as Record<string, unknown>[]) {
      Object.assign(port, { protocol: 'TCP', nodePort: 31_234 })
    }
  }
  return {
    ...object,
    metadata: {
      ...object.metadata,
      namespace: 'default',
      uid: 'uid',
      resourceVersion: '7',
      generation: 3,
      creationTimestamp: '2026-03-01T12:00:00Z',
      managedFields: [{ manager: 'intermodal' }],
    },
    ...(spec === undefined ? {} : { spec }),
    status: { observedGeneration: 3, readyReplicas: 2 },
  }
}

function live(): KubernetesObject[] {
  return translate(wanted).native.objects.map(served)
}

/** Someone changes the Deployment by hand. */
function changed(change: (spec: Record<string, unknown>) => void): KubernetesObject[] {
  const [workload, ...rest] = live()
  const copy = structuredClone(workload) as KubernetesObject & { spec: Record<string, unknown> }
  change(copy.spec)
  return [copy, ...rest]
}

describe('what the API gives back', () => {
  it('leaves out the selector that what was taken over keeps', () => {
    const [workload, ...rest] = translate(wanted).native.objects.map(served) as [KubernetesObject]
    const { metadata, spec } = workload
    const before = { app: 'web', tier: 'front' }
    const { template, ...others } = spec as { template: KubernetesObject }
    const labels = { ...template.metadata.labels, ...before }
    const kept = {
      ...workload,
      metadata: {
        ...metadata,
        annotations: { ...metadata.annotations, 'intermodal.dev/kept-selector': 'true' },
      },
      spec: {
        ...others,
        selector: { matchLabels: before },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    }
    expect(interpret({ objects: [kept, ...rest] }).app).toEqual(wanted)
  })

  it('is the app again, without what the server filled in', () => {
    const { app, losses } = interpret({ objects: live() })
    expect(printApp(app)).toEqual(printApp(wanted))
    expect(losses).toEqual([])
  })

  it('is the app with the live count, when that was scaled', () => {
    const objects = changed((spec) => {
      spec.replicas = 5
    })
    expect(printApp(interpret({ objects }).app)).toEqual({ ...printApp(wanted), replicas: 5 })
  })

  it('is what it is now where someone changed it by hand, and remembers the rest', () => {
    const objects = changed((spec) => {
      const template = spec.template as { spec: { containers: { image: string }[] } }
      for (const container of template.spec.containers) container.image = 'web:hotfix'
    })
    const { app } = interpret({ objects })
    expect(app.image).toBe('web:hotfix')
    expect(app.dependsOn).toEqual({ '/shop/store': 'healthy' })
  })

  it('keeps what the model has no word for as a patch', () => {
    const objects = changed((spec) => {
      const template = spec.template as { spec: Record<string, unknown> }
      template.spec.priorityClassName = 'high'
    })
    expect(interpret({ objects }).app.native?.kubernetes).toEqual({
      pod: { spec: { priorityClassName: 'high' } },
    })
  })

  it('comes as a list too, with pods and ReplicaSets in it that nobody wished for', () => {
    const owned = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: 'x',
        ownerReferences: [{ kind: 'Deployment', name: 'x', uid: 'u', controller: true }],
      },
    }
    const list = { apiVersion: 'v1', kind: 'List', metadata: {}, items: [owned, ...live()] }
    expect(printApp(interpret({ objects: [list] }).app)).toEqual(printApp(wanted))
  })

  it('still means the same after a restart and new content of a secret', () => {
    const objects = changed((spec) => {
      const { metadata } = spec.template as { metadata: { annotations: Record<string, string> } }
      metadata.annotations['kubectl.kubernetes.io/restartedAt'] = '2026-03-01T12:00:00Z'
      metadata.annotations['intermodal.dev/material'] = '0123456789'
    })
    expect(printApp(interpret({ objects }).app)).toEqual(printApp(wanted))
  })
})

describe("somebody else's objects", () => {
  const nginx: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'my-nginx', namespace: 'shop', labels: { tier: 'front' } },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'nginx' } },
      template: {
        metadata: { labels: { app: 'nginx' } },
        spec: {
          nodeSelector: { disk: 'ssd' },
          containers: [
            {
              name: 'nginx',
              image: 'nginx:1.27',
              args: ['--user=$(USER)'],
              ports: [{ containerPort: 80 }],
              resources: {
                requests: { cpu: '100m', memory: '128Mi' },
                limits: { memory: '128Mi' },
              },
              env: [
                { name: 'USER', value: 'www' },
                { name: 'GREETING', value: 'hello $(USER)' },
              ],
              volumeMounts: [
                { name: 'conf', mountPath: '/etc/nginx/nginx.conf', subPath: 'nginx.conf' },
              ],
            },
          ],
          volumes: [{ name: 'conf', configMap: { name: 'nginx-conf' } }],
        },
      },
    },
  }

  it('are read into the model as far as it has words', () => {
    const { app, losses } = interpret({ objects: [nginx] })
    expect(app).toMatchObject({
      id: '/my-nginx',
      kind: 'service',
      replicas: 3,
      image: 'nginx:1.27',
      labels: { tier: 'front' },
      env: { USER: 'www' },
      files: { '/etc/nginx/nginx.conf': { config: 'nginx-conf', key: 'nginx.conf' } },
      resources: { requests: { cpu: 100, memory: 134_217_728 }, limits: { memory: 134_217_728 } },
      placement: { require: [{ attribute: 'disk', op: 'in', values: ['ssd'] }] },
      update: { maxSurge: '25%', maxUnavailable: '25%' },
    })
    expect(app.native?.kubernetes).toMatchObject({ container: 'nginx', selector: { app: 'nginx' } })
    expect(losses).toEqual([
      {
        path: '/objects/0/metadata/namespace',
        kind: 'approximated',
        detail: 'goes to the namespace chosen with the cluster, not to "shop"',
      },
    ])
  })

  it('keep what depends on variables, which the model would take by the letter', () => {
    const again = translate(interpret({ objects: [nginx] }).app).native
    expect(comparable(again.objects, {})).toEqual(comparable([nginx], {}))
  })

  it('keep the selector they have: it cannot be changed', () => {
    const [workload] = translate(interpret({ objects: [nginx] }).app).native.objects
    expect(workload?.spec).toMatchObject({ selector: { matchLabels: { app: 'nginx' } } })
  })

  it('lose their secrets, by name and never by value', () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db' },
      stringData: { password: 'hunter2' },
    }
    const result = interpret({ objects: [nginx, secret] })
    expect(result.losses).toContainEqual(
      expect.objectContaining({ path: '/objects/1', kind: 'dropped' }),
    )
    expect(JSON.stringify(result)).not.toContain('hunter2')
  })

  it('with marks copied from an app of ours are not taken for it', () => {
    const [workload] = live()
    const copy = {
      ...workload,
      metadata: { ...workload?.metadata, name: 'copy', uid: undefined as never },
    }
    const { app } = interpret({ objects: [copy as KubernetesObject] })
    expect(app.id).toBe('/copy')
  })
})

describe('what is no app', () => {
  it('is refused when nothing in it runs', () => {
    expect(() => interpret({ objects: [{ kind: 'ConfigMap', metadata: { name: 'a' } }] })).toThrow(
      expect.objectContaining({ code: 'APP_INVALID' }),
    )
  })

  it('is refused with the place of the slip, when a list is none', () => {
    const objects = [
      {
        kind: 'Deployment',
        metadata: { name: 'a' },
        spec: {
          template: { spec: { containers: [{ name: 'a', image: 'a:1', env: 'ENV_LIST' }] } },
        },
      },
    ]
    const failure = (() => {
      try {
        return interpret({ objects })
      } catch (error) {
        return error
      }
    })()
    expect(IntermodalError.is(failure) && failure.message).toContain('/containers/0/env')
  })
})

describe('a StatefulSet of the corpus', () => {
  it('has its claims as volumes of the app', () => {
    const [stateful] = objectsOf('kubernetes-health', 'statefulset.yaml')
    if (!stateful) throw new Error('the corpus has no StatefulSet')
    const { app } = interpret({ objects: [stateful] })
    expect(app.kind).toBe('stateful')
    expect(Object.values(app.volumes)).toContainEqual(
      expect.objectContaining({ type: 'claim', size: 8 * 2 ** 30 }),
    )
  })
})
