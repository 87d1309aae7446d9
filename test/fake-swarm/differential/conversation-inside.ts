import type { Conversation } from './conversations.ts'
import { goes, runs } from './one-service.ts'
import { service } from './specs.ts'
import type { Talk } from './talk.ts'

const LOGS = '/services/diff-in/logs'

/** Both streams have all their lines. */
async function hasSaid(
  talk: Talk,
  what: string,
  streams: readonly string[] = ['stdout', 'stderr'],
): Promise<void> {
  for (const stream of streams)
    await talk.until(`${stream} is there`, async () =>
      String(await talk.peek(`${LOGS}?${stream}=1`)).includes(what),
    )
}

async function commands(talk: Talk, container: string): Promise<void> {
  const at = `/containers/${container}/exec`
  await talk.ask('POST', at, {})
  await talk.ask('POST', at, { Cmd: [] })
  const streams = { AttachStdout: true, AttachStderr: true }
  const bodies: readonly { readonly Cmd: readonly string[]; readonly Tty?: boolean }[] = [
    { Cmd: ['sh', '-c', 'echo hi; exit 3'], ...streams },
    { Cmd: ['echo', 'a', 'b'], ...streams, Tty: true },
    { Cmd: ['true'] },
  ]
  for (const body of bodies) {
    const { Id } = (await talk.ask('POST', at, body)) as { readonly Id: string }
    await talk.ask('GET', `/exec/${Id}/json`)
    await talk.ask('POST', `/exec/${Id}/start`, { Detach: false, Tty: body.Tty ?? false })
    let ended: Ended | undefined
    await talk.until('it has ended', async () => {
      ended = (await talk.peek(`/exec/${Id}/json`)) as Ended
      return !ended.Running && ended.ExitCode !== null
    })
    talk.tell(`the end of ${body.Cmd.join(' ')}`, String(ended?.ExitCode))
    await talk.ask('GET', `/exec/${Id}/json`)
    await talk.ask('POST', `/exec/${Id}/start`, {})
    await talk.ask('POST', `/exec/${Id}/start`, { Detach: true })
  }
}

interface Ended {
  readonly Running: boolean
  readonly ExitCode: number | null
}

export const inside: Readonly<Record<string, Conversation>> = {
  async logs(talk) {
    const { ID } = await runs(talk, 'in', {
      run: 'echo one; echo two; sleep 0.3; echo no >&2; echo two >&2; sleep 1d',
    })
    await hasSaid(talk, 'two')
    await talk.ask('GET', LOGS)
    for (const query of ['stdout=1', 'stderr=1', 'stdout=1&tail=1', 'stdout=1&tail=0'])
      await talk.ask('GET', `${LOGS}?${query}`)
    await talk.ask('GET', `${LOGS}?stdout=1&details=1&tail=1`)
    await talk.ask('GET', `/tasks/${ID}/logs?stdout=1`)
    await talk.ask('GET', `/tasks/${ID}/logs`)
    await goes(talk, 'in')
  },

  async 'container-logs'(talk) {
    const task = { RestartPolicy: { Condition: 'none' } }
    const run = 'echo one; echo two; sleep 0.3; echo no >&2; sleep 4; echo last'
    await talk.ask('POST', '/services/create', service('in', { run, task }))
    let at = ''
    await talk.until('it runs', (tasks) => {
      const [{ Status } = {}] = tasks
      at = `/containers/${Status?.ContainerStatus?.ContainerID}/logs`
      return Status?.State === 'running'
    })
    await hasSaid(talk, 'no', ['stderr'])
    await talk.ask('GET', at)
    for (const query of ['stdout=1', 'stderr=1&stdout=1&tail=1', 'stdout=1&tail=x'])
      await talk.ask('GET', `${at}?${query}`)
    await talk.ask('GET', `${at}?stdout=1&details=1&timestamps=1`)
    await talk.ask('GET', `${at}?stdout=1&since=x`)
    await talk.follow(`${at}?stdout=1&follow=1`, () => false)
    await talk.until('it has ended', (tasks) =>
      tasks.some(
        ({ Status, DesiredState }) => Status.State === 'complete' && DesiredState === 'shutdown',
      ),
    )
    await talk.follow(`${at}?stdout=1&follow=1`, () => false)
    await goes(talk, 'in')
  },

  async containers(talk) {
    const { Status } = await runs(talk, 'in', { run: 'sleep 1d' })
    const id = Status.ContainerStatus?.ContainerID ?? ''
    const filters = encodeURIComponent(JSON.stringify({ name: ['diff-in'] }))
    await talk.ask('GET', `/containers/json?filters=${filters}`)
    await talk.ask('GET', `/containers/${id}/json`)
    await talk.ask('GET', '/containers/diff-none/json')
    await talk.ask('GET', '/containers/diff-none/logs?stdout=1')
    await talk.ask('POST', '/containers/diff-none/kill')
    await talk.ask('DELETE', '/containers/diff-none')
    await talk.ask('DELETE', `/containers/${id}`)
    await talk.ask('POST', `/containers/${id}/kill?signal=x`)
    await talk.ask('GET', '/containers/json?filters=junk')
    await goes(talk, 'in')
  },

  async exec(talk) {
    const { Status } = await runs(talk, 'in', { run: 'sleep 1d' })
    await commands(talk, Status.ContainerStatus?.ContainerID ?? '')
    await goes(talk, 'in')
  },
}
