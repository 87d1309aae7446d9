import { describe, expect, it } from 'vitest'
import { call } from './calls.ts'
import { refuse } from './fake-api.ts'
import { isRehearsal, isWrite, shortly, storeAndAdapter } from './object-api.ts'
import { refusal, web } from './web.ts'

describe('what the server refuses', () => {
  async function refused(causes: readonly object[], app = web(), status = 422) {
    const { store, adapter } = await storeAndAdapter()
    store.intervene = (asked, response) => {
      if (!isRehearsal(asked)) return undefined
      refuse(response, status, 'Invalid', 'Deployment.apps "web" is invalid', { causes })
      return 'handled'
    }
    return refusal(adapter.apply(app, call()))
  }

  it('is said by the app’s own paths, without the value', async () => {
    const app = web({
      env: { TOKEN: 'hunter2-5up3r-s3cret' },
      sidecars: { log: { image: 'log:1' } },
    })
    const error = await refused(
      [
        {
          reason: 'FieldValueInvalid',
          field: 'spec.template.spec.containers[0].env[0].value',
          message: 'Invalid value: "hunter2-5up3r-s3cret": is too long',
        },
        {
          reason: 'FieldValueRequired',
          field: 'spec.template.spec.containers[1].image',
          message: 'Required value: must be there',
        },
      ],
      app,
    )
    expect(error).toMatchObject({ code: 'APP_INVALID', app: '/web' })
    expect(error.message).toContain('/env/TOKEN is too long')
    expect(error.message).toContain('/sidecars/log/image Required value: must be there')
    expect(error.message).not.toContain('hunter2')
  })

  it('takes making it anew where a field cannot change', async () => {
    const error = await refused([
      {
        reason: 'FieldValueInvalid',
        field: 'spec.selector',
        message: 'Invalid value: {"matchLabels":{"a":"b"}}: field is immutable',
      },
    ])
    expect(error).toMatchObject({ code: 'UNSUPPORTED', remedy: expect.stringContaining('replace') })
    expect(error.message).toContain('cannot be changed on a live app')
  })

  it('names the claim of a stateful app that cannot change', async () => {
    const { store, adapter } = await storeAndAdapter()
    const db = (size: '1Gi' | '2Gi') =>
      web({ kind: 'stateful', volumes: { data: { type: 'claim', size, mountPath: '/data' } } })
    await adapter.apply(db('1Gi'), call())
    store.intervene = (asked, response) => {
      if (!isRehearsal(asked) || !asked.path.includes('statefulsets')) return undefined
      const message =
        "Forbidden: updates to statefulset spec for fields other than 'replicas', 'template' are forbidden"
      refuse(response, 422, 'Invalid', 'is invalid', { causes: [{ field: 'spec', message }] })
      return 'handled'
    }
    const error = await refusal(adapter.apply(db('2Gi'), call()))
    expect(error).toMatchObject({ code: 'UNSUPPORTED' })
    expect(error.message).toContain('/volumes/data cannot be changed')
  })
})

describe('a write that does not go as it should', () => {
  const isWorkload = (asked: Parameters<typeof isWrite>[0]) =>
    isWrite(asked) && asked.path.endsWith('/deployments/web')

  it('is looked for when its answer was lost, and not sent again', async () => {
    const { store, adapter, writes } = await storeAndAdapter()
    let lost = false
    store.intervene = (asked, response) => {
      if (lost || !isWorkload(asked)) return undefined
      lost = true
      store.put('deployments', asked.body as never)
      response.destroy()
      return 'handled'
    }
    expect(await adapter.apply(web(), call())).toMatchObject({ changed: true })
    expect(writes()).toEqual(['PATCH deployments/web'])
  })

  it('is sent again when it was not done', async () => {
    const { store, adapter, writes } = await storeAndAdapter()
    let failed = false
    store.intervene = (asked, response) => {
      if (failed || !isWorkload(asked)) return undefined
      failed = true
      refuse(response, 500, 'InternalError', 'etcdserver: request timed out')
      return 'handled'
    }
    expect(await adapter.apply(web(), call())).toMatchObject({ changed: true })
    expect(writes()).toEqual(['PATCH deployments/web', 'PATCH deployments/web'])
  })

  it('goes on when only the status has moved on meanwhile', async () => {
    const { store, adapter } = await storeAndAdapter()
    await adapter.apply(web(), call())
    let moved = false
    store.intervene = (asked) => {
      if (!moved && isWorkload(asked)) store.touch('deployments', 'web')
      moved ||= isWorkload(asked)
      return undefined
    }
    expect(await adapter.apply(web({ image: 'nginx:2' }), call())).toMatchObject({ changed: true })
  })

  it('goes on when a controller writes while an app is taken over', async () => {
    const { store, adapter } = await storeAndAdapter()
    const managedFields = [
      {
        manager: 'kubectl',
        operation: 'Update',
        apiVersion: 'apps/v1',
        fieldsV1: { 'f:spec': {} },
      },
    ]
    store.put('deployments', {
      kind: 'Deployment',
      metadata: { name: 'web', managedFields },
      spec: { replicas: 1 },
    })
    let touched = 0
    store.intervene = (asked) => {
      const adopting = asked.headers['content-type'] === 'application/merge-patch+json'
      if (adopting && touched++ === 0) store.touch('deployments', 'web')
      return undefined
    }
    const { changed } = await adapter.apply(web(), { ...call(), force: true })
    expect(changed).toBe(true)
    expect(touched).toBe(2)
  })

  it('is a conflict when somebody else changed the app meanwhile', async () => {
    const { store, adapter } = await storeAndAdapter()
    await adapter.apply(web(), call())
    let changed = false
    store.intervene = (asked) => {
      if (changed || !isWorkload(asked)) return undefined
      changed = true
      const { spec = {}, ...live } = store.get('deployments', 'web') as never as { spec: object }
      store.put('deployments', { ...live, spec: { ...spec, paused: true } } as never)
      return undefined
    }
    const error = await refusal(adapter.apply(web({ image: 'nginx:2' }), call()))
    expect(error).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('someone else'),
    })
  })

  it('of two made at once leaves neither lost', async () => {
    const { adapter, api } = await storeAndAdapter()
    await adapter.apply(web(), call())
    const ends = await Promise.allSettled(
      ['nginx:2', 'nginx:3'].map((image) => adapter.apply(web({ image }), call())),
    )
    const accepted = ends.filter(({ status }) => status === 'fulfilled')
    const conflicts = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason.code] : []))
    expect(accepted).toHaveLength(1)
    expect(conflicts).toEqual(['CONFLICT'])
    expect(api.asked.filter(isWrite).map(shortly).at(-1)).toBe('PATCH deployments/web')
  })
})
