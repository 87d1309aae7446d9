import { printApp } from 'intermodal'
import { importApps } from 'intermodal/import'
import { describe, expect, it } from 'vitest'
import { compose, folder, told } from './importing.ts'

const [web] = ['/shop/web'] as const

describe('several services', () => {
  it('wait for each other as Compose has them wait, and who is awaited to the end is a job', async () => {
    const imported = await compose(`
services:
  web:
    image: web
    depends_on:
      db: {condition: service_healthy}
      migrate: {condition: service_completed_successfully}
    links: ["cache:redis"]
  db: {image: db}
  migrate: {image: web, command: migrate, restart: always}
  cache: {image: redis}
`)
    const apps = new Map(imported.apps.map((app) => [app.id, printApp(app)]))
    expect(apps.get(web)?.dependsOn).toEqual({
      db: 'healthy',
      migrate: 'completed',
      cache: 'started',
    })
    expect(apps.get('/shop/migrate')).toMatchObject({ kind: 'job' })
    expect(apps.get('/shop/cache')?.network).toEqual({ aliases: ['redis'] })
    expect(told(imported)).toEqual([
      'approximated /services/web/links/0',
      'approximated /services/migrate/restart',
    ])
  })

  it('get names that an app can have, and never the same', async () => {
    const imported = await compose('services:\n  Db_Main: {image: a}\n  db-main: {image: b}\n')
    expect(imported.apps.map(({ id, image }) => `${id} ${image}`)).toEqual([
      '/shop/db-main a',
      '/shop/db-main-2 b',
    ])
    expect(told(imported)).toEqual([
      'approximated /services/Db_Main',
      'approximated /services/db-main',
    ])
  })

  it('are chosen by their profiles', async () => {
    const text = 'services:\n  web: {image: web}\n  tool: {image: tool, profiles: [debug]}\n'
    const without = await compose(text)
    expect([without.apps.length, told(without)]).toEqual([1, ['dropped /services/tool']])
    const chosen = await compose(text, { profiles: ['debug'] })
    expect([chosen.apps.length, told(chosen)]).toEqual([
      2,
      ['approximated /services/tool/profiles'],
    ])
  })
})

