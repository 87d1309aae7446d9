import { type App, type AppInput, defineGroup } from 'intermodal'
import { importApps, writeCompose } from 'intermodal/import'
import { describe, expect, it } from 'vitest'

function apps(...inputs: AppInput[]): readonly App[] {
  return defineGroup(inputs).apps
}

async function written(...inputs: AppInput[]) {
  const { document, losses, files } = await writeCompose(apps(...inputs))
  const services = document.services as Record<string, Record<string, unknown>>
  return {
    document,
    services,
    files,
    losses: losses.map(({ loss }) => `${loss.kind} ${loss.path}`),
  }
}

const EXACT: AppInput = {
  id: '/shop/web',
  image: 'web:1',
  replicas: 2,
  args: ['serve', '--cost=$5'],
  env: { A: '$HOME', NODE: { field: 'node.name' } },
  ports: [{ name: 'tcp-80', containerPort: 80, hostPort: 8080, exposure: 'cluster' }],
  resources: { limits: { cpu: 0.5, memory: '128Mi' }, gpus: 1 },
  volumes: { data: { type: 'named', name: 'shop_data', mountPath: '/data' } },
  files: { '/run/secrets/key': { secret: 'key', mode: '0400' } },
  placement: { require: [{ attribute: 'zone', values: ['a'] }], pool: 'worker', maxPerNode: 1 },
  restart: { condition: 'onFailure', delay: '5s', maxAttempts: 3 },
  stop: { signal: 'SIGINT', gracePeriod: '30s' },
  security: { user: 1000, capabilities: { drop: ['ALL'] }, noNewPrivileges: true },
  labels: { tier: 'front' },
  annotations: { rule: 'Host(`x`)' },
}

describe('a Compose file', () => {
  it('carries what Compose has words for without a loss and without a memo', async () => {
    const { services, losses } = await written(EXACT)
    expect(losses).toEqual([])
    expect(services.web).not.toHaveProperty('x-intermodal')
    expect(services.web).toMatchObject({
      image: 'web:1',
      command: ['serve', '--cost=$$5'],
      environment: { A: '$$HOME', NODE: '{{.Node.Hostname}}' },
      ports: [{ target: 80, published: 8080, protocol: 'tcp', mode: 'ingress' }],
      deploy: {
        replicas: 2,
        placement: { constraints: ['node.role == worker', 'node.labels.zone == a'] },
      },
    })
  })

  it('names every field that Compose cannot say, and keeps it for the way back', async () => {
    const app: AppInput = {
      ...EXACT,
      probes: { readiness: { type: 'http', path: '/health' } },
      sidecars: { proxy: { image: 'envoy' } },
      onUnreachable: { replaceAfter: '5m' },
      update: { maxSurge: '25%' },
      env: { KEY: { secret: 'key' } },
      native: { kubernetes: { pod: {} } },
    }
    const { services, losses } = await written(app)
    expect(losses.sort()).toEqual([
      'approximated /update/maxSurge',
      'dropped /env',
      'dropped /native',
      'dropped /onUnreachable',
      'dropped /probes',
      'dropped /sidecars',
    ])
    expect(services.web?.['x-intermodal']).toMatchObject({
      fields: { sidecars: { proxy: { image: 'envoy' } } },
    })
  })

  it('has the content of files beside it', async () => {
    const { files, losses, document } = await written({
      id: '/shop/web',
      image: 'web',
      files: { '/etc/app.conf': { content: 'a=$b' } },
    })
    expect(files).toEqual({ './web/etc/app.conf': 'a=$b' })
    expect(document.configs).toEqual({ 'web-etc-app-conf': { file: './web/etc/app.conf' } })
    expect(losses).toEqual(['approximated /files/~1etc~1app.conf/content'])
  })

  it('tells apps of several groups apart', async () => {
    const { services } = await written(
      { id: '/eu/shop/web', image: 'a' },
      { id: '/eu/web', image: 'b' },
    )
    expect(Object.keys(services)).toEqual(['shop_web', 'web'])
  })

  it.each<[string, AppInput[]]>([
    ['what Compose can say', [EXACT]],
    [
      'what it cannot',
      [
        {
          id: '/shop/db',
          kind: 'stateful',
          image: 'db',
          volumes: { data: { type: 'claim', mountPath: '/data', size: '1Gi' } },
          files: { '/etc/x': { content: 'x: $y' } },
          probes: { liveness: { type: 'tcp', port: 5432 } },
          update: { maxUnavailable: '50%' },
        },
        { id: '/shop/nightly', kind: 'cron', image: 'job', schedule: { cron: '0 3 * * *' } },
        {
          id: '/shop/web',
          image: 'web',
          shell: 'run $PORT',
          dependsOn: { db: 'healthy' },
          ports: [{ name: 'http', containerPort: 80, exposure: 'public', host: 'a.example' }],
        },
      ],
    ],
    [
      'several groups',
      [
        { id: '/a/x', image: 'x' },
        { id: '/b/x', image: 'y' },
        { id: '/z', image: 'z' },
      ],
    ],
  ])('gives the same apps when it is imported again: %s', async (_, inputs) => {
    const { document } = await written(...inputs)
    const again = await importApps([
      { file: 'c.yaml', text: JSON.stringify(document), folder: '/tmp/else' },
    ])
    expect(again.problems).toEqual([])
    expect(again.apps).toEqual(apps(...inputs))
  })

  it('is believed over its memo where somebody has changed it', async () => {
    const { document } = await written({
      id: '/shop/web',
      image: 'web',
      ports: [{ name: 'http', containerPort: 80 }],
    })
    const text = JSON.stringify(document).replace('"80"', '"81"')
    const { apps, losses } = await importApps([{ file: 'c.yaml', text }])
    expect(apps[0]?.ports).toMatchObject([{ name: 'tcp-81', containerPort: 81 }])
    expect(losses.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'warning /services/web/x-intermodal/fields/ports',
    ])
  })
})
