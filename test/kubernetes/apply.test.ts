import { inspect } from 'node:util'
import { type AppInput, defineApp } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { call } from './calls.ts'
import { refuse } from './fake-api.ts'
import { isRehearsal, isWrite, storeAndAdapter } from './object-api.ts'
import { refusal, web } from './web.ts'

const WHOLE: Partial<AppInput> = {
  files: { '/etc/web.conf': { content: 'a=1' } },
  ports: [{ name: 'http', containerPort: 80, exposure: 'public', host: 'shop.example.com' }],
  disruption: { maxUnavailable: 1 },
  autoscale: { min: 1, max: 3, metrics: [{ type: 'cpu', utilization: 50 }] },
  resources: { requests: { cpu: 0.1 } },
}

describe('applying', () => {
  it('asks for everything as a dry run first, then writes what others need before what needs them', async () => {
    const { api, adapter } = await storeAndAdapter()
    expect(await adapter.apply(web(WHOLE), call())).toMatchObject({ changed: true, generation: 1 })
    const kinds = api.asked
      .filter(({ method }) => method !== 'GET')
      .map((asked) => `${isRehearsal(asked) ? 'try' : 'write'} ${asked.path.split('/').at(-2)}`)
    expect(kinds.slice(0, 6).every((one) => one.startsWith('try'))).toBe(true)
    expect(kinds.slice(6, 9)).toEqual(['write configmaps', 'write services', 'write deployments'])
    expect(new Set(kinds.slice(9))).toEqual(
      new Set(['write ingresses', 'write horizontalpodautoscalers', 'write poddisruptionbudgets']),
    )
    for (const { query } of api.asked.filter(isWrite)) {
      expect(query.get('fieldManager')).toBe('intermodal')
      expect(query.get('force')).toBeNull()
    }
  })

  it('writes nothing when a part of it would be refused', async () => {
    const { store, adapter, writes } = await storeAndAdapter()
    store.intervene = (asked, response) => {
      if (!asked.path.endsWith('/ingresses/web') || asked.method === 'GET') return undefined
      refuse(
        response,
        400,
        'BadRequest',
        'admission webhook "policy.example.com" denied the request: no public hosts',
      )
      return 'handled'
    }
    const error = await refusal(adapter.apply(web(WHOLE), call()))
    expect(error).toMatchObject({ code: 'FORBIDDEN' })
    expect(error.message).toContain('no public hosts')
    expect(writes()).toEqual([])
  })

  it('writes nothing when the cluster has exactly this', async () => {
    const { adapter, writes } = await storeAndAdapter()
    const first = await adapter.apply(web(WHOLE), call())
    const before = writes().length
    expect(await adapter.apply(web(WHOLE), call())).toMatchObject({ id: first.id, changed: false })
    expect(writes()).toHaveLength(before)
  })

  it('names what was written when the rest of it fails', async () => {
    const { store, adapter } = await storeAndAdapter()
    store.intervene = (asked, response) => {
      if (!isWrite(asked) || !asked.path.endsWith('/deployments/web')) return undefined
      refuse(response, 403, 'Forbidden', 'pods "web" is forbidden: exceeded quota: small')
      return 'handled'
    }
    const error = await refusal(adapter.apply(web(WHOLE), call()))
    expect(error).toMatchObject({ code: 'FORBIDDEN' })
    expect(error.message).toMatch(
      /exceeded quota: small; written before that: ConfigMap web---\w+, Service web$/,
    )
    expect(error.remedy).toContain('apply the app again')
  })

  it('makes another revision after the one it names', async () => {
    const { adapter } = await storeAndAdapter()
    const first = await adapter.apply(web(), call())
    const second = await adapter.apply(web({ image: 'nginx:2' }), call())
    expect(second).toMatchObject({ previous: first.id, changed: true, generation: 2 })
    expect(
      await adapter.apply(web({ image: 'nginx:2', labels: { tier: 'front' } }), call()),
    ).toMatchObject({
      id: second.id,
      previous: first.id,
      changed: true,
    })
  })

  it('leaves a convenient name to whoever has it', async () => {
    const { store, adapter } = await storeAndAdapter()
    store.put('services', { kind: 'Service', metadata: { name: 'web' }, spec: {} })
    const ports = [{ name: 'http', containerPort: 80 }]
    await adapter.apply(defineApp({ id: '/shop/web', image: 'nginx:1', ports }), call())
    expect(store.get('services', 'web')?.metadata.labels).toBeUndefined()
    expect(store.names('services')).toContain('shop--web')
  })

  it('waits for what is being removed', async () => {
    const { store, adapter, writes } = await storeAndAdapter()
    await adapter.apply(web(), call())
    const live = store.get('deployments', 'web')
    if (live) live.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
    const before = writes().length
    const error = await refusal(adapter.apply(web({ image: 'nginx:2' }), call()))
    expect(error).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('being removed'),
    })
    expect(writes()).toHaveLength(before)
  })

  it('refuses another kind, and says that it takes making it anew', async () => {
    const { adapter } = await storeAndAdapter()
    await adapter.apply(web(), call())
    const error = await refusal(adapter.apply(web({ kind: 'daemon' }), call()))
    expect(error).toMatchObject({ code: 'UNSUPPORTED', remedy: expect.stringContaining('replace') })
  })

  it('puts another job in the place of one that cannot change', async () => {
    const { store, adapter, writes } = await storeAndAdapter()
    const job = (image: string) => web({ kind: 'job', image })
    await adapter.apply(job('busybox:1'), call())
    const before = writes().length
    store.intervene = (asked, response) => {
      const refuses =
        asked.method === 'PATCH' && asked.path.endsWith('/jobs/web') && store.get('jobs', 'web')
      if (!refuses) return undefined
      const causes = [
        {
          reason: 'FieldValueInvalid',
          field: 'spec.template',
          message: 'Invalid value: {}: field is immutable',
        },
      ]
      refuse(response, 422, 'Invalid', 'Job "web" is invalid', { causes })
      return 'handled'
    }
    expect(await adapter.apply(job('busybox:2'), call())).toMatchObject({ changed: true })
    expect(writes().slice(before)).toEqual(['DELETE jobs/web', 'PATCH jobs/web'])
  })
})

