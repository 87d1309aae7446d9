import type { Conversation } from './conversations.ts'
import { ABSENT, never, service } from './specs.ts'
import type { Talk, Task } from './talk.ts'

const tasksOf = (name: string) =>
  `/tasks?filters=${encodeURIComponent(JSON.stringify({ service: [`diff-${name}`] }))}`
/** So many have come to that state, and the manager has taken note of those that ended. */
const all = (state: string, count: number) => (tasks: readonly Task[]) =>
  tasks.filter(
    ({ Status, DesiredState }) =>
      Status.State === state && (state === 'running' || DesiredState !== 'running'),
  ).length === count

async function goes(talk: Talk, name: string): Promise<void> {
  await talk.ask('DELETE', `/services/${name}`)
  await talk.ask('GET', `/tasks?filters=%7B%22service%22%3A%5B%22${name}%22%5D%7D`)
  await talk.until('all tasks are gone', (tasks) => tasks.length === 0)
}

/** A service, until its tasks are as told, and its end. */
function until(
  name: string,
  parts: Parameters<typeof service>[1],
  done: (tasks: readonly Task[]) => boolean,
  before: (talk: Talk) => void = () => {},
): Conversation {
  return async (talk) => {
    await talk.ask('POST', '/services/create', service(name, parts))
    await talk.until(`${name} is there`, done)
    await talk.ask('GET', tasksOf(name))
    await talk.ask('GET', `/services/diff-${name}`)
    before(talk)
    await goes(talk, `diff-${name}`)
  }
}

/** Where one task goes and the next is not gone yet, that one may still get the place. */
const leavesRoom = (talk: Talk) => talk.looksAway()

const FULL = {
  container: {
    Labels: { a: 'b' },
    Env: ['A=b'],
    Dir: '/tmp',
    User: '0',
    Init: true,
    Hostname: 'here',
    Mounts: [{ Type: 'tmpfs', Target: '/scratch', TmpfsOptions: { SizeBytes: 1_048_576 } }],
    Healthcheck: { Test: ['CMD', 'true'], Interval: 500e6, Timeout: 1e9, Retries: 2 },
    Hosts: ['10.0.0.9 there'],
    DNSConfig: { Search: ['local'] },
    StopSignal: 'TERM',
    Ulimits: [{ Name: 'nofile', Soft: 100, Hard: 200 }],
  },
  task: {
    Resources: {
      Limits: { NanoCPUs: 500e6, MemoryBytes: 67_108_864, Pids: 50 },
      Reservations: { NanoCPUs: 1e6 },
    },
    Placement: {
      Constraints: ['node.role==manager'],
      Preferences: [{ Spread: { SpreadDescriptor: 'node.labels.zone' } }],
      MaxReplicas: 3,
    },
    LogDriver: { Name: 'json-file', Options: { 'max-size': '1m' } },
    RestartPolicy: { Condition: 'on-failure', Delay: 500e6, MaxAttempts: 2, Window: 60e9 },
  },
  spec: {
    UpdateConfig: { Parallelism: 2, Delay: 1e9, Order: 'start-first', MaxFailureRatio: 0.5 },
    RollbackConfig: { Parallelism: 1, FailureAction: 'continue' },
    EndpointSpec: { Mode: 'dnsrr' },
  },
} as const

