import { describe, expect, it } from 'vitest'
import { at, type Server, start } from './setup.ts'

const VERSIONS = ['1.4', '1.5', '1.6', '1.7', '1.8', '1.9', '1.10', '1.11'] as const

const WEB = { cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 2 }
const POD = {
  id: '/schema/pod',
  containers: [
    {
      name: 'main',
      resources: { cpus: 0.1, mem: 32 },
      exec: { command: { shell: 'sleep 1000' } },
      endpoints: [{ name: 'http', containerPort: 80, hostPort: 0 }],
      healthCheck: { http: { endpoint: 'http', path: '/' }, intervalSeconds: 5 },
    },
    { name: 'side', resources: { cpus: 0.1, mem: 32 } },
  ],
  networks: [{ mode: 'container', name: 'dcos' }],
}

/** Every endpoint, with something to tell. */
async function useEverything({ send, get, world }: Server): Promise<void> {
  await send('POST', '/v2/apps', {
    id: '/schema/web',
    ...WEB,
    healthChecks: [{ protocol: 'MESOS_HTTP', path: '/', intervalSeconds: 5, portIndex: 0 }],
    portDefinitions: [{ port: 0, name: 'http-api' }],
    readinessChecks: [{ preserveLastResponse: true }],
    constraints: [['hostname', 'UNIQUE']],
    env: { A: 'b', S: { secret: 's' } },
    secrets: { s: { source: '/s' } },
    labels: { tier: 'front' },
    fetch: [{ uri: 'https://files.example/a.tgz' }],
  })
  await world.advance('2s')
  await get('/v2/deployments')
  await get('/v2/apps/schema/web?embed=app.readiness&embed=app.taskStats')
  await world.settle()
  world.app('/schema/crash').crashLoop({ after: '0s' })
  await send('PUT', '/v2/apps/schema/crash', {
    id: '/schema/crash',
    ...WEB,
    dependencies: ['/schema/web'],
  })
  await send('PUT', '/v2/apps', [{ id: '/schema/big', ...WEB, cpus: 64 }])
  await send('POST', '/v2/pods', POD)
  await world.advance('20s')
  for (const path of [
    '/v2/apps',
    '/v2/apps?embed=apps.tasks&embed=apps.lastTaskFailure&embed=apps.taskStats',
    '/v2/apps/schema/crash',
    '/v2/apps/schema/*',
    '/v2/apps/schema/web/tasks',
    '/v2/apps/schema/web/versions',
    '/v2/tasks',
    '/v2/tasks?status=running',
    '/v2/queue',
    '/v2/queue?embed=lastUnusedOffers',
    '/v2/deployments',
    '/v2/groups',
    '/v2/groups?embed=group.groups&embed=group.apps&embed=group.apps.tasks&embed=group.apps.counts',
    '/v2/groups/schema',
    '/v2/groups/schema/apps',
    '/v2/groups/schema/versions',
    '/v2/pods',
    '/v2/pods/schema/pod',
    '/v2/pods/::status',
    '/v2/pods/schema/pod::status',
    '/v2/pods/schema/pod::versions',
    '/v2/info',
    '/v2/leader',
    '/ping',
    '/v2/apps/nothing',
    '/v2/groups/nothing',
    '/nothing',
  ])
    await get(path)
  const versions = at(await get('/v2/apps/schema/web/versions'), 'versions') as string[]
  await get(`/v2/apps/schema/web/versions/${versions[0]}`)
  const [pod] = (await get('/v2/pods/schema/pod::versions')).json as string[]
  await get(`/v2/pods/schema/pod::versions/${pod}`)
  await send('PUT', '/v2/apps/schema/web', { cmd: 'sleep 2000' })
  await send('PUT', '/v2/apps/schema/web', { cmd: 'sleep 3000' })
  await send('PUT', '/v2/apps/schema/web?force=true', { cmd: 'sleep 3000' })
  await world.advance('20s')
  const [task, other] = at(await get('/v2/apps/schema/web/tasks'), 'tasks') as { id: string }[]
  await send('DELETE', `/v2/apps/schema/web/tasks/${task?.id}`)
  await send('POST', '/v2/tasks/delete', { ids: [other?.id] })
  await world.advance('20s')
  await send('DELETE', '/v2/apps/schema/web/tasks?scale=true&host=node-1')
  await world.advance('20s')
  await send('POST', '/v2/apps/schema/web/restart')
  await world.advance('20s')
  await send('DELETE', '/v2/queue/schema/crash/delay')
  const ids = at(await get('/v2/pods/schema/pod::status'), 'instances') as { id: string }[]
  await send('DELETE', '/v2/pods/schema/pod::instances', [ids[0]?.id])
  await world.advance('10s')
  await send('PUT', '/v2/pods/schema/pod', { ...POD, labels: { a: 'b' } })
  await world.advance('40s')
  await get('/v2/pods/schema/pod::status')
  const running = (await get('/v2/deployments')).json as { id: string }[]
  await send('DELETE', `/v2/deployments/${running[0]?.id}?force=true`)
  await send('DELETE', `/v2/deployments/${running[1]?.id}`)
  await world.advance('20s')
  await send('PUT', '/v2/groups/schema?dryRun=true', {
    apps: [{ id: 'web', ...WEB, cmd: 'sleep 1' }],
  })
  await send('POST', '/v2/groups', {
    id: '/more',
    groups: [{ id: 'inner', apps: [{ id: 'a', ...WEB }] }],
  })
  await world.advance('20s')
  await send('PUT', '/v2/groups/more', { scaleBy: 0.5 })
  await send('DELETE', '/v2/pods/schema/pod')
  await send('DELETE', '/v2/groups/schema?force=true')
  await world.advance('60s')
  await get('/v2/deployments')
}

describe('whatever version it claims to be', () => {
  it.each(VERSIONS)('%s: every answer is what its own description says', async (version) => {
    const server = await start({ version })
    await useEverything(server)
    const { checker } = server
    expect(checker.problems).toEqual([])
    expect(checker.requests).toBeGreaterThanOrEqual(11)
    expect(checker.answers).toBeGreaterThanOrEqual(58)
  })
})