describe('a file that is put together', () => {
  it('takes variables from the given ones before .env, and both before defaults', async () => {
    const { apps } = await compose(
      'services: {web: {image: "${NAME:-nginx}:${TAG:-0}", environment: {LEVEL: "${LEVEL:-info}"}}}',
      { env: { TAG: '2' }, files: { '.env': 'TAG=1\nNAME=web\n' } },
    )
    expect(apps[0]).toMatchObject({ image: 'web:2', env: { LEVEL: 'info' } })
  })

  it('takes over what anchors and merge keys repeat, and does not miss the extension they stand in', async () => {
    const imported = await compose(`
x-common: &common
  restart: on-failure
  environment: &env {A: "1", B: "2"}
services:
  web:
    <<: *common
    image: web
    environment: {<<: *env, B: "3"}
`)
    expect(printApp(imported.apps[0] as never)).toMatchObject({
      env: { A: '1', B: '3' },
      restart: { condition: 'onFailure' },
    })
    expect(imported.losses).toEqual([])
  })

  it('extends services of its own and of other files, each relative to its own folder', async () => {
    const imported = await compose(
      `
services:
  web:
    extends: {file: common/base.yaml, service: base}
    environment: {B: web}
    command: run
  worker:
    extends: web
    environment: {C: worker}
`,
      {
        files: {
          'common/base.yaml':
            'services:\n  base:\n    image: base\n    command: [never]\n    env_file: [base.env]\n    environment: {A: base, B: base}\n    ports: ["80:80"]\n',
          'common/base.env': 'FILE=there\n',
        },
      },
    )
    const [first, second] = imported.apps
    expect(first).toMatchObject({ env: { FILE: 'there', A: 'base', B: 'web' }, args: ['run'] })
    expect(second).toMatchObject({ id: '/shop/worker', env: { B: 'web', C: 'worker' } })
    expect(second?.ports).toHaveLength(1)
  })

  it('includes other projects with their own .env', async () => {
    const { apps } = await compose(
      'include: [db/compose.yaml]\nservices: {web: {image: web, depends_on: [db]}}',
      {
        files: { 'db/compose.yaml': 'services: {db: {image: "db:${TAG}"}}', 'db/.env': 'TAG=16\n' },
      },
    )
    expect(apps.map(({ id, image }) => `${id} ${image}`)).toEqual([
      '/shop/db db:16',
      '/shop/web web',
    ])
  })

  it('is merged from several files, later ones over earlier ones', async () => {
    const source = (file: string, text: string) => ({ file, text, folder: '/home/shop' })
    const { apps } = await importApps([
      source(
        'compose.yaml',
        'services: {web: {image: "web:1", command: [a, b], environment: [A=1, B=1], ports: ["80:80"], volumes: ["/a:/x"], dns: [1.1.1.1], labels: {a: b}}}',
      ),
      source(
        'prod.yaml',
        'services: {web: {image: "web:2", command: [c], environment: {B: "2"}, ports: ["80:80", "81:81"], volumes: ["/b:/x"], dns: !override [8.8.8.8], labels: !reset {}}}',
      ),
    ])
    expect(apps[0]).toMatchObject({
      image: 'web:2',
      args: ['c'],
      env: { A: '1', B: '2' },
      labels: {},
      native: {
        swarm: { TaskTemplate: { ContainerSpec: { DNSConfig: { Nameservers: ['8.8.8.8'] } } } },
      },
    })
    expect(apps[0]?.ports.map(({ containerPort }) => containerPort)).toEqual([80, 81])
    expect(Object.values(apps[0]?.volumes ?? {})).toMatchObject([{ path: '/b' }])
  })

  it('is a project for each folder', async () => {
    const text = 'services: {web: {image: web}}'
    const { apps } = await importApps([
      { file: 'a/compose.yaml', text, folder: '/home/a' },
      { file: 'b/compose.yaml', text: `name: beta\n${text}`, folder: '/home/b' },
    ])
    expect(apps.map(({ id }) => id)).toEqual(['/a/web', '/beta/web'])
  })

  it('goes into the group it is told to', async () => {
    const { apps } = await compose('name: shop\nservices: {web: {image: web}}', {
      group: '/eu/shop',
    })
    expect(apps[0]?.id).toBe('/eu/shop/web')
  })
})

describe('secrets and configs', () => {
  const text = `
services:
  web:
    image: web
    secrets: [db_password, {source: key, target: /etc/key, uid: "1000", mode: 0400}]
    configs: [{source: app, target: /etc/app.conf}]
secrets:
  db_password: {file: ./password.txt}
  key: {external: true, name: web-key}
configs:
  app: {file: ./app.conf}
`
  const files = { 'password.txt': 'hunter2', 'app.conf': 'a=1' }

  it('become files, and values of secrets stay where they are', async () => {
    const imported = await compose(text, { files })
    expect(imported.apps[0]?.files).toEqual({
      '/run/secrets/db_password': { secret: 'db-password' },
      '/etc/key': { secret: 'web-key', mode: '0400' },
      '/etc/app.conf': { content: 'a=1' },
    })
    expect(imported.secrets).toEqual([])
    expect(told(imported)).toEqual([
      'approximated /services/web/secrets/0',
      'approximated /services/web/secrets/1/uid',
      'warning /secrets/db_password/file',
    ])
    expect(JSON.stringify(imported)).not.toContain('hunter2')
  })

  it('bring the values of secrets along when they are asked for', async () => {
    const { secrets } = await compose(text, { files, withSecrets: true })
    expect(secrets).toEqual([{ name: 'db-password', data: 'hunter2' }])
  })

  it('take a text file that is mounted read-only along as it is', async () => {
    const imported = await importApps(
      [
        {
          file: 'c.yaml',
          text: 'services: {web: {image: a, volumes: ["./app.conf:/etc/app.conf:ro"]}}',
          folder: '/home/shop',
        },
      ],
      { read: folder(files) },
    )
    expect(imported.apps[0]?.files).toEqual({ '/etc/app.conf': { content: 'a=1' } })
    expect(told(imported)).toEqual(['approximated /services/web/volumes/0'])
  })
})
