import type { Conversation } from './conversations.ts'
import { becomes, changes, ends, onlyRunning, outcome, running, starts } from './outcome.ts'
import { service, update } from './specs.ts'
import type { Talk, Task } from './talk.ts'

const withoutPlace = (tasks: readonly Task[]) =>
  tasks.some(({ Status }) => Status.State === 'pending' && Status.Err !== undefined)

/** All others have gone by then. */
const homeless = (tasks: readonly Task[]) =>
  withoutPlace(tasks.filter(({ DesiredState }) => DesiredState === 'running'))

const placed = (constraint: string) => ({
  task: {
    RestartPolicy: { Condition: 'any', Delay: 300e6 },
    Placement: { Constraints: [constraint] },
  },
})

const soon = { task: { RestartPolicy: { Condition: 'any', Delay: 300e6 } } }

const crowded = (MaxReplicas: number) => ({
  replicas: 2,
  spec: update({ Order: 'start-first' }),
  task: { RestartPolicy: { Condition: 'any', Delay: 300e6 }, Placement: { MaxReplicas } },
})

/** Looks from outside at what a task with no place says. */
async function saysWhy(talk: Talk): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ service: ['diff-up'] }))
  const tasks = (await talk.peek(`/tasks?filters=${filters}`)) as readonly Task[]
  const errors = tasks.flatMap(({ Status }) =>
    Status.State === 'pending' ? `${Status.Message}: ${Status.Err}` : [],
  )
  talk.tell('why there is no place', errors.sort().join('; '))
}

export const nodes: Readonly<Record<string, Conversation>> = {
  async 'node-drained'(talk) {
    await starts(talk, soon)
    await talk.setNode({ availability: 'drain' })
    await talk.until('a task has no place', homeless)
    await saysWhy(talk)
    await talk.ask('GET', '/nodes')
    await talk.setNode({ availability: 'active' })
    await talk.until('it runs again', onlyRunning(1))
    await ends(talk)
  },

  async 'node-paused'(talk) {
    await starts(talk, soon)
    await talk.setNode({ availability: 'pause' })
    await changes(talk, { ...soon, replicas: 2 })
    await talk.until('a task has no place', homeless)
    await saysWhy(talk)
    await talk.until('the other runs on', running(1))
    await talk.setNode({ availability: 'active' })
    await talk.until('both run', onlyRunning(2))
    await ends(talk)
  },

  async 'node-drained-under-a-global-service'(talk) {
    const mode = { Global: {} }
    await starts(talk, { ...soon, mode })
    await talk.setNode({ availability: 'pause' })
    await talk.setNode({ availability: 'drain' })
    await talk.until('none runs', running(0))
    await talk.setNode({ availability: 'active' })
    await talk.until('it runs again', onlyRunning(1))
    await ends(talk)
  },

  async 'node-loses-its-label'(talk) {
    await talk.setNode({ availability: 'active', label: 'here' })
    await starts(talk, placed('node.labels.diff==here'))
    await talk.setNode({ availability: 'active', label: 'there' })
    await talk.until('a task has no place', homeless)
    await saysWhy(talk)
    await talk.setNode({ availability: 'active', label: 'here' })
    await talk.until('it runs again', onlyRunning(1))
    await talk.setNode({ availability: 'active' })
    await talk.until('a task has no place', homeless)
    await ends(talk)
  },

  async 'update-to-where-no-node-is'(talk) {
    const spec = update()
    await starts(talk, { ...soon, spec })
    await changes(talk, { ...placed('node.labels.diff==moon'), spec })
    await talk.until('a task has no place', withoutPlace)
    await saysWhy(talk)
    await outcome(talk)
    await changes(talk, { ...soon, spec })
    await becomes(talk, 'completed')
    await talk.until('it runs again', onlyRunning(1))
    await outcome(talk)
    await ends(talk)
  },

  async 'update-to-a-constraint-that-holds'(talk) {
    const spec = update()
    await starts(talk, { ...soon, spec })
    await changes(talk, { ...placed('node.role==manager'), spec })
    await outcome(talk)
    await ends(talk)
  },

  async 'more-on-a-node'(talk) {
    await talk.ask('POST', '/services/create', service('up', crowded(1)))
    await talk.until('one has no place', homeless)
    await saysWhy(talk)
    talk.looksAway()
    await changes(talk, crowded(4))
    await becomes(talk, 'completed')
    await talk.until('both run', onlyRunning(2))
    await outcome(talk)
    await ends(talk)
  },

  async 'node-updated-wrongly'(talk) {
    const [{ ID, Version, Spec } = nobody] = (await talk.peek('/nodes')) as readonly Node[]
    const at = `/nodes/${ID}/update`
    const index = Version.Index
    await talk.ask('POST', at, Spec)
    await talk.ask('POST', `${at}?version=1`, Spec)
    await talk.ask('POST', `${at}?version=${index + 1000}`, Spec)
    await talk.ask('POST', `${at}?version=${index}`, { ...Spec, Availability: 'away' })
    await talk.ask('POST', `${at}?version=${index}`, { ...Spec, Role: 'boss' })
    await talk.ask('POST', `${at}?version=${index}`, { ...Spec, Role: 'worker' })
    await talk.ask('DELETE', `/nodes/${ID}`)
  },
}

interface Node {
  readonly ID: string
  readonly Version: { readonly Index: number }
  readonly Spec: object
}

const nobody: Node = { ID: '', Version: { Index: 0 }, Spec: {} }
