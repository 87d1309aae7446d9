import { canonical } from '../../fakes/kubernetes/json.ts'
import type { Conversation } from './conversations.ts'
import { APPLY, configMap, deployment, JSON_PATCH, STRATEGIC } from './specs.ts'

type Json = Readonly<Record<string, unknown>>

interface Named {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly Json[] } } }
}

const LAST = 'kubectl.kubernetes.io/last-applied-configuration'

/** Lists that are merged item by item, and what else kubectl relies on. */
export const strategic: Readonly<Record<string, Conversation>> = {
  async strategic(talk) {
    const web = talk.apps('deployments/web')
    const patch = async (change: object) => {
      await talk.settle(web)
      return talk.ask('PATCH', web, change, STRATEGIC)
    }
    const main = (container: object) =>
      patch({ spec: { template: { spec: { containers: [{ name: 'main', ...container }] } } } })
    let at = 0
    /** The order of a list is not in its shape. */
    const note = (object: Json, what: string) => {
      const [container] = (object as unknown as Named).spec.template.spec.containers
      talk.note(`${++at}: ${what}`, canonical(container?.[what] ?? null))
    }
    const env = (...names: string[]) => names.map((name) => ({ name, value: name }))
    await talk.ask('POST', talk.apps('deployments'), deployment('web', { replicas: 0 }))
    note(await main({ env: env('A', 'B') }), 'env')
    note(await main({ env: env('C') }), 'env')
    note(await main({ env: env('B', 'D') }), 'env')
    note(await main({ env: [{ name: 'A', $patch: 'delete' }, ...env('E')] }), 'env')
    const order = ['E', 'B', 'C', 'D'].map((name) => ({ name }))
    note(await main({ '$setElementOrder/env': order, env: env('E') }), 'env')
    note(await main({ env: [...env('F'), { $patch: 'replace' }] }), 'env')
    note(
      await main({
        env: [{ name: 'F', value: null, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      }),
      'env',
    )
    note(await main({ env: null }), 'env')
    const port = (containerPort: number, name: string) => ({ containerPort, name })
    note(await main({ ports: [port(80, 'http'), port(81, 'admin')] }), 'ports')
    note(await main({ ports: [port(82, 'more'), port(80, 'web')] }), 'ports')
    note(await main({ args: ['a', 'b'] }), 'args')
    note(await main({ resources: { limits: { cpu: '1' } } }), 'resources')
    note(await main({ resources: { $patch: 'replace', requests: { cpu: '0.5' } } }), 'resources')
    await patch({ metadata: { finalizers: ['a.b/c', 'a.b/d'] } })
    await patch({ metadata: { finalizers: ['a.b/e', 'a.b/c'] } })
    const { metadata } = await talk.peek(web)
    talk.note('finalizers', JSON.stringify((metadata as Json).finalizers))
    await patch({
      metadata: { '$deleteFromPrimitiveList/finalizers': ['a.b/c', 'a.b/d', 'a.b/e'] },
    })
    for (const change of [
      { spec: { replicas: 'x' } },
      { spec: { template: 'x' } },
      { spec: { paused: 1 } },
      { metadata: { labels: { a: 1 } } },
      { metadata: { labels: 'x' } },
      { spec: { template: { spec: { containers: 'x' } } } },
      { spec: { nonsense: 1 } },
    ])
      await patch(change)
    await talk.ask(
      'PATCH',
      web,
      [{ op: 'replace', path: '/spec/minReadySeconds', value: 1 }],
      JSON_PATCH,
    )
    await talk.ask(
      'PATCH',
      web,
      [{ op: 'replace', path: '/spec/template/spec/containers/7', value: {} }],
      JSON_PATCH,
    )
    await talk.ask(
      'PATCH',
      web,
      [{ op: 'replace', path: '/metadata/none/deeper', value: 1 }],
      JSON_PATCH,
    )
  },

  async 'last-applied'(talk) {
    const path = talk.core('configmaps/a')
    const applied = configMap('a', { n: '1', m: '2' })
    const note = { annotations: { [LAST]: JSON.stringify(applied) } }
    const by = (manager: string, client: string) =>
      `${talk.core(client === '' ? 'configmaps' : 'configmaps/a')}?fieldManager=${manager}`
    const made = configMap('a', { n: '1', m: '2' }, note)
    await talk.ask('POST', by('kubectl-client-side-apply', ''), made)
    await talk.ask('PATCH', by('ci', 'a'), configMap('a', { n: '5' }), APPLY)
    await talk.ask('PATCH', by('kubectl', 'a'), configMap('a', { n: '5', m: '3' }), APPLY)
    const annotations = async () => {
      const { metadata } = await talk.peek(path)
      return String(((metadata as Json).annotations as Json)[LAST])
    }
    talk.note('applied then', await annotations())
    await talk.ask('PATCH', path, { data: { m: '9' } }, STRATEGIC)
    await talk.ask('PATCH', by('kubectl', 'a'), configMap('a', { n: '5', m: '4' }), APPLY)
    talk.note('applied at last', await annotations())
  },

  async skeletons(talk) {
    const container = { name: 'main', image: 'diff/app:1', ports: [], env: [], stdin: false }
    const spec = {
      restartPolicy: 'Never',
      hostNetwork: false,
      nodeName: '',
      containers: [container],
    }
    await talk.ask('POST', talk.group('batch/v1', 'cronjobs'), {
      metadata: { name: 'cron', labels: {}, annotations: null },
      spec: { schedule: '0 0 1 1 *', suspend: true, jobTemplate: { spec: { template: { spec } } } },
    })
    await talk.ask('POST', talk.core('pods?dryRun=All'), { metadata: { name: 'bare' }, spec })
    await talk.ask('POST', talk.group('networking.k8s.io/v1', 'ingresses'), {
      metadata: { name: 'way' },
      spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
    })
    await talk.ask('POST', talk.group('rbac.authorization.k8s.io/v1', 'roles'), {
      metadata: { name: 'reader' },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    })
    await talk.ask('POST', talk.group('rbac.authorization.k8s.io/v1', 'rolebindings'), {
      metadata: { name: 'readers' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'x' }],
    })
  },
}
