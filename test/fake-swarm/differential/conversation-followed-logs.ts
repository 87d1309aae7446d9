import type { Conversation } from './conversations.ts'
import { goes, runs } from './one-service.ts'
import { service } from './specs.ts'
import type { Talk } from './talk.ts'

const LOGS = '/services/diff-log/logs'

const has = (word: string) => (text: string) => text.includes(word)

/** When the line was written, as the engine tells it. */
async function momentOf(talk: Talk, line: string): Promise<string> {
  let text = ''
  await talk.until(`${line} is there`, async () => {
    text = String(await talk.peek(`${LOGS}?stdout=1&timestamps=1`))
    return text.includes(line)
  })
  const [, time = ''] = new RegExp(`(\\d{4}-\\S+Z) ${line}`).exec(text) ?? []
  return time
}

export const followedLogs: Readonly<Record<string, Conversation>> = {
  async 'logs-followed'(talk) {
    const { ID } = await runs(talk, 'log', {
      run: 'echo one; sleep 2; echo two; sleep 2; echo last; sleep 1d',
    })
    await talk.follow(`${LOGS}?stdout=1&stderr=1&follow=1`, has('last'))
    await talk.follow(`${LOGS}?stdout=1&follow=1`, has('last'))
    await talk.follow(`/tasks/${ID}/logs?stdout=1&follow=1&details=1`, has('last'))
    await talk.follow(`${LOGS}?stdout=1&follow=1&timestamps=1`, has('last'))
    await talk.follow(`${LOGS}?stdout=1&follow=1&details=1&timestamps=1`, has('last'))
    await talk.follow(`${LOGS}?stdout=1&follow=1&tail=1`, has('last'))
    for (const tail of ['x', '-1', 'all', ''])
      await talk.ask('GET', `${LOGS}?stdout=1&tail=${tail}`)
    await goes(talk, 'log')
  },

  async 'logs-since'(talk) {
    const { ID } = await runs(talk, 'log', {
      run: 'echo one; sleep 1.5; echo two; echo three; sleep 1d',
    })
    const time = await momentOf(talk, 'two')
    await talk.until('all is there', async () =>
      String(await talk.peek(`${LOGS}?stdout=1`)).includes('three'),
    )
    const seconds = Math.floor(Date.parse(`${time.slice(0, 19)}Z`) / 1000)
    const exact = `${seconds}.${time.slice(20, -1)}`
    await talk.ask('GET', `${LOGS}?stdout=1&since=${exact}`)
    await talk.ask('GET', `${LOGS}?stdout=1&since=0`)
    await talk.ask('GET', `${LOGS}?stdout=1&since=${seconds + 1000}`)
    await talk.ask('GET', `${LOGS}?stdout=1&since=x`)
    await talk.ask('GET', `/tasks/${ID}/logs?stdout=1&since=${exact}&timestamps=1`)
    await goes(talk, 'log')
  },

  async 'logs-of-a-terminal'(talk) {
    await runs(talk, 'log', {
      run: 'echo one; echo no >&2; echo last; sleep 1d',
      container: { TTY: true },
    })
    await talk.follow(`${LOGS}?stdout=1&stderr=1&follow=1`, has('last'))
    await talk.follow(`${LOGS}?stdout=1&follow=1&timestamps=1`, has('last'))
    await goes(talk, 'log')
  },

  async 'logs-followed-past-the-end-of-a-service'(talk) {
    await runs(talk, 'log', { run: 'echo one; sleep 1d' })
    await talk.follow(`${LOGS}?stdout=1&follow=1`, has('one'), async () => {
      await talk.ask('DELETE', '/services/diff-log')
      await talk.until('the task is gone', (tasks) => tasks.length === 0)
    })
  },

  async 'logs-followed-to-the-end-of-a-task'(talk) {
    const task = { RestartPolicy: { Condition: 'none' } }
    const { ID } = await runs(talk, 'log', { run: 'echo one; sleep 4; echo last', task })
    await talk.follow(`/tasks/${ID}/logs?stdout=1&follow=1`, has('last'))
    await talk.until('it has ended', (tasks) =>
      tasks.some(
        ({ Status, DesiredState }) => Status.State === 'complete' && DesiredState === 'shutdown',
      ),
    )
    // Nobody tells the listener that no more will come.
    await talk.follow(`/tasks/${ID}/logs?stdout=1&follow=1`, has('last'))
    await talk.ask('GET', `/tasks/${ID}/logs?stdout=1`)
    await goes(talk, 'log')
  },

  async 'logs-of-restarts'(talk) {
    const task = { RestartPolicy: { Condition: 'any', Delay: 1500e6, MaxAttempts: 1 } }
    await talk.ask('POST', '/services/create', service('log', { run: 'echo here; exit 3', task }))
    await talk.until(
      'it was tried twice',
      (tasks) =>
        tasks.filter(({ Status, DesiredState }) => Status.Err && DesiredState === 'shutdown')
          .length === 2,
    )
    await talk.ask('GET', `${LOGS}?stdout=1`)
    await goes(talk, 'log')
  },
}
