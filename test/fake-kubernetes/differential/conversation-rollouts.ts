import type { Conversation } from './conversations.ts'
import { deployment, MERGE, STRATEGIC } from './specs.ts'

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
}

type Json = Readonly<Record<string, unknown>>

const statusOf = ({ status }: Json) => (status ?? {}) as Json
const progress = (object: Json) =>
  ((statusOf(object).conditions ?? []) as readonly Condition[]).find(
    ({ type }) => type === 'Progressing',
  )
const available = (count: number) => (object: Json) =>
  Number(statusOf(object).availableReplicas ?? 0) === count &&
  Number(statusOf(object).replicas ?? 0) === count &&
  Number(statusOf(object).updatedReplicas ?? 0) === count &&
  statusOf(object).observedGeneration === (object.metadata as Json).generation
const stateOf = (object: Json) => {
  const { observedGeneration, updatedReplicas = 0, availableReplicas = 0 } = statusOf(object)
  const { status, reason } = progress(object) ?? {}
  return `${observedGeneration}: ${status} ${reason}, ${updatedReplicas} updated, ${availableReplicas} available`
}

const gone = ({ code }: Json) => code === 404

export const rollouts: Readonly<Record<string, Conversation>> = {
  async rollout(talk) {
    const web = talk.apps('deployments/web')
    await talk.ask('POST', talk.apps('deployments'), deployment('web', { replicas: 3 }))
    await talk.until(web, available(3), stateOf)
    await talk.ask('GET', web)
    await talk.ask('GET', talk.apps('replicasets'))
    await talk.ask(
      'PATCH',
      web,
      { spec: { template: { spec: { containers: [{ name: 'main', image: 'diff/app:2' }] } } } },
      STRATEGIC,
    )
    await talk.until(web, available(3), stateOf)
    await talk.ask('PATCH', web, { spec: { replicas: 1 } }, MERGE)
    await talk.until(web, available(1), stateOf)
    await talk.ask('PATCH', web, { spec: { paused: true } }, MERGE)
    await talk.until(web, (object) => progress(object)?.reason === 'DeploymentPaused')
    await talk.ask('GET', web)
    await talk.ask('DELETE', `${web}?propagationPolicy=Foreground`)
    await talk.until(web, gone)
    const { items } = await talk.peek(talk.apps('replicasets'))
    talk.note('replica sets left', String((items as readonly unknown[]).length))
  },

  async 'bad-image'(talk) {
    const web = talk.apps('deployments/web')
    await talk.ask(
      'POST',
      talk.apps('deployments'),
      deployment('web', { replicas: 1, progressDeadlineSeconds: 2 }, 'diff/app:absent'),
    )
    await talk.until(
      web,
      (object) => progress(object)?.reason === 'ProgressDeadlineExceeded',
      stateOf,
    )
    await talk.ask('GET', web)
    await talk.ask('DELETE', `${web}?propagationPolicy=Background`)
  },

  async unschedulable(talk) {
    await talk.ask('POST', talk.core('pods'), {
      metadata: { name: 'big' },
      spec: {
        containers: [
          { name: 'main', image: 'diff/app:1', resources: { requests: { cpu: '500' } } },
        ],
      },
    })
    await talk.until(talk.core('pods/big'), (object) => statusOf(object).conditions !== undefined)
    const pod = await talk.ask('GET', talk.core('pods/big'))
    const [condition] = statusOf(pod).conditions as readonly Json[]
    talk.note('why it has no place', String(condition?.message))
    await talk.ask('DELETE', talk.core('pods/big'))
  },

  async orphans(talk) {
    const web = talk.apps('deployments/web')
    await talk.ask('POST', talk.apps('deployments'), deployment('web', { replicas: 1 }))
    await talk.until(web, available(1))
    await talk.ask('DELETE', web, { propagationPolicy: 'Orphan' })
    await talk.until(web, gone)
    const sets = await talk.ask('GET', talk.apps('replicasets'))
    const [set] = sets.items as readonly { readonly metadata: Json }[]
    talk.note('owners of what was left', JSON.stringify(set?.metadata.ownerReferences ?? []))
  },

  async stateful(talk) {
    const { spec } = deployment('web')
    const set = { metadata: { name: 'web' }, spec: { ...spec, serviceName: 'web' } }
    const web = talk.apps('statefulsets/web')
    await talk.ask('POST', talk.apps('statefulsets'), set)
    const ready = (object: Json) => Number(statusOf(object).availableReplicas) === 2
    const state = (object: Json) =>
      `${statusOf(object).replicas} there, ${statusOf(object).readyReplicas ?? 0} ready`
    await talk.until(web, ready, state)
    await talk.ask('GET', web)
    const { items } = await talk.ask('GET', talk.apps('controllerrevisions'))
    talk.note('revisions', String((items as readonly unknown[]).length))
    await talk.ask('PATCH', web, { spec: { serviceName: 'other' } }, MERGE)
    await talk.ask('DELETE', web)
  },

  async daemon(talk) {
    const { template, selector } = deployment('web').spec
    const web = talk.apps('daemonsets/web')
    await talk.ask('POST', talk.apps('daemonsets'), {
      metadata: { name: 'web' },
      spec: { template, selector },
    })
    await talk.until(web, (object) => Number(statusOf(object).numberAvailable ?? 0) === 3)
    await talk.ask('GET', web)
    await talk.ask('DELETE', web)
  },

  async job(talk) {
    const job = (name: string, line: string) => ({
      metadata: { name },
      spec: {
        backoffLimit: 0,
        template: {
          spec: {
            restartPolicy: 'Never',
            containers: [{ name: 'main', image: 'diff/app:1', command: ['sh', '-c', line] }],
          },
        },
      },
    })
    const jobs = (name = '') => talk.group('batch/v1', `jobs${name}`)
    const holds = (wanted: string) => (object: Json) =>
      ((statusOf(object).conditions ?? []) as readonly Condition[]).some(
        ({ type, status }) => type === wanted && status === 'True',
      )
    await talk.ask('POST', jobs(), job('good', 'exit 0'))
    await talk.until(jobs('/good'), holds('Complete'))
    await talk.ask('GET', jobs('/good'))
    await talk.ask('POST', jobs(), job('bad', 'exit 3'))
    await talk.until(jobs('/bad'), holds('Failed'))
    await talk.ask('GET', jobs('/bad'))
    await talk.ask(
      'PATCH',
      jobs('/bad'),
      { spec: { template: { spec: { restartPolicy: 'OnFailure' } } } },
      STRATEGIC,
    )
    await talk.ask('DELETE', jobs('/bad'))
  },
}
