import type { Conversation } from './conversations.ts'
import { APPLY, configMap, deployment } from './specs.ts'

export const refusals: Readonly<Record<string, Conversation>> = {
  async 'what-is-not-there'(talk) {
    await talk.ask('GET', talk.apps('deployments/none'))
    await talk.ask('GET', talk.apps('nonsense'))
    await talk.ask('GET', '/nonsense')
    await talk.ask('DELETE', talk.core('pods/none'))
    await talk.ask('PUT', talk.core('configmaps/none'), configMap('none', {}))
    await talk.ask('POST', '/api/v1/pods', {})
    await talk.ask('POST', '/api/v1/namespaces/no-such-namespace/configmaps', configMap('a', {}))
    await talk.ask('GET', talk.apps('deployments/none/scale'))
    await talk.ask('GET', talk.core('pods/none/log'))
  },

  async 'bad-objects'(talk) {
    const { spec, ...rest } = deployment('web')
    await talk.ask('POST', talk.apps('deployments'), rest)
    await talk.ask('POST', talk.apps('deployments'), {
      ...rest,
      spec: { ...spec, replicas: 'two' },
    })
    await talk.ask('POST', talk.apps('deployments'), { ...rest, spec: { ...spec, replicas: -1 } })
    await talk.ask('POST', talk.apps('deployments'), deployment('Not_A_Name'))
    await talk.ask(
      'POST',
      talk.apps('deployments'),
      deployment('web', { selector: { matchLabels: { a: 'b' } } }),
    )
    await talk.ask(
      'POST',
      talk.apps('deployments?fieldValidation=Strict'),
      deployment('web', { foo: 1 }),
    )
    await talk.ask('POST', talk.apps('deployments?dryRun=All'), deployment('web', { foo: 1 }))
    const bad = { name: 'main', imagePullPolicy: 'Sometimes', ports: [{ containerPort: 70000 }] }
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [bad] } }
    await talk.ask('POST', talk.apps('deployments'), deployment('web', { template }))
    await talk.ask('POST', talk.core('configmaps'), '{bad')
    await talk.ask('POST', talk.core('configmaps'), configMap('a', { key: 1 }))
    await talk.ask('POST', talk.core('configmaps'), configMap('a', {}, { labels: { 'a b': 'c' } }))
    await talk.ask('POST', talk.core('configmaps'), { metadata: {} })
    await talk.ask('POST', talk.core('configmaps'), '{}', { type: 'text/plain' })
    await talk.ask('POST', talk.core('services'), { metadata: { name: 'web' }, spec: {} })
    await talk.ask('POST', talk.group('batch/v1', 'cronjobs'), {
      metadata: { name: 'nightly' },
      spec: {
        schedule: 'now',
        jobTemplate: {
          spec: {
            template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } },
          },
        },
      },
    })
  },

  async conflicts(talk) {
    const web = await talk.ask('POST', talk.apps('deployments'), deployment('web', { replicas: 0 }))
    await talk.settle(talk.apps('deployments/web'))
    await talk.ask('POST', talk.apps('deployments'), deployment('web'))
    await talk.ask('PUT', talk.apps('deployments/web'), {
      ...deployment('web'),
      metadata: { name: 'web', resourceVersion: '1' },
    })
    await talk.ask('PUT', talk.apps('deployments/web'), deployment('other'))
    const selector = { matchLabels: { app: 'other' } }
    const template = { ...deployment('other').spec.template }
    await talk.ask('PUT', talk.apps('deployments/web'), deployment('web', { selector, template }))
    await talk.ask('DELETE', talk.apps('deployments/web'), { preconditions: { uid: 'other' } })
    await talk.ask(
      'PATCH',
      talk.apps('deployments/web?fieldManager=other'),
      deployment('web', { replicas: 3 }, 'b:2'),
      APPLY,
    )
    const one = { ...deployment('web').spec, replicas: 3, template: undefined, selector: undefined }
    await talk.ask(
      'PATCH',
      talk.apps('deployments/web?fieldManager=other'),
      { ...deployment('web'), spec: one },
      APPLY,
    )
    await talk.ask(
      'PATCH',
      talk.apps('deployments/web?fieldManager=other&force=true'),
      deployment('web', { replicas: 0 }, 'b:2'),
      APPLY,
    )
    await talk.settle(talk.apps('deployments/web'))
    await talk.ask('PATCH', talk.apps('deployments/web'), deployment('web'), APPLY)
    await talk.ask(
      'PATCH',
      talk.apps('deployments/web?fieldManager=other'),
      deployment('web', { foo: 1 }),
      APPLY,
    )
    await talk.ask('PATCH', talk.apps('deployments/web'), {}, { type: 'application/json' })
    const { uid } = web.metadata as { readonly uid: string }
    await talk.ask('DELETE', talk.apps('deployments/web'), { preconditions: { uid } })
  },
}
