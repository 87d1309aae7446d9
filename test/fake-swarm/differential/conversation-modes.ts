import type { Conversation } from './conversations.ts'
import { becomes, changes, ends, onlyRunning, outcome, starts } from './outcome.ts'
import { ABSENT, NEXT, never, service, update } from './specs.ts'
import type { Talk, Task } from './talk.ts'

const tasksOf = (name: string) =>
  `/tasks?filters=${encodeURIComponent(JSON.stringify({ service: [`diff-${name}`] }))}`
const status = '/services?status=true&filters=%7B%22name%22%3A%5B%22diff-%22%5D%7D'

const over = (state: string, count: number) => (tasks: readonly Task[]) =>
  tasks.filter(({ Status, DesiredState }) => Status.State === state && DesiredState !== 'running')
    .length === count

const mode = { Global: {} }
const once = { RestartPolicy: { Condition: 'any', Delay: 120e9 } }

/** Counts as the list of services has them. */
async function counts(talk: Talk): Promise<void> {
  const [found] = (await talk.peek(status)) as readonly { readonly ServiceStatus: object }[]
  talk.tell('its counts', JSON.stringify(found?.ServiceStatus))
}

async function iteration(talk: Talk): Promise<void> {
  const { JobStatus } = (await talk.peek('/services/diff-job')) as {
    readonly JobStatus: { readonly JobIteration: object }
  }
  talk.tell('its iteration', JSON.stringify(JobStatus.JobIteration))
}

async function again(talk: Talk, parts: Parameters<typeof service>[1]): Promise<void> {
  const index = await talk.version('diff-job')
  await talk.ask('POST', `/services/diff-job/update?version=${index}`, service('job', parts))
}

export const modes: Readonly<Record<string, Conversation>> = {
  async 'global-updated-and-back'(talk) {
    await starts(talk, { mode, spec: update() })
    await changes(talk, { mode, spec: update(), image: NEXT })
    await becomes(talk, 'completed')
    await outcome(talk)
    await changes(talk, { mode }, '&rollback=previous')
    await becomes(talk, 'rollback_completed')
    await talk.until('it runs', onlyRunning(1))
    await counts(talk)
    await ends(talk)
  },

  async 'global-update-fails'(talk) {
    const spec = update({ FailureAction: 'rollback', Monitor: 5e9 })
    await starts(talk, { mode, spec, task: once })
    talk.looksAway()
    await changes(talk, { mode, spec, task: once, image: ABSENT })
    await becomes(talk, 'rollback_completed')
    await outcome(talk)
    await ends(talk)
  },

  async 'global-for-no-node'(talk) {
    const task = { ...once, Placement: { Constraints: ['node.labels.diff==moon'] } }
    await talk.ask('POST', '/services/create', service('up', { mode, task }))
    await counts(talk)
    await changes(talk, { mode, task: once })
    await talk.until('it runs', onlyRunning(1))
    await counts(talk)
    await outcome(talk)
    await changes(talk, { mode, task })
    await talk.until('none runs', (tasks) =>
      tasks.every(({ Status }) => Status.State === 'shutdown'),
    )
    await counts(talk)
    await outcome(talk)
    await ends(talk)
  },

  async 'job-everywhere'(talk) {
    const parts = { run: 'sleep 3', mode: { GlobalJob: {} }, task: never }
    await talk.ask('POST', '/services/create', service('job', parts))
    await talk.until('it runs', (tasks) => tasks.some(({ Status }) => Status.State === 'running'))
    await counts(talk)
    await talk.until('it is done', over('complete', 1))
    await talk.ask('GET', tasksOf('job'))
    await talk.ask('GET', '/services/diff-job')
    await counts(talk)
    await iteration(talk)
    await talk.ask('DELETE', '/services/diff-job')
  },

  async 'job-done-again'(talk) {
    const job = { MaxConcurrent: 2, TotalCompletions: 2 }
    const parts = { run: 'sleep 0.3', mode: { ReplicatedJob: job }, task: never }
    await talk.ask('POST', '/services/create', service('job', parts))
    await talk.until('it is done', over('complete', 2))
    await iteration(talk)
    await counts(talk)
    await again(talk, { ...parts, task: { ...never, ForceUpdate: 1 } })
    await iteration(talk)
    await talk.until('it is done again', async (tasks) => {
      const [one] = (await talk.peek(status)) as readonly {
        readonly ServiceStatus: { readonly CompletedTasks: number }
      }[]
      return over('complete', 4)(tasks) && one?.ServiceStatus.CompletedTasks === 2
    })
    await talk.ask('GET', '/services/diff-job')
    await talk.ask('DELETE', '/services/diff-job')
  },

  async 'job-that-fails'(talk) {
    const task = { RestartPolicy: { Condition: 'on-failure', Delay: 300e6, MaxAttempts: 2 } }
    const parts = { run: 'exit 3', mode: { ReplicatedJob: {} }, task }
    await talk.ask('POST', '/services/create', service('job', parts))
    await talk.until('it was tried three times', over('failed', 3))
    await counts(talk)
    await talk.ask('GET', '/services/diff-job')
    await talk.ask('DELETE', '/services/diff-job')
  },

  async 'job-refused'(talk) {
    const job = { run: 'true', mode: { ReplicatedJob: { TotalCompletions: 0 } }, task: never }
    await talk.ask('POST', '/services/create', service('job', { ...job, replicas: 0 }))
    await talk.ask('GET', '/services/diff-job')
    await again(talk, { ...job, mode: { GlobalJob: {} } })
    await talk.ask('DELETE', '/services/diff-job')
  },

  async 'history-kept'(talk) {
    const task = { RestartPolicy: { Condition: 'any', Delay: 500e6 } }
    talk.looksAway()
    await talk.ask('POST', '/services/create', service('up', { run: 'exit 3', task }))
    const seen = new Set<string>()
    await talk.until('it was tried eight times', (tasks) => {
      for (const { ID } of tasks) seen.add(ID)
      return seen.size >= 8
    })
    await talk.until('only five are known', (tasks) => tasks.length === 5)
    await ends(talk)
  },

  /** Whoever counts attempts needs them all, and no more. */
  async 'history-kept-to-count-attempts'(talk) {
    const task = { RestartPolicy: { Condition: 'any', Delay: 300e6, MaxAttempts: 7 } }
    talk.looksAway()
    await talk.ask('POST', '/services/create', service('up', { run: 'exit 3', task }))
    const isOver = ({ Status, DesiredState }: Task) =>
      Status.State === 'failed' && DesiredState === 'shutdown'
    await talk.until('all eight are known', (tasks) => tasks.filter(isOver).length === 8)
    await ends(talk)
    const few = { RestartPolicy: { ...task.RestartPolicy, MaxAttempts: 1 } }
    const spec = { UpdateConfig: { Parallelism: 1, Monitor: 1e6 } }
    await starts(talk, { task: few, spec })
    for (const ForceUpdate of [1, 2, 3]) {
      await changes(talk, { task: { ...few, ForceUpdate }, spec })
      await becomes(talk, 'completed')
    }
    await talk.until('two are left', (tasks) => tasks.length === 2)
    await ends(talk)
  },
}
