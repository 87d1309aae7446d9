import { describe, expect, it } from 'vitest'
import {
  clusters,
  codes,
  HTTP,
  liveClient,
  ownClusters,
  webApp,
  withContainers,
} from './cluster.ts'

describe.for(clusters)('what goes wrong on a real Kubernetes with $name is told:', (cluster) => {
  const [image, , absent] = cluster.images

  it('an image nobody has, while the old instances go on', async () => {
    await using live = await liveClient(cluster)
    const id = '/bad/image'
    await (await live.client.apply(webApp(cluster, id))).done()
    const rollout = await live.client.apply(webApp(cluster, id, { image: absent }), {
      failFast: ['ImageNotFound', 'ImagePullFailed'],
    })
    const result = await rollout.result()
    expect(result.outcome).toBe('failed')
    expect(codes(result.status)).toEqual([expect.stringMatching(/^Image(NotFound|PullFailed)$/)])
    expect(result.status?.counts.running).toBeGreaterThan(0)
  })

  it('a bad update that is rolled back when told so', async () => {
    await using live = await liveClient(cluster)
    const id = '/bad/rolled'
    const update = { progressDeadline: '5s', onFailure: 'rollback' } as const
    const good = await live.client.apply(webApp(cluster, id, { update }))
    await good.done()
    const bad = await live.client.apply(webApp(cluster, id, { update, image: absent }))
    expect(await bad.result()).toMatchObject({ outcome: 'rolledBack' })
    const after = await live.client.status(id)
    expect(after).toMatchObject({ image, revision: good.revision.id })
  })

  it('a progress deadline that passed, with the reason behind it', async () => {
    await using live = await liveClient(cluster)
    const id = '/bad/deadline'
    const update = { progressDeadline: '4s', onFailure: 'pause' } as const
    const rollout = await live.client.apply(webApp(cluster, id, { update, image: absent }))
    const result = await rollout.result()
    expect(result.outcome).toBe('failed')
    const status = await live.until(id, (now) => now?.rollout?.state === 'failed')
    expect(codes(status).join()).toMatch(/Image(NotFound|PullFailed)/)
  })

  it('a program that crashes again and again, with its exit code', async () => {
    await using live = await liveClient(cluster)
    const id = '/bad/crash'
    const app = webApp(cluster, id, { shell: 'echo crashing; exit 3', replicas: 1 })
    const rollout = await live.client.apply(app, { failFast: ['CrashLoop'] })
    const result = await rollout.result()
    expect(result.outcome).toBe('failed')
    expect(codes(result.status)).toContain('CrashLoop')
    const [instance] = result.status?.instances ?? []
    expect(instance).toMatchObject({ exitCode: 3, ready: false })
    expect(instance?.restarts).toBeGreaterThan(0)
  })

  it('a readiness probe that does not pass', async () => {
    await using live = await liveClient(cluster)
    const id = '/bad/unready'
    const app = webApp(cluster, id, {
      replicas: 1,
      ports: [...HTTP],
      probes: { readiness: { type: 'http', port: 'http', path: '/no-such-page', interval: '1s' } },
    })
    const rollout = await live.client.apply(app, { failFast: ['ReadinessFailed'] })
    const result = await rollout.result()
    expect(result.outcome).toBe('failed')
    expect(codes(result.status)).toContain('ReadinessFailed')
    expect(result.status?.counts).toMatchObject({ running: 1, ready: 0 })
    const explained = await live.client.explain(id)
    expect(JSON.stringify(explained)).toContain('404')
  })

  it('a liveness probe that has it restarted', async () => {
    await using live = await liveClient(cluster)
    const id = '/bad/unalive'
    const liveness = { type: 'http', path: '/no-such-page', interval: '1s', failureThreshold: 1 }
    const app = webApp(cluster, id, {
      replicas: 1,
      ports: [...HTTP],
      probes: { liveness: { ...liveness, port: 'http' } as never },
    })
    await live.client.apply(app)
    const status = await live.until(id, (now) => (now?.instances[0]?.restarts ?? 0) > 1)
    const explained = await live.client.explain(id)
    expect(JSON.stringify([status, explained])).toMatch(/LivenessFailed|CrashLoop/)
  })

  it('an app no node has room for, with how much there is', async () => {
    await using live = await liveClient(cluster)
    const id = '/bad/large'
    await live.client.apply(webApp(cluster, id, { resources: { requests: { cpu: 512 } } }))
    // One after the other is made, and looked at by the scheduler.
    const status = await live.until(
      id,
      (now) => now?.state === 'waiting' && now.counts.unscheduled === 2,
    )
    expect(codes(status)).toEqual(['InsufficientCpu'])
  })

  it('an app no node is good enough for', async () => {
    await using live = await liveClient(cluster)
    const id = '/bad/picky'
    const placement = { require: [{ attribute: 'disk', values: ['golden'] }] }
    await live.client.apply(webApp(cluster, id, { placement }))
    const status = await live.until(
      id,
      (now) => now?.state === 'waiting' && now.counts.unscheduled === 2,
    )
    expect(codes(status)).toEqual(['ConstraintUnsatisfied'])
  })

  it('a quota that is used up', async () => {
    await using live = await liveClient(cluster)
    const id = '/bad/quota'
    await live.kubectl('create', 'quota', 'few', '--hard=pods=1')
    await live.client.apply(webApp(cluster, id, { replicas: 3 }))
    const status = await live.until(
      id,
      (now) => codes(now).includes('QuotaExceeded') && now?.counts.running === 1,
    )
    expect(status.counts).toMatchObject({ desired: 3, running: 1, unscheduled: 2 })
  })
})

