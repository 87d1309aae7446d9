import type { Conversation } from './conversations.ts'
import { IMAGE, service } from './specs.ts'

const filters = (given: object | string) =>
  `filters=${encodeURIComponent(typeof given === 'string' ? given : JSON.stringify(given))}`

const container = { Image: IMAGE }
const spec = (more: object) => ({
  Name: 'diff-x',
  TaskTemplate: { ContainerSpec: container },
  ...more,
})
const task = (more: object) => spec({ TaskTemplate: { ContainerSpec: container, ...more } })
const inside = (more: object) => task({ ContainerSpec: { ...container, ...more } })

/** Specs that are no good, by what the engine says to them. */
const REFUSED: readonly unknown[] = [
  {},
  { Name: 'diff-x' },
  '{"Name":5}',
  '{"Name":',
  '',
  '[]',
  inside({ Image: '' }),
  inside({ Image: 'A B' }),
  { ...spec({}), Name: 'diff.x' },
  { ...spec({}), Name: `diff-${'x'.repeat(60)}` },
  task({ RestartPolicy: { Condition: 'sometimes' } }),
  task({ RestartPolicy: { Condition: 'any', Delay: -5 } }),
  spec({ UpdateConfig: { FailureAction: 'x' } }),
  spec({ UpdateConfig: { Order: 'x' } }),
  spec({ UpdateConfig: { MaxFailureRatio: 2 } }),
  spec({ UpdateConfig: { Delay: -2 } }),
  task({ Resources: { Limits: { NanoCPUs: 1 } } }),
  task({ Resources: { Reservations: { MemoryBytes: 1 } } }),
  task({ Placement: { Constraints: ['bogus'] } }),
  task({ Placement: { Constraints: ['node.role==='] } }),
  inside({ Mounts: [{ Type: 'x', Target: '/a' }] }),
  inside({
    Mounts: [
      { Type: 'volume', Target: '/x' },
      { Type: 'volume', Target: '/x' },
    ],
  }),
  inside({ Healthcheck: { Test: ['CMD', 'a'], Interval: 1 } }),
  inside({ Healthcheck: { Test: ['CMD', 'a'], Retries: -1 } }),
  task({ Networks: [{ Target: 'diff-none' }] }),
  spec({ Mode: { Replicated: {}, Global: {} } }),
  spec({ Mode: { ReplicatedJob: {} }, UpdateConfig: { Parallelism: 1 } }),
  spec({ EndpointSpec: { Mode: 'x' } }),
  spec({ EndpointSpec: { Mode: 'dnsrr', Ports: [{ TargetPort: 80, PublishedPort: 18_081 }] } }),
  spec({
    EndpointSpec: {
      Ports: [
        { TargetPort: 80, PublishedPort: 18_081 },
        { TargetPort: 82, PublishedPort: 18_081 },
      ],
    },
  }),
  inside({ Secrets: [{ SecretName: 'y' }] }),
  inside({ Secrets: [{ SecretID: 'x', SecretName: 'y', File: { Name: 'z' } }] }),
  inside({ Configs: [{ ConfigID: 'x', ConfigName: 'y', File: { Name: 'z' } }] }),
]

const LISTS = ['services', 'nodes', 'tasks', 'networks', 'secrets', 'configs', 'volumes']

export const answers: Readonly<Record<string, Conversation>> = {
  async 'refused-specs'(talk) {
    for (const body of REFUSED) await talk.ask('POST', '/services/create', body)
  },

  async 'what-is-not-there'(talk) {
    for (const path of ['/nope', '/services/diff-none', '/tasks/diff-none', '/nodes/diff-none'])
      await talk.ask('GET', path)
    for (const kind of ['networks', 'secrets', 'configs', 'volumes'])
      await talk.ask('GET', `/${kind}/diff-none`)
    for (const kind of ['services', 'nodes', 'networks', 'secrets', 'configs', 'volumes'])
      await talk.ask('DELETE', `/${kind}/diff-none`)
    await talk.ask('GET', '/containers/diff-none/json')
    await talk.ask('POST', '/containers/diff-none/exec', { Cmd: ['true'] })
    await talk.ask('POST', '/exec/diff-none/start', {})
    await talk.ask('GET', '/exec/diff-none/json')
    await talk.ask('GET', '/images/diff-none/json')
    await talk.ask('GET', '/services/diff-none/logs?stdout=1')
    await talk.ask('GET', '/tasks/diff-none/logs?stdout=1')
    await talk.ask('PUT', '/services')
    await talk.ask('POST', '/services/diff-none/update?version=1', service('none'))
  },

  async filters(talk) {
    for (const kind of LISTS) {
      await talk.ask('GET', `/${kind}?${filters('junk')}`)
      await talk.ask('GET', `/${kind}?${filters('nojson')}`)
      await talk.ask('GET', `/${kind}?${filters({ bogus: ['x'] })}`)
    }
    await talk.ask('GET', `/events?${filters('junk')}`)
    await talk.ask('GET', `/tasks?${filters({ service: ['diff-none'] })}`)
    await talk.ask('GET', `/tasks?${filters({ node: ['diff-none'] })}`)
    await talk.ask('GET', `/tasks?${filters({ 'desired-state': ['x'] })}`)
    await talk.ask('GET', `/nodes?${filters({ role: ['x'] })}`)
    await talk.ask('GET', `/services?${filters({ name: ['diff-none'] })}`)
  },

  async system(talk) {
    for (const path of [
      '/_ping',
      '/v1.11/version',
      '/v1.99/version',
      '/version',
      '/swarm',
      '/nodes',
    ])
      await talk.ask('GET', path)
    await talk.ask('HEAD', '/_ping')
    await talk.ask('GET', '/networks')
    await talk.ask('GET', '/info')
    await talk.ask('GET', '/swarm/unlockkey')
  },
}
