import { describe, expect, it } from 'vitest'
import { service, told } from './importing.ts'

const VOLUMES =
  'volumes:\n  data: {}\n  nfs: {driver: local, driver_opts: {type: nfs}}\n  ext: {external: true, name: shared}\n'

describe('a key of a service', () => {
  it.each<[lines: string, app: object]>([
    ['command: bundle exec "thin -p 3000"', { args: ['bundle', 'exec', 'thin -p 3000'] }],
    [
      'command: [a, b]\nentrypoint: /bin/run --x',
      { args: ['a', 'b'], entrypoint: ['/bin/run', '--x'] },
    ],
    ['entrypoint: [/bin/sh, -c, "echo hi"]', { shell: 'echo hi' }],
    ['user: "1000:nobody"', { security: { user: 1000, group: 'nobody' } }],
    [
      'privileged: true\nread_only: true',
      { security: { privileged: true, readOnlyRootFilesystem: true } },
    ],
    [
      'cap_add: [net_admin]\ncap_drop: [CAP_ALL]',
      { security: { capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] } } },
    ],
    ['security_opt: ["no-new-privileges:true"]', { security: { noNewPrivileges: true } }],
    [
      'stop_signal: INT\nstop_grace_period: 1m30s',
      { stop: { signal: 'SIGINT', gracePeriod: '1m30s' } },
    ],
    [
      'pull_policy: missing\nworking_dir: /app\ntty: true',
      { pullPolicy: 'ifNotPresent', workingDir: '/app', tty: true },
    ],
    ['environment: {A: one, B: 2, C: ""}', { env: { A: 'one', B: '2', C: '' } }],
    ['environment: [A=one=1, B=]', { env: { A: 'one=1', B: '' } }],
    ['environment: {A: "{{.Node.Hostname}}"}', { env: { A: { field: 'node.name' } } }],
    [
      'labels: [a=b]\ndeploy: {labels: {rule: "Host(`x`)"}}',
      { labels: { a: 'b' }, annotations: { rule: 'Host(`x`)' } },
    ],
    [
      'ports: ["8080:80"]',
      { ports: [{ name: 'tcp-80', containerPort: 80, hostPort: 8080, exposure: 'cluster' }] },
    ],
    [
      'ports: [{target: 53, published: "5353", protocol: udp, mode: host, name: dns}]',
      { ports: [{ name: 'dns', containerPort: 53, hostPort: 5353, protocol: 'udp' }] },
    ],
    [
      'ports: ["7000-7001:8000-8001"]',
      {
        ports: [
          { name: 'tcp-8000', containerPort: 8000, hostPort: 7000, exposure: 'cluster' },
          { name: 'tcp-8001', containerPort: 8001, hostPort: 7001, exposure: 'cluster' },
        ],
      },
    ],
    [
      'ports: [80]\nexpose: ["9100"]',
      {
        ports: [
          { name: 'tcp-80', containerPort: 80, hostPort: 'dynamic', exposure: 'cluster' },
          { name: 'tcp-9100', containerPort: 9100 },
        ],
      },
    ],
    ['network_mode: host', { network: { mode: 'host' } }],
    ['networks: {default: {aliases: [www]}}', { network: { aliases: ['www'] } }],
    [
      'volumes: ["data:/data:ro"]',
      {
        volumes: { data: { type: 'named', name: 'shop_data', mountPath: '/data', readOnly: true } },
      },
    ],
    [
      'volumes: [{type: volume, source: nfs, target: /n}]',
      {
        volumes: {
          nfs: {
            type: 'named',
            name: 'shop_nfs',
            driver: 'local',
            options: { type: 'nfs' },
            mountPath: '/n',
          },
        },
      },
    ],
    [
      'volumes: ["ext:/e", /cache]',
      {
        volumes: {
          ext: { type: 'named', name: 'shared', mountPath: '/e' },
          cache: { type: 'empty', mountPath: '/cache' },
        },
      },
    ],
    [
      'volumes: ["/var/run/docker.sock:/var/run/docker.sock"]',
      {
        volumes: {
          'docker-sock': {
            type: 'host',
            path: '/var/run/docker.sock',
            mountPath: '/var/run/docker.sock',
          },
        },
      },
    ],
    [
      'tmpfs: "/run:size=64m"\nshm_size: 1g',
      {
        volumes: {
          run: { type: 'tmpfs', mountPath: '/run', size: '64Mi' },
          shm: { type: 'tmpfs', mountPath: '/dev/shm', size: '1Gi' },
        },
      },
    ],
    [
      'mem_limit: 128m\ncpus: "0.5"\nmem_reservation: 64m',
      { resources: { limits: { cpu: 0.5, memory: '128Mi' }, requests: { memory: '64Mi' } } },
    ],
    ['cpu_quota: 50000\ncpu_period: 100000', { resources: { limits: { cpu: 0.5 } } }],
    [
      'deploy: {resources: {limits: {cpus: "0.25", memory: 1g}, reservations: {devices: [{capabilities: [gpu], count: 2}]}}}',
      { resources: { limits: { cpu: 0.25, memory: '1Gi' }, gpus: 2 } },
    ],
    ['restart: on-failure:5', { restart: { condition: 'onFailure', maxAttempts: 5 } }],
    ['restart: unless-stopped', {}],
    [
      'deploy: {restart_policy: {condition: on-failure, delay: 5s, max_attempts: 3, window: 2m}}',
      { restart: { condition: 'onFailure', delay: '5s', maxAttempts: 3, window: '2m' } },
    ],
    ['deploy: {mode: global}', { kind: 'daemon' }],
    [
      'deploy: {mode: replicated-job, replicas: 4}',
      { kind: 'job', job: { completions: 4, parallelism: 4 } },
    ],
    ['scale: 2', { replicas: 2 }],
    [
      'deploy: {update_config: {parallelism: 2, order: start-first, delay: 10s, failure_action: rollback, max_failure_ratio: 0.1, monitor: 30s}}',
      {
        update: {
          maxSurge: 2,
          onFailure: 'rollback',
          batchDelay: '10s',
          minReadyTime: '30s',
          maxFailureRatio: 0.1,
        },
      },
    ],
    ['deploy: {update_config: {parallelism: 0}}', { update: { strategy: 'recreate' } }],
    ['deploy: {update_config: {}}', { update: { maxUnavailable: 1 } }],
    [
      'deploy: {placement: {constraints: [node.role==manager, "node.labels.zone != b", node.hostname==n1], preferences: [{spread: node.labels.zone}], max_replicas_per_node: 1}}',
      {
        placement: {
          pool: 'manager',
          require: [
            { attribute: 'zone', op: 'notIn', values: ['b'] },
            { attribute: 'node.name', values: ['n1'] },
          ],
          spread: [{ by: 'zone' }],
          maxPerNode: 1,
        },
      },
    ],
    ['pre_stop: [{command: "drain --now"}]', { stop: { preStop: ['drain', '--now'] } }],
  ])('%s is carried exactly', async (lines, expected) => {
    const needsVolumes = /data:|ext:|nfs/.test(lines)
    const { app, losses } = await service(lines, needsVolumes ? VOLUMES : '')
    const { id, image, ...rest } = app
    expect([id, image]).toEqual(['/shop/web', 'web:1'])
    expect(rest).toEqual(expected)
    expect(losses.filter(({ path }) => path.startsWith('/services'))).toEqual([])
  })

  it('makes a healthcheck both probes, with the defaults of Docker written out', async () => {
    const { app } = await service(
      'healthcheck: {test: curl -f localhost, retries: 5, start_period: 10s}',
    )
    const probe = {
      type: 'exec',
      command: ['/bin/sh', '-c', 'curl -f localhost'],
      interval: '30s',
      timeout: '30s',
      failureThreshold: 5,
      startPeriod: '10s',
    }
    expect(app.probes).toEqual({ liveness: probe, readiness: probe })
  })

  it.each<[lines: string, path: string, swarm: object]>([
    ['hostname: web-1', '/hostname', { TaskTemplate: { ContainerSpec: { Hostname: 'web-1' } } }],
    ['init: true', '/init', { TaskTemplate: { ContainerSpec: { Init: true } } }],
    [
      'dns: 8.8.8.8',
      '/dns',
      { TaskTemplate: { ContainerSpec: { DNSConfig: { Nameservers: ['8.8.8.8'] } } } },
    ],
    [
      'extra_hosts: ["db:10.0.0.1"]',
      '/extra_hosts/0',
      { TaskTemplate: { ContainerSpec: { Hosts: ['10.0.0.1 db'] } } },
    ],
    [
      'sysctls: [net.core.somaxconn=1024]',
      '/sysctls',
      { TaskTemplate: { ContainerSpec: { Sysctls: { 'net.core.somaxconn': '1024' } } } },
    ],
    [
      'ulimits: {nofile: {soft: 1, hard: 2}, nproc: 3}',
      '/ulimits',
      {
        TaskTemplate: {
          ContainerSpec: {
            Ulimits: [
              { Name: 'nofile', Soft: 1, Hard: 2 },
              { Name: 'nproc', Soft: 3, Hard: 3 },
            ],
          },
        },
      },
    ],
    [
      'logging: {driver: json-file, options: {max-size: 1m}}',
      '/logging',
      { TaskTemplate: { LogDriver: { Name: 'json-file', Options: { 'max-size': '1m' } } } },
    ],
    [
      'platform: linux/arm64',
      '/platform',
      { TaskTemplate: { Placement: { Platforms: [{ OS: 'linux', Architecture: 'arm64' }] } } },
    ],
    [
      'deploy: {endpoint_mode: dnsrr}',
      '/deploy/endpoint_mode',
      { EndpointSpec: { Mode: 'dnsrr' } },
    ],
    [
      'deploy: {rollback_config: {parallelism: 2, delay: 1s}}',
      '/deploy/rollback_config',
      { RollbackConfig: { Parallelism: 2, Delay: 1e9 } },
    ],
    [
      'healthcheck: {disable: true}',
      '/healthcheck',
      { TaskTemplate: { ContainerSpec: { Healthcheck: { Test: ['NONE'] } } } },
    ],
    [
      'environment: {SLOT: "{{.Task.Slot}}"}',
      '/environment/SLOT',
      { TaskTemplate: { ContainerSpec: { Env: ['SLOT={{.Task.Slot}}'] } } },
    ],
  ])('%s is kept for Swarm, and said to be seen by Swarm alone', async (lines, path, swarm) => {
    const imported = await service(lines)
    expect(imported.app.native).toEqual({ swarm })
    expect(told(imported)).toEqual([`approximated /services/web${path}`])
  })

  it.each<[lines: string, loss: string]>([
    ['build: .', 'dropped /services/web/build'],
    ['container_name: Web_1', 'dropped /services/web/container_name'],
    ['container_name: www', 'approximated /services/web/container_name'],
    ['devices: ["/dev/fuse:/dev/fuse"]', 'dropped /services/web/devices'],
    ['pid: host', 'dropped /services/web/pid'],
    ['network_mode: "service:db"', 'dropped /services/web/network_mode'],
    ['ports: ["127.0.0.1:80:80"]', 'dropped /services/web/ports/0'],
    ['ports: ["80:80", "81:80"]', 'dropped /services/web/ports/1'],
    ['ports: ["8000-8010:80"]', 'approximated /services/web/ports/0'],
    ['volumes: ["./data:/data"]', 'approximated /services/web/volumes/0'],
    ['volumes: ["~/data:/data"]', 'dropped /services/web/volumes/0'],
    ['volumes: ["C:\\\\a:/data"]', 'dropped /services/web/volumes/0'],
    ['volumes: ["gone:/data"]', 'approximated /services/web/volumes/0'],
    ['cpu_shares: 512', 'approximated /services/web/cpu_shares'],
    ['entrypoint: []', 'dropped /services/web/entrypoint'],
    ['labels: {on: true}', 'coerced /services/web/labels/on'],
    ['labels: {port: 80}', 'coerced /services/web/labels/port'],
    ['environment: {ON: true}', 'coerced /services/web/environment/ON'],
    ['environment: {VERSION: 1.10}', 'coerced /services/web/environment/VERSION'],
    ['environment: [FROM_SHELL]', 'dropped /services/web/environment/0'],
    ['environment: {API_TOKEN: abc}', 'warning /services/web/environment/API_TOKEN'],
    ['environment: [A=1, A=2]', 'dropped /services/web/environment/0'],
    ['depends_on: [gone]', 'dropped /services/web/depends_on/0'],
    ['x-mine: 1', 'dropped /services/web/x-mine'],
    ['labels: {v: "${TAG}"}', 'warning /services/web/labels/v'],
    [
      'deploy: {placement: {constraints: [somewhere]}}',
      'dropped /services/web/deploy/placement/constraints/0',
    ],
  ])('%s is told', async (lines, loss) => {
    expect(told(await service(lines))).toContain(loss)
  })

  it('leaves a service without an image out, and says so', async () => {
    const imported = await service('', '  ghost: {command: run}\n')
    expect(told(imported)).toEqual(['refused /services/ghost'])
    expect(imported.apps.map(({ id }) => id)).toEqual(['/shop/web'])
  })
})