export const lives: Readonly<Record<string, Conversation>> = {
  async 'service-life'(talk) {
    const { ID } = (await talk.ask('POST', '/services/create', service('web', FULL))) as {
      readonly ID: string
    }
    await talk.ask('POST', '/services/create', service('web'))
    await talk.until('it runs', all('running', 1))
    for (const path of ['', '?insertDefaults=true']) await talk.ask('GET', `/services/${ID}${path}`)
    await talk.ask('GET', '/services?status=true&filters=%7B%22name%22%3A%5B%22diff-%22%5D%7D')
    await talk.ask('GET', tasksOf('web'))
    const at = `/services/${ID}/update`
    const index = await talk.version(ID)
    await talk.ask('POST', at, service('web', FULL))
    await talk.ask('POST', `${at}?version=x`, service('web', FULL))
    await talk.ask('POST', `${at}?version=1`, service('web', FULL))
    await talk.ask('POST', `${at}?version=${index}`, {
      ...service('web', FULL),
      Name: 'diff-other',
    })
    await talk.ask('POST', `${at}?version=${index}`, service('web', { mode: { Global: {} } }))
    await talk.ask('POST', `${at}?version=${index}&rollback=previous`, service('web', FULL))
    await talk.ask('POST', `${at}?version=${index}&rollback=x`, service('web', FULL))
    await talk.ask('POST', `${at}?version=${index}`, service('web', { ...FULL, replicas: 2 }))
    await talk.until('two run', all('running', 2))
    await talk.ask('GET', `/services/${ID}`)
    const next = await talk.version(ID)
    await talk.ask('POST', `${at}?version=${next}`, service('web', { ...FULL, replicas: 0 }))
    await talk.until('none is left', (tasks) => tasks.length === 0)
    await talk.ask('GET', '/services?status=true&filters=%7B%22name%22%3A%5B%22diff-%22%5D%7D')
    await goes(talk, 'diff-web')
  },

  'image-absent': until('absent', { image: ABSENT, task: never }, all('rejected', 1)),
  'ends-with-failure': until('crash', { run: 'exit 3', task: never }, all('failed', 1)),
  'ends-with-success': until('done', { run: 'exit 0', task: never }, all('complete', 1)),
  'crashes-until-attempts-are-spent': until(
    'crashes',
    { run: 'exit 3', task: { RestartPolicy: { Condition: 'any', Delay: 300e6, MaxAttempts: 2 } } },
    all('failed', 3),
  ),
  'success-is-no-failure': until(
    'fine',
    { run: 'true', task: { RestartPolicy: { Condition: 'on-failure', Delay: 300e6 } } },
    all('complete', 1),
  ),
  'killed-by-its-end': until('deaf', { run: 'sleep 1d' }, all('running', 1)),
  'is-healthy': until(
    'healthy',
    { container: { Healthcheck: { Test: ['CMD', 'true'], Interval: 300e6 } } },
    all('running', 1),
  ),
  'is-unhealthy': until(
    'sick',
    {
      run: 'sleep 1d',
      task: never,
      container: { Healthcheck: { Test: ['CMD', 'false'], Interval: 300e6, Retries: 2 } },
    },
    all('failed', 1),
  ),
  /** Tasks of a job that is removed stay in this version, so nobody waits for their end. */
  async job(talk) {
    const mode = { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 2 } }
    const parts = { run: 'sleep 0.2', mode, task: never }
    await talk.ask('POST', '/services/create', service('job', parts))
    await talk.until('it is done', all('complete', 2))
    await talk.ask('GET', tasksOf('job'))
    await talk.ask('GET', '/services?status=true&filters=%7B%22name%22%3A%5B%22diff-job%22%5D%7D')
    await talk.ask('DELETE', '/services/diff-job')
  },
  global: until('global', { mode: { Global: {} } }, all('running', 1)),
  'no-node-fits': until(
    'nowhere',
    { task: { Placement: { Constraints: ['node.labels.zone==moon'] } } },
    (tasks) => tasks.some(({ Status }) => Status.Err !== undefined),
  ),
  'too-large': until(
    'large',
    { task: { Resources: { Reservations: { NanoCPUs: 512e9 } } } },
    (tasks) => tasks.some(({ Status }) => Status.Err !== undefined),
  ),
  'too-many-on-a-node': until(
    'many',
    { replicas: 2, task: { Placement: { MaxReplicas: 1 } } },
    (tasks) => all('running', 1)(tasks) && tasks.some(({ Status }) => Status.Err !== undefined),
    leavesRoom,
  ),
  'host-port-taken': until(
    'port',
    {
      replicas: 2,
      spec: {
        EndpointSpec: { Ports: [{ TargetPort: 8080, PublishedPort: 18_092, PublishMode: 'host' }] },
      },
    },
    (tasks) => all('running', 1)(tasks) && tasks.some(({ Status }) => Status.Err !== undefined),
    leavesRoom,
  ),
}
