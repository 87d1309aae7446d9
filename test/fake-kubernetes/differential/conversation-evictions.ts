import type { Conversation } from './conversations.ts'
import { deployment } from './specs.ts'

type Json = Readonly<Record<string, unknown>>

const nameOf = ({ metadata }: Json) => (metadata as { readonly name: string }).name

/** Pods that are sent away, as far as budgets allow. */
export const evictions: Readonly<Record<string, Conversation>> = {
  async evictions(talk) {
    const web = talk.apps('deployments/web')
    const budgets = talk.group('policy/v1', 'poddisruptionbudgets')
    const allowing = (count: number) => (object: Json) => {
      const { observedGeneration, disruptionsAllowed } = (object.status ?? {}) as Json
      return observedGeneration === 1 && disruptionsAllowed === count
    }
    const evict = (name: string, more: object = {}) => {
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, ...more }
      return talk.ask('POST', talk.core(`pods/${name}/eviction`), body)
    }
    await talk.ask('POST', talk.apps('deployments'), deployment('web', { replicas: 3 }))
    const ready = ({ status }: Json) => (status as Json | undefined)?.availableReplicas === 3
    await talk.until(web, ready)
    const budget = (name: string, spec: object) => ({
      metadata: { name },
      spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
    })
    await talk.ask('POST', budgets, budget('most', { maxUnavailable: 1 }))
    await talk.until(`${budgets}/most`, allowing(1))
    await talk.ask('GET', `${budgets}/most`)
    const { items } = await talk.peek(talk.core('pods'))
    const [one = '', two = ''] = (items as readonly Json[]).map(nameOf)
    await evict(one, { deleteOptions: { dryRun: ['All'] } })
    await evict(one)
    await evict(two)
    await evict('absent')
    await talk.ask('POST', talk.core(`pods/${two}/eviction`), { metadata: { name: one } })
    await talk.until(web, ready)
    await talk.until(`${budgets}/most`, allowing(1))
    await talk.ask('POST', budgets, budget('least', { minAvailable: '50%' }))
    await talk.until(`${budgets}/least`, allowing(1))
    await talk.ask('GET', `${budgets}/least`)
    await evict(two)
    await talk.ask('DELETE', web)
  },
}
