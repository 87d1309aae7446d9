import { type AppId, type AppInput, defineApp } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { call } from './calls.ts'
import { isWrite, type Stored, storeAndAdapter } from './object-api.ts'

const ID = '/web' as AppId

async function withApp(more: Partial<AppInput> = {}) {
  const world = await storeAndAdapter()
  const app = defineApp({ id: ID, image: 'nginx:1', replicas: 3, ...more } as AppInput)
  const revision = await world.adapter.apply(app, call())
  const before = world.writes().length
  return {
    ...world,
    app,
    revision,
    since: () => world.writes().slice(before),
    live: (plural = 'deployments') => world.store.get(plural, 'web'),
  }
}

interface Template {
  readonly metadata: { readonly labels: object }
  readonly spec: { readonly containers: readonly object[] }
}

function templateOf(live: Stored | undefined): Template {
  if (!live?.spec) throw new Error('there is no such object')
  return live.spec.template as Template
}

/** As the controller of Deployments remembers a template. */
function remember(world: Awaited<ReturnType<typeof withApp>>, number: number): void {
  const live = world.live()
  world.store.put('replicasets', {
    kind: 'ReplicaSet',
    metadata: {
      name: `web-${number}`,
      labels: live?.metadata.labels,
      annotations: {
        ...live?.metadata.annotations,
        'deployment.kubernetes.io/revision': String(number),
      },
      ownerReferences: [
        { kind: 'Deployment', name: 'web', uid: live?.metadata.uid, controller: true },
      ],
    },
    spec: {
      template: {
        ...templateOf(live),
        metadata: {
          ...templateOf(live).metadata,
          labels: { 'intermodal.dev/name': 'web', 'pod-template-hash': `hash${number}` },
        },
      },
    },
  })
}

describe('scaling', () => {
  it('changes the count and nothing else, under a name of its own', async () => {
    const { adapter, api, live, revision } = await withApp()
    expect(await adapter.scale?.(ID, 5, call())).toMatchObject({
      id: revision.id,
      changed: true,
      replicas: 5,
    })
    expect(live()?.spec?.replicas).toBe(5)
    expect(api.asked.filter(isWrite).at(-1)?.query.get('fieldManager')).toBe('intermodal-change')
  })

  it('writes nothing when there are that many', async () => {
    const { adapter, since } = await withApp()
    expect(await adapter.scale?.(ID, 3, call())).toMatchObject({ changed: false, replicas: 3 })
    expect(since()).toEqual([])
  })

  it('decides anew when somebody wrote in between', async () => {
    const { adapter, store, live } = await withApp()
    let moved = false
    store.intervene = (asked) => {
      if (!moved && isWrite(asked)) store.touch('deployments', 'web')
      moved ||= isWrite(asked)
      return undefined
    }
    expect(await adapter.scale?.(ID, 4, call())).toMatchObject({ changed: true, replicas: 4 })
    expect(live()?.spec?.replicas).toBe(4)
  })

  it.each(['daemon', 'job', 'cron'] as const)(
    'is not for a %s, which has no count',
    async (kind) => {
      const schedule = kind === 'cron' ? { schedule: { cron: '0 3 * * *' } } : {}
      const { adapter, since } = await withApp({ kind, replicas: undefined as never, ...schedule })
      await expect(adapter.scale?.(ID, 2, call())).rejects.toMatchObject({ code: 'UNSUPPORTED' })
      expect(since()).toEqual([])
    },
  )
})

describe('suspending', () => {
  it('remembers how many there were, also when asked twice', async () => {
    const { adapter, live } = await withApp()
    expect(await adapter.suspend?.(ID, call())).toMatchObject({ changed: true, replicas: 0 })
    expect(await adapter.suspend?.(ID, call())).toMatchObject({ changed: false, replicas: 0 })
    expect(await adapter.resume?.(ID, call())).toMatchObject({ changed: true, replicas: 3 })
    expect(await adapter.resume?.(ID, call())).toMatchObject({ changed: false })
    expect(live()?.metadata.annotations).not.toHaveProperty('intermodal.dev/suspended-replicas')
  })

  it('stays through an apply that leaves the count out', async () => {
    const { adapter, live } = await withApp({ replicas: undefined as never })
    await adapter.suspend?.(ID, call())
    await adapter.apply(defineApp({ id: ID, image: 'nginx:2' }), call())
    expect(live()?.spec?.replicas).toBe(0)
  })

  it.each([
    ['job', 'jobs', {}],
    ['cron', 'cronjobs', { schedule: { cron: '0 3 * * *' } }],
  ] as const)('holds a %s', async (kind, plural, more) => {
    const { adapter, live } = await withApp({ kind, replicas: undefined as never, ...more })
    expect(await adapter.suspend?.(ID, call())).toMatchObject({ changed: true })
    expect(live(plural)?.spec?.suspend).toBe(true)
    expect(await adapter.resume?.(ID, call())).toMatchObject({ changed: true })
    expect(live(plural)?.spec?.suspend).toBe(false)
  })
})

