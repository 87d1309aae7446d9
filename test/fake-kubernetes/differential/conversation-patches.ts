import type { Conversation } from './conversations.ts'
import { APPLY, configMap, deployment, JSON_PATCH, MERGE, STRATEGIC } from './specs.ts'

export const patches: Readonly<Record<string, Conversation>> = {
  async patches(talk) {
    await talk.ask('POST', talk.core('configmaps'), configMap('a', { n: '1', m: '2' }))
    await talk.ask('PATCH', talk.core('configmaps/a'), { data: { n: null, o: '3' } }, MERGE)
    await talk.ask(
      'PATCH',
      talk.core('configmaps/a'),
      [{ op: 'add', path: '/data/p', value: '4' }],
      JSON_PATCH,
    )
    await talk.ask(
      'PATCH',
      talk.core('configmaps/a'),
      [{ op: 'test', path: '/data/p', value: '5' }],
      JSON_PATCH,
    )
    await talk.ask(
      'PATCH',
      talk.core('configmaps/a'),
      [{ op: 'remove', path: '/data/none' }],
      JSON_PATCH,
    )
    await talk.ask('PATCH', talk.core('configmaps/a?dryRun=All'), { data: { q: '1' } }, MERGE)
    await talk.ask('GET', talk.core('configmaps/a'))
    await talk.ask('POST', talk.apps('deployments'), deployment('web', { replicas: 0 }))
    await talk.settle(talk.apps('deployments/web'))
    const env = [{ name: 'A', value: '1' }]
    const containers = [
      { name: 'main', env },
      { name: 'side', image: 'diff/side:1' },
    ]
    await talk.ask(
      'PATCH',
      talk.apps('deployments/web'),
      { spec: { template: { spec: { containers } } } },
      STRATEGIC,
    )
    await talk.settle(talk.apps('deployments/web'))
    const gone = [{ name: 'side', $patch: 'delete' }]
    await talk.ask(
      'PATCH',
      talk.apps('deployments/web'),
      { spec: { template: { spec: { containers: gone } } } },
      STRATEGIC,
    )
    await talk.ask(
      'PATCH',
      talk.apps('deployments/web'),
      { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
      STRATEGIC,
    )
    await talk.ask('PATCH', talk.apps('deployments/web/scale'), { spec: { replicas: 'x' } }, MERGE)
    await talk.ask('GET', talk.apps('deployments/web/scale'))
  },

  async apply(talk) {
    const mine = talk.core('configmaps/a?fieldManager=mine')
    await talk.ask('PATCH', mine, configMap('a', { n: '1', m: '2' }), APPLY)
    await talk.ask('PATCH', mine, configMap('a', { n: '1', m: '2' }), APPLY)
    await talk.ask('PATCH', mine, configMap('a', { n: '1' }), APPLY)
    await talk.ask(
      'PATCH',
      talk.core('configmaps/a?fieldManager=other'),
      configMap('a', { o: '3' }),
      APPLY,
    )
    await talk.ask('GET', talk.core('configmaps/a'))
    const web = talk.apps('deployments/web?fieldManager=mine')
    const probe = { httpGet: { port: 80 } }
    const container = { name: 'main', image: 'diff/app:1', readinessProbe: probe }
    const template = (main: object) => ({
      metadata: { labels: { app: 'web' } },
      spec: { containers: [main] },
    })
    await talk.ask(
      'PATCH',
      web,
      deployment('web', { replicas: 0, template: template(container) }),
      APPLY,
    )
    await talk.settle(talk.apps('deployments/web'))
    const { readinessProbe: _, ...bare } = container
    await talk.ask(
      'PATCH',
      web,
      deployment('web', { replicas: 0, template: template(bare) }),
      APPLY,
    )
    await talk.settle(talk.apps('deployments/web'))
    await talk.ask(
      'PATCH',
      web,
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n',
      APPLY,
    )
  },

  async services(talk) {
    const service = (spec: object) => ({
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ...spec },
    })
    await talk.ask('POST', talk.core('services'), service({ ports: [{ port: 80 }] }))
    await talk.ask('PATCH', talk.core('services/web'), { spec: { type: 'NodePort' } }, MERGE)
    await talk.ask('PATCH', talk.core('services/web'), { spec: { clusterIP: '10.0.0.77' } }, MERGE)
    await talk.ask('DELETE', talk.core('services/web'))
  },
}
