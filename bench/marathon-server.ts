import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A Marathon of so many apps with one task each, that says the same again and again: what it costs is not measured. Any message sends
 * an event to whoever listens.
 */
const COUNT = Number(process.argv[2] ?? 3_000)
const AT = '2026-01-01T00:00:00.000Z'

function appAt(index: number): object {
  const id = `/group-${index % 50}/app-${index}`
  const instance = `group-${index % 50}_app-${index}.instance-0b1b1b1b-0000-4000-8000-${String(index).padStart(12, '0')}`
  return {
    id,
    instances: 1,
    cpus: 0.5,
    mem: 512,
    env: { JAVA_OPTS: '-Xms256m -Xmx256m', STORE: 'store.marathon.mesos:8080' },
    labels: {
      team: `team-${index % 20}`,
      HAPROXY_GROUP: 'external',
      HAPROXY_0_VHOST: `${index}.example.com`,
    },
    networks: [{ mode: 'container/bridge' }],
    container: {
      type: 'DOCKER',
      docker: {
        image: `registry.example.com/app:${index}`,
        forcePullImage: false,
        privileged: false,
      },
      portMappings: [
        {
          containerPort: 8080,
          hostPort: 0,
          servicePort: 10_000 + index,
          protocol: 'tcp',
          name: 'http',
        },
      ],
    },
    healthChecks: [{ protocol: 'MESOS_HTTP', path: '/health', portIndex: 0, intervalSeconds: 10 }],
    upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
    version: AT,
    versionInfo: { lastScalingAt: AT, lastConfigChangeAt: AT },
    deployments: [],
    tasksStaged: 0,
    tasksRunning: 1,
    tasksHealthy: 1,
    tasksUnhealthy: 0,
    tasks: [
      {
        id: `${instance}._app.1`,
        appId: id,
        host: `agent-${index % 500}.example.com`,
        state: 'TASK_RUNNING',
        ports: [31_000 + (index % 1_000)],
        ipAddresses: [{ ipAddress: `10.0.${index % 250}.7`, protocol: 'IPv4' }],
        stagedAt: AT,
        startedAt: AT,
        version: AT,
        healthCheckResults: [
          {
            alive: true,
            consecutiveFailures: 0,
            firstSuccess: AT,
            lastSuccess: AT,
            instanceId: instance,
          },
        ],
      },
    ],
  }
}

const ANSWERS: Readonly<Record<string, string>> = {
  '/v2/apps': JSON.stringify({ apps: Array.from({ length: COUNT }, (_, index) => appAt(index)) }),
  '/v2/info': JSON.stringify({ name: 'marathon', version: '1.10.26' }),
  '/v2/queue': '{"queue":[]}',
  '/v2/deployments': '[]',
  '/v2/pods/::status': '[]',
}
const listeners = new Set<ServerResponse>()
const server = createServer((request, response) => {
  const [path = ''] = (request.url ?? '').split('?')
  if (path === '/v2/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream;charset=utf-8' }).flushHeaders()
    listeners.add(response)
    return
  }
  const [, one] = path.match(/^\/v2\/apps\/group-\d+\/app-(\d+)$/) ?? []
  const answer = one === undefined ? ANSWERS[path] : JSON.stringify({ app: appAt(Number(one)) })
  response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.([`http://127.0.0.1:${port}`, ANSWERS['/v2/apps']?.length])
})
process.on('message', () => {
  for (const listener of listeners)
    listener.write(`event: status_update_event\r\ndata: {"appId":"/group-0/app-0"}\r\n\r\n`)
})
