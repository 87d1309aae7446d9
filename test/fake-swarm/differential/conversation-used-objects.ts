import type { Conversation } from './conversations.ts'
import { becomes, changes, onlyRunning, outcome, type Parts, running, starts } from './outcome.ts'
import { update } from './specs.ts'
import type { Talk } from './talk.ts'

type Kind = 'secrets' | 'configs'

/** Never wants to stop, so that it is still there for a while. */
const deaf = { run: 'sleep 1d', container: { StopGracePeriod: 3e9 } }

async function made(talk: Talk, kind: Kind, Name: string): Promise<object> {
  const { ID } = (await talk.ask('POST', `/${kind}/create`, { Name, Data: 'YQ==' })) as {
    readonly ID: string
  }
  const what = kind === 'secrets' ? 'Secret' : 'Config'
  const File = { Name: kind === 'secrets' ? 'a' : '/tmp/a', UID: '0', GID: '0', Mode: 292 }
  return { [`${what}s`]: [{ [`${what}ID`]: ID, [`${what}Name`]: Name, File }] }
}

/** A new one takes the place of one that is used; the old one can go once no service names it. */
function rotated(kind: Kind): Conversation {
  return async (talk) => {
    const parts = (container: object): Parts => ({ ...deaf, spec: update(), container })
    const old = await made(talk, kind, 'diff-one')
    await starts(talk, parts(old))
    await talk.ask('DELETE', `/${kind}/diff-one`)
    const next = await made(talk, kind, 'diff-two')
    await changes(talk, parts(next))
    await becomes(talk, 'updating')
    await talk.ask('DELETE', `/${kind}/diff-two`)
    await talk.ask('DELETE', `/${kind}/diff-one`)
    await becomes(talk, 'completed')
    await talk.until('it runs', onlyRunning(1))
    await outcome(talk)
    await talk.ask('GET', '/services/diff-up')
    // What it goes back to needs what is gone.
    talk.looksAway()
    await changes(talk, parts(next), '&rollback=previous')
    let why: string | undefined
    await talk.until('a task has failed', (tasks) => {
      why = tasks.flatMap(({ Status }) => Status.Err ?? [])[0]
      return why !== undefined
    })
    talk.tell('why it fails', why ?? '')
    await changes(talk, parts(old))
    await talk.ask('DELETE', '/services/diff-up')
    await talk.ask('DELETE', `/${kind}/diff-two`)
    await talk.until('all tasks are gone', (tasks) => tasks.length === 0)
  }
}

/** Without an address of its own, of which the engine would tell in an event some time. */
const on = (Target: string): Parts => ({
  ...deaf,
  spec: { ...update(), EndpointSpec: { Mode: 'dnsrr' } },
  task: { RestartPolicy: { Condition: 'any', Delay: 500e6 }, Networks: [{ Target }] },
})

export const usedObjects: Readonly<Record<string, Conversation>> = {
  'secret-rotated': rotated('secrets'),
  'config-rotated': rotated('configs'),

  async 'network-exchanged'(talk) {
    for (const Name of ['diff-a', 'diff-b'])
      await talk.ask('POST', '/networks/create', { Name, Driver: 'overlay' })
    await starts(talk, on('diff-a'))
    await talk.ask('GET', '/networks/diff-a')
    await talk.ask('DELETE', '/networks/diff-a')
    await changes(talk, on('diff-b'))
    await becomes(talk, 'completed')
    await talk.until('it runs', onlyRunning(1))
    await talk.ask('DELETE', '/networks/diff-b')
    await talk.ask('DELETE', '/networks/diff-a')
    await changes(talk, on('diff-a'))
    talk.looksAway()
    await changes(talk, on('diff-b'), '&rollback=previous')
    await talk.ask('DELETE', '/services/diff-up')
    await talk.until('all tasks are gone', (tasks) => tasks.length === 0)
    await talk.ask('DELETE', '/networks/diff-b')
  },

  async 'network-removed-while-tasks-end'(talk) {
    await talk.ask('POST', '/networks/create', { Name: 'diff-a', Driver: 'overlay' })
    await starts(talk, on('diff-a'))
    await talk.ask('DELETE', '/services/diff-up')
    await talk.until('it still runs', running(1))
    await talk.ask('DELETE', '/networks/diff-a')
    await talk.ask('GET', '/networks/diff-a')
    await talk.until('all tasks are gone', (tasks) => tasks.length === 0)
  },
}