describe.for(ownClusters)('an admission policy on a real Kubernetes with $name', (cluster) => {
  const policy = (name: string, namespace: string, resource: string) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingAdmissionPolicy',
          metadata: { name },
          spec: {
            failurePolicy: 'Fail',
            matchConstraints: {
              resourceRules: [
                {
                  apiGroups: ['', 'apps'],
                  apiVersions: ['v1'],
                  operations: ['CREATE', 'UPDATE'],
                  resources: [resource],
                },
              ],
            },
            validations: [{ expression: 'false', message: 'the house does not allow it' }],
          },
        },
        {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingAdmissionPolicyBinding',
          metadata: { name },
          spec: {
            policyName: name,
            validationActions: ['Deny'],
            matchResources: {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
            },
          },
        },
      ],
    })

  async function forbid(live: Awaited<ReturnType<typeof liveClient>>, resource: string) {
    await live.create(policy(live.namespace, live.namespace, resource))
    // The apiserver takes it up a moment later; a dry run tells when.
    const probe =
      resource === 'pods'
        ? ['run', 'probe', '--image=probe', '--dry-run=server']
        : ['create', 'deployment', 'probe', '--image=probe', '--dry-run=server']
    for (;;) {
      const refused = await live.kubectl(...probe).then(
        () => false,
        () => true,
      )
      if (refused) break
    }
    const kinds = 'validatingadmissionpolicy,validatingadmissionpolicybinding'
    return {
      async [Symbol.asyncDispose]() {
        await live.kubectl('delete', kinds, live.namespace)
      },
    }
  }

  it('that refuses the app is told by apply, in its own words', async () => {
    await using live = await liveClient(cluster)
    await using _rule = await forbid(live, 'deployments')
    await expect(live.client.apply(webApp(cluster, '/bad/refused'))).rejects.toMatchObject({
      message: expect.stringContaining('the house does not allow it'),
    })
    expect(await live.client.status('/bad/refused')).toBeUndefined()
    const { warnings } = await live.client.plan(webApp(cluster, '/bad/refused'))
    expect(warnings.join()).toContain('the house does not allow it')
  })

  it('that refuses its instances is told by the status', async () => {
    await using live = await liveClient(cluster)
    await using _rule = await forbid(live, 'pods')
    await live.client.apply(webApp(cluster, '/bad/denied'))
    const status = await live.until('/bad/denied', (now) => codes(now).includes('AdmissionDenied'))
    expect(status.counts).toMatchObject({ desired: 2, running: 0 })
    expect(status.reasons.map(({ message }) => message).join()).toContain(
      'the house does not allow it',
    )
  })
})

describe.for(withContainers)('a program on a real Kubernetes with $name', (cluster) => {
  it('that takes more memory than it may is told apart from other crashes', async () => {
    await using live = await liveClient(cluster)
    const id = '/bad/greedy'
    const app = webApp(cluster, id, {
      replicas: 1,
      shell: 'x=0123456789; while true; do x=$x$x; done',
      resources: { limits: { memory: '16Mi' } },
    })
    await live.client.apply(app)
    const status = await live.until(id, (now) =>
      [...codes(now), ...(now?.instances.map(({ reason }) => reason?.code) ?? [])].includes(
        'OomKilled',
      ),
    )
    expect(status.counts.ready).toBe(0)
  })
})