describe('fields and objects of others', () => {
  const conflict = (manager: string, field: string) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with "${manager}" using apps/v1`,
    field,
  })

  it('are a conflict that names who has them, by the app’s own paths', async () => {
    const { store, adapter, writes } = await storeAndAdapter()
    store.intervene = (asked, response) => {
      if (!isRehearsal(asked)) return undefined
      refuse(response, 409, 'Conflict', 'Apply failed with 2 conflicts', {
        causes: [
          conflict('kubectl-edit', '.spec.template.spec.containers[name="web"].image'),
          conflict('kube-controller-manager', '.spec.replicas'),
        ],
      })
      return 'handled'
    }
    const error = await refusal(adapter.apply(web({ replicas: 2 }), call()))
    expect(error).toMatchObject({ code: 'CONFLICT', remedy: expect.stringContaining('force') })
    expect(error.message).toContain('/image by kubectl-edit')
    expect(error.message).toContain('/replicas by kube-controller-manager')
    expect(writes()).toEqual([])
  })

  it('are taken over when that is asked for, and never otherwise', async () => {
    const { api, adapter } = await storeAndAdapter()
    await adapter.apply(web(), call(undefined, true))
    const forced = api.asked
      .filter(({ method }) => method === 'PATCH')
      .map(({ query }) => query.get('force'))
    expect(new Set(forced)).toEqual(new Set(['true']))
  })

  it('are none of them when it was we who changed them', async () => {
    const { store, adapter, api } = await storeAndAdapter()
    store.intervene = (asked, response) => {
      if (asked.method !== 'PATCH' || asked.query.get('force') === 'true') return undefined
      refuse(response, 409, 'Conflict', 'Apply failed', {
        causes: [conflict('intermodal-change', '.spec.replicas')],
      })
      return 'handled'
    }
    expect(await adapter.apply(web({ replicas: 2 }), call())).toMatchObject({ changed: true })
    expect(api.asked.some(({ query }) => query.get('force') === 'true')).toBe(true)
  })

  it('are left alone: an object that is there already, with the name of who made it', async () => {
    const { store, adapter, writes } = await storeAndAdapter()
    store.put('deployments', {
      kind: 'Deployment',
      metadata: { name: 'web', managedFields: [{ manager: 'helm', operation: 'Update' }] },
      spec: {},
    })
    const error = await refusal(adapter.apply(web(), call()))
    expect(error).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('by helm') })
    expect(writes()).toEqual([])
  })

  it('are never pruned; what was ours and is rendered no more is', async () => {
    const { store, adapter } = await storeAndAdapter()
    await adapter.apply(web(WHOLE), call())
    store.put('services', {
      kind: 'Service',
      metadata: { name: 'theirs', labels: { app: 'web' } },
      spec: {},
    })
    expect(await adapter.apply(web(), call())).toMatchObject({ changed: true })
    expect(store.names('services')).toEqual(['theirs'])
    for (const kind of ['ingresses', 'horizontalpodautoscalers', 'poddisruptionbudgets'])
      expect(store.names(kind), kind).toEqual([])
  })

  it('keeps files that a remembered revision needs', async () => {
    const { store, adapter } = await storeAndAdapter()
    await adapter.apply(web({ files: { '/etc/web.conf': { content: 'a=1' } } }), call())
    const live = store.get('deployments', 'web')
    const [old = ''] = store.names('configmaps')
    store.put('replicasets', {
      kind: 'ReplicaSet',
      metadata: {
        name: 'web-1',
        labels: live?.metadata.labels,
        ownerReferences: [
          { kind: 'Deployment', name: 'web', uid: live?.metadata.uid, controller: true },
        ],
      },
      spec: { template: live?.spec?.template },
    })
    await adapter.apply(web({ files: { '/etc/web.conf': { content: 'a=2' } } }), call())
    expect(store.names('configmaps')).toHaveLength(2)
    store.delete('replicasets', 'web-1')
    await adapter.apply(web({ files: { '/etc/web.conf': { content: 'a=3' } } }), call())
    expect(store.names('configmaps')).not.toContain(old)
  })
})

describe('secrets and configs an app refers to', () => {
  const app = web({ env: { PASSWORD: { secret: 'db', key: 'password' } } })

  it('have to be there before anything is written', async () => {
    const { store, adapter, writes } = await storeAndAdapter()
    const missing = await refusal(adapter.apply(app, call()))
    expect(missing).toMatchObject({ code: 'APP_INVALID' })
    expect(missing.message).toContain('no secret "db"')
    store.put('secrets', { kind: 'Secret', metadata: { name: 'db' }, data: { user: 'cm9vdA==' } })
    const partly = await refusal(adapter.apply(app, call()))
    expect(partly.message).toContain('no "password" in the secret "db"')
    expect(writes()).toEqual([])
  })

  it('make another revision when their content changes, and only then', async () => {
    const { store, adapter } = await storeAndAdapter()
    const put = (data: string) =>
      adapter.putSecret?.({ name: 'db', data: { password: data } }, call())
    await put('one')
    const first = await adapter.apply(app, call())
    store.touch('secrets', 'db')
    expect(await adapter.apply(app, call())).toMatchObject({ id: first.id, changed: false })
    await put('two')
    const second = await adapter.apply(app, call())
    expect(second).toMatchObject({ changed: true, previous: first.id })
    expect(second.id).not.toBe(first.id)
    expect(inspect(store.get('deployments', 'web'), { depth: 20 })).not.toContain('dHdv')
  })
})

describe('the live count', () => {
  const countOf = (body: unknown) => (body as { spec: { replicas?: number } }).spec.replicas

  it('is left out when the app leaves it out', async () => {
    const { api, adapter } = await storeAndAdapter()
    await adapter.apply(web(), call())
    for (const { body } of api.asked.filter(isWrite)) expect(countOf(body)).toBeUndefined()
  })

  it('is said once more when it was ours, so that the server does not make it 1', async () => {
    const { store, api, adapter } = await storeAndAdapter()
    await adapter.apply(web({ replicas: 3 }), call())
    const live = store.get('deployments', 'web')
    if (live) {
      live.metadata.managedFields = [
        { manager: 'intermodal', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
      ]
    }
    expect(await adapter.apply(web({ image: 'nginx:2' }), call())).toMatchObject({ replicas: 3 })
    expect(countOf(api.asked.filter(isWrite).at(-1)?.body)).toBe(3)
  })
})
