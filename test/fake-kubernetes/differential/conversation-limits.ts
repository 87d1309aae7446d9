import { canonical } from '../../fakes/kubernetes/json.ts'
import type { Conversation } from './conversations.ts'
import { configMap, deployment } from './specs.ts'

type Json = Readonly<Record<string, unknown>>
type Amounts = Readonly<Record<string, string>>

const statusOf = ({ status }: Json) => (status ?? {}) as Json

const pod = (name: string, resources: object = {}, spec: object = {}) => ({
  metadata: { name, labels: { app: 'lone' } },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', image: 'diff/app:1', args: ['sleep', 'infinity'], resources }],
    ...spec,
  },
})

const quota = (name: string, hard: Amounts, spec: object = {}) => ({
  metadata: { name },
  spec: { hard, ...spec },
})

const isCounted = (object: Json) => statusOf(object).used !== undefined

/** What is too much for a namespace, or for one object in it. */
export const limits: Readonly<Record<string, Conversation>> = {
  async quotas(talk) {
    const quotas = talk.core('resourcequotas')
    const q = `${quotas}/q`
    const hard = { pods: '3', 'requests.cpu': '1', 'count/configmaps': '2', services: '1' }
    const used = async (name: string, wanted: (used: Amounts) => boolean) => {
      const path = `${quotas}/${name}`
      await talk.until(path, (object) => wanted((statusOf(object).used ?? {}) as Amounts))
      talk.note(`used of ${name}`, canonical(statusOf(await talk.peek(path)).used))
    }
    await talk.ask('POST', quotas, quota('q', { ...hard, 'limits.memory': '1536Mi' }))
    await talk.until(q, isCounted)
    await talk.ask('GET', q)
    await talk.ask('POST', talk.core('pods'), pod('bare'))
    const half = { requests: { cpu: '600m', memory: '64Mi' }, limits: { memory: '1Gi' } }
    await talk.ask('POST', talk.core('pods'), pod('first', half))
    await talk.ask('POST', talk.core('pods'), pod('second', half))
    await talk.ask('POST', talk.core('pods?dryRun=All'), pod('second', half))
    await talk.ask('POST', talk.core('configmaps'), configMap('a', {}))
    await talk.ask('POST', talk.core('configmaps'), configMap('b', {}))
    const small = { requests: { cpu: '100m' }, limits: { memory: '1Mi' } }
    const { containers } = pod('web', small).spec
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers } }
    await talk.ask('POST', talk.apps('deployments'), deployment('web', { replicas: 3, template }))
    const failed = (object: Json) =>
      ((statusOf(object).conditions ?? []) as readonly Json[]).find(
        ({ type }) => type === 'ReplicaFailure',
      )
    await talk.until(talk.apps('deployments/web'), (object) => failed(object) !== undefined)
    const told = failed(await talk.peek(talk.apps('deployments/web')))
    talk.note('why it hangs', `${told?.status} ${told?.reason}`)
    await used('q', (amounts) => amounts.pods === '3' && amounts['requests.cpu'] === '800m')
    await talk.ask('DELETE', talk.apps('deployments/web?propagationPolicy=Background'))
    await talk.peek(talk.core('pods/first?gracePeriodSeconds=0'), 'DELETE')
    await used('q', ({ pods }) => pods === '0')
    await talk.ask(
      'PATCH',
      q,
      { spec: { hard: { pods: '0' } } },
      { type: 'application/merge-patch+json' },
    )
    await talk.until(q, (object) => (statusOf(object).hard as Amounts).pods === '0')
    await talk.ask('POST', talk.core('pods'), pod('third', half))
    await talk.ask('DELETE', q)
    await talk.ask('POST', quotas, quota('idle', { pods: '0' }, { scopes: ['BestEffort'] }))
    await talk.until(`${quotas}/idle`, isCounted)
    await talk.ask('POST', talk.core('pods?dryRun=All'), pod('fourth'))
    await talk.ask('POST', talk.core('pods?dryRun=All'), pod('fourth', half))
  },

  async 'limit-ranges'(talk) {
    const ranges = talk.core('limitranges')
    const spec = {
      limits: [
        {
          type: 'Container',
          default: { cpu: '500m' },
          defaultRequest: { cpu: '100m', memory: '64Mi' },
          max: { cpu: '1' },
          min: { cpu: '50m' },
        },
        { type: 'Pod', max: { cpu: '1500m' } },
        { type: 'PersistentVolumeClaim', max: { storage: '1Gi' } },
      ],
    }
    await talk.ask('POST', ranges, { metadata: { name: 'usual' }, spec })
    await talk.ask('GET', `${ranges}/usual`)
    const pods = talk.core('pods?dryRun=All')
    const made = await talk.ask('POST', pods, pod('plain'))
    const [container] = (made.spec as { readonly containers: readonly Json[] }).containers
    const { annotations } = made.metadata as { readonly annotations: Json }
    talk.note('what is usual', `${canonical(container?.resources)} ${Object.values(annotations)}`)
    await talk.ask('POST', pods, pod('greedy', { limits: { cpu: '2' } }))
    await talk.ask('POST', pods, pod('humble', { requests: { cpu: '10m' } }))
    const each = { name: 'one', image: 'diff/app:1', resources: { limits: { cpu: '900m' } } }
    await talk.ask('POST', pods, pod('both', {}, { containers: [each, { ...each, name: 'two' }] }))
    const claim = {
      metadata: { name: 'disk' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
    }
    await talk.ask('POST', talk.core('persistentvolumeclaims?dryRun=All'), claim)
    await talk.ask('POST', pods, pod('classy', {}, { priorityClassName: 'nonesuch' }))
    await talk.ask('POST', pods, pod('critical', {}, { priorityClassName: 'system-node-critical' }))
  },
}
