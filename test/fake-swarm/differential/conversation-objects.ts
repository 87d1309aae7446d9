import type { Conversation } from './conversations.ts'
import { service } from './specs.ts'
import type { Talk } from './talk.ts'

type Made = {
  readonly ID: string
  readonly Id: string
  readonly Version: { readonly Index: number }
}

async function material(talk: Talk, kind: 'secrets' | 'configs'): Promise<void> {
  const [Name, Data] = ['diff-a', 'YQ==']
  await talk.ask('POST', `/${kind}/create`, {})
  await talk.ask('POST', `/${kind}/create`, { Name })
  await talk.ask('POST', `/${kind}/create`, { Name: 'diff/a', Data })
  await talk.ask('POST', `/${kind}/create`, { Name, Data: '!' })
  const { ID } = (await talk.ask('POST', `/${kind}/create`, { Name, Data })) as Made
  await talk.ask('POST', `/${kind}/create`, { Name, Data })
  const { Version } = (await talk.ask('GET', `/${kind}/${ID}`)) as Made
  await talk.ask('GET', `/${kind}/${Name}`)
  const at = `/${kind}/${ID}/update`
  await talk.ask('POST', at, { Name })
  await talk.ask('POST', `${at}?version=1`, { Name })
  await talk.ask('POST', `${at}?version=${Version.Index}`, { Name, Data: 'Yg==' })
  await talk.ask('POST', `${at}?version=${Version.Index}`, { Name, Labels: { a: 'b' }, Data })
  await talk.ask('GET', `/${kind}/${ID}`)
  const what = kind === 'secrets' ? 'Secret' : 'Config'
  const File = { Name: kind === 'secrets' ? 'a' : '/a', UID: '0', GID: '0', Mode: 292 }
  const container = { [`${what}s`]: [{ [`${what}ID`]: ID, [`${what}Name`]: Name, File }] }
  await talk.ask('POST', '/services/create', service('user', { replicas: 0, container }))
  await talk.ask('GET', '/services/diff-user')
  await talk.ask('DELETE', `/${kind}/${ID}`)
  await talk.ask('DELETE', '/services/diff-user')
  await talk.ask('DELETE', `/${kind}/${ID}`)
  await talk.ask('DELETE', `/${kind}/${ID}`)
}

/** The engine gives them a moment after the service was made. */
async function hasPorts(talk: Talk, name: string): Promise<boolean> {
  const { Endpoint } = (await talk.peek(`/services/${name}`)) as {
    readonly Endpoint?: { readonly Ports?: unknown }
  }
  return Endpoint?.Ports !== undefined
}

export const objects: Readonly<Record<string, Conversation>> = {
  secrets: (talk) => material(talk, 'secrets'),
  configs: (talk) => material(talk, 'configs'),

  async networks(talk) {
    const Name = 'diff-net'
    await talk.ask('POST', '/networks/create', { Driver: 'overlay' })
    await talk.ask('POST', '/networks/create', { Name: 'diff x', Driver: 'overlay' })
    const body = { Name, Driver: 'overlay', Attachable: true, Labels: { a: 'b' } }
    const { Id } = (await talk.ask('POST', '/networks/create', body)) as Made
    await talk.ask('POST', '/networks/create', body)
    await talk.ask('GET', `/networks/${Id}`)
    await talk.ask('GET', `/networks/${Name}`)
    const task = { Networks: [{ Target: Name, Aliases: ['web'] }] }
    await talk.ask('POST', '/services/create', service('user', { task }))
    await talk.until('the task runs', (tasks) =>
      tasks.some(({ Status }) => Status.State === 'running'),
    )
    await talk.ask('GET', '/tasks?filters={"label":["diff=user"]}'.replaceAll('"', '%22'))
    await talk.ask('GET', '/services/diff-user')
    await talk.ask('DELETE', `/networks/${Id}`)
    await talk.ask('DELETE', '/services/diff-user')
    await talk.until('the task is gone', (tasks) => tasks.length === 0)
    await talk.ask('DELETE', `/networks/${Id}`)
    await talk.ask('DELETE', `/networks/${Id}`)
  },

  async volumes(talk) {
    await talk.ask('POST', '/volumes/create', { Name: 'diff-data' })
    await talk.ask('GET', '/volumes/diff-data')
    await talk.ask('DELETE', '/volumes/diff-data')
    await talk.ask('GET', '/volumes/diff-data')
  },

  async ports(talk) {
    const ports = (...Ports: object[]) => ({ replicas: 0, spec: { EndpointSpec: { Ports } } })
    const fixed = { TargetPort: 81, PublishedPort: 18_091 }
    await talk.ask('POST', '/services/create', service('a', ports({ TargetPort: 80 }, fixed)))
    await talk.until('it has its ports', () => hasPorts(talk, 'diff-a'))
    await talk.ask('GET', '/services/diff-a')
    await talk.ask('POST', '/services/create', service('b', ports(fixed)))
    await talk.ask('POST', '/services/create', service('b', ports({ ...fixed, Protocol: 'udp' })))
    await talk.until('it has its ports', () => hasPorts(talk, 'diff-b'))
    await talk.ask('GET', '/services/diff-b')
    await talk.ask('DELETE', '/services/diff-a')
    await talk.ask('DELETE', '/services/diff-b')
  },
}