describe('pausing', () => {
  it('holds the rollout of a service, and resuming lets it go on', async () => {
    const { adapter, live } = await withApp()
    expect(await adapter.pause?.(ID, call())).toMatchObject({ changed: true })
    expect(live()?.spec?.paused).toBe(true)
    expect(await adapter.pause?.(ID, call())).toMatchObject({ changed: false })
    expect(await adapter.resume?.(ID, call())).toMatchObject({ changed: true, replicas: 3 })
    expect(live()?.spec?.paused).toBe(false)
  })

  it('is not for a stateful app', async () => {
    const { adapter } = await withApp({ kind: 'stateful' })
    await expect(adapter.pause?.(ID, call())).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
})

describe('restarting', () => {
  it('makes another revision of the same app each time, however soon', async () => {
    const { adapter, app, revision } = await withApp()
    const first = await adapter.restart?.(ID, call())
    const second = await adapter.restart?.(ID, call())
    expect(first).toMatchObject({ changed: true, previous: revision.id })
    expect(new Set([revision.id, first?.id, second?.id]).size).toBe(3)
    expect(await adapter.apply(app, call())).toMatchObject({ id: second?.id, changed: false })
  })

  it('is refused while the rollout is paused, when it would do nothing', async () => {
    const { adapter } = await withApp()
    await adapter.pause?.(ID, call())
    await expect(adapter.restart?.(ID, call())).rejects.toMatchObject({ code: 'CONFLICT' })
  })
})

describe('rolling back', () => {
  async function twoRevisions() {
    const world = await withApp()
    remember(world, 1)
    const next = defineApp({ id: ID, image: 'nginx:2', replicas: 3 })
    const second = await world.adapter.apply(next, call())
    remember(world, 2)
    await world.adapter.scale?.(ID, 4, call())
    return { ...world, second }
  }
  it.each([
    ['to the revision before the newest', undefined],
    ['to the one it is given', 'first'],
  ])('%s brings back its template and its name', async (_, which) => {
    const { adapter, revision, second, live } = await twoRevisions()
    const target = which && revision.id
    const back = await adapter.rollback?.(ID, target, call())
    expect(back).toMatchObject({ id: revision.id, changed: true, previous: second.id })
    expect(templateOf(live()).spec.containers).toMatchObject([{ image: 'nginx:1' }])
    expect(templateOf(live()).metadata.labels).toEqual({ 'intermodal.dev/name': 'web' })
  })

  it('to the revision that is live changes nothing', async () => {
    const { adapter, second } = await twoRevisions()
    expect(await adapter.rollback?.(ID, second.id, call())).toMatchObject({
      id: second.id,
      changed: false,
    })
  })

  it('to a revision nobody remembers names those there are', async () => {
    const { adapter, revision } = await twoRevisions()
    await expect(adapter.rollback?.(ID, 'older', call())).rejects.toMatchObject({
      code: 'CONFLICT',
      remedy: `choose one of ${revision.id}`,
    })
  })

  it('has nowhere to go with one revision', async () => {
    const world = await withApp()
    remember(world, 1)
    await expect(world.adapter.rollback?.(ID, undefined, call())).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('no revision before'),
    })
  })
})

describe('removing', () => {
  it('takes what was made for the app, waits for its instances, and leaves what is others’ or data', async () => {
    const { adapter, api, store, since } = await withApp({
      kind: 'stateful',
      ports: [{ name: 'http', containerPort: 80 }],
      files: { '/etc/web.conf': { content: 'a=1' } },
      disruption: { maxUnavailable: 1 },
    })
    store.put('services', { kind: 'Service', metadata: { name: 'theirs' }, spec: {} })
    store.put('persistentvolumeclaims', {
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data-web-0', labels: { 'intermodal.dev/name': 'web' } },
    })
    await adapter.putConfig?.({ name: 'shared', data: 'kept' }, call())
    expect(await adapter.remove(ID, call())).toBe(true)
    expect(store.names('statefulsets')).toEqual([])
    expect(store.names('services')).toEqual(['theirs'])
    expect(store.names('configmaps')).toEqual(['shared'])
    expect(store.names('persistentvolumeclaims')).toEqual(['data-web-0'])
    const deleted = since().filter((line) => line.startsWith('DELETE'))
    expect(deleted[0]).toBe('DELETE poddisruptionbudgets/web')
    const [workload] = api.asked.filter(
      ({ method, path }) => method === 'DELETE' && path.includes('statefulsets'),
    )
    expect(workload?.body).toMatchObject({
      propagationPolicy: 'Foreground',
      preconditions: { uid: expect.any(String) },
    })
    expect(await adapter.remove(ID, call())).toBe(false)
  })
})

describe('putting secrets and configs', () => {
  it('says whether anything changed, and refuses what somebody else made', async () => {
    const { adapter, store } = await storeAndAdapter()
    for (const put of ['putSecret', 'putConfig'] as const) {
      const send = (data: string | Record<string, string>) =>
        adapter[put]?.({ name: 'key', data }, call())
      expect([
        await send('a'),
        await send('a'),
        await send('b'),
        await send({ value: 'b' }),
      ]).toEqual([true, false, true, false])
    }
    store.put('secrets', { kind: 'Secret', metadata: { name: 'theirs' }, data: {} })
    await expect(adapter.putSecret?.({ name: 'theirs', data: 'x' }, call())).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('not made by intermodal'),
    })
  })

  it('gives credentials of a registry the type nodes look for', async () => {
    const { adapter, store } = await storeAndAdapter()
    await adapter.putSecret?.({ name: 'registry', data: { '.dockerconfigjson': '{}' } }, call())
    expect(store.get('secrets', 'registry')?.type).toBe('kubernetes.io/dockerconfigjson')
  })
})
