import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadApps } from '../../src/cli/files/load.ts'
import { InvalidInputError } from '../../src/cli/files/problem.ts'
import { project } from './project.ts'

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

interface Given {
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  readonly names?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
}

async function load({ files = {}, names = Object.keys(files), env = {}, stdin = '' }: Given) {
  return loadIn(await project(files), names, env, stdin)
}

function loadIn(
  cwd: string,
  names: readonly string[],
  env: Readonly<Record<string, string>> = {},
  stdin = '',
) {
  return loadApps({ cwd, env, stdin: bytes(stdin) }, names)
}

async function problemsOf(given: Given): Promise<string> {
  const error = await load(given).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(error instanceof InvalidInputError)) throw error ?? new Error('it was accepted')
  return error.message
}

const web = 'id: /shop/web\nimage: web:1\n'

describe('app files', () => {
  it('hold several documents, apps and groups, in YAML and JSON', async () => {
    const group = await load({
      files: {
        'a.yaml': `${web}dependsOn: { api: healthy }\n---\ngroup: /shop\napps:\n  api: { image: "api:1" }\n`,
        'b.json': '{\n\t"id": "/other/job",\n\t"image": "job:1",\n\t"kind": "job"\n}\n',
      },
    })
    expect(group.apps.map((app) => app.id)).toEqual(['/shop/api', '/shop/web', '/other/job'])
  })

  it('are read from standard input as "-"', async () => {
    const group = await load({ names: ['-'], stdin: web })
    expect(group.apps.map((app) => app.id)).toEqual(['/shop/web'])
  })

  it('are those of a directory in the order of their names, without the configuration', async () => {
    const group = await load({
      files: {
        'apps/b.yaml': 'id: /b\nimage: b:1\n',
        'apps/a.yml': 'id: /a\nimage: a:1\n',
        'apps/intermodal.config.yaml': 'targets: {}\n',
        'apps/readme.txt': 'not an app',
        'apps/deeper/c.yaml': 'id: /c\nimage: c:1\n',
      },
      names: ['apps'],
    })
    expect(group.apps.map((app) => app.id)).toEqual(['/a', '/b'])
  })

  it('may be TypeScript modules with a default export or an export named apps', async () => {
    const group = await load({
      files: {
        'one.ts':
          'const replicas: number = 2\nexport default { id: "/one", image: "one:1", replicas }\n',
        'many.mjs':
          'export const apps = [{ id: "/two", image: "two:1" }, { id: "/three", image: "three:1" }]\n',
        'group.mts':
          'export default { group: "/g", apps: { four: { image: "four:1" } }, secrets: { s: "x" } }\n',
      },
    })
    expect(group.apps.map((app) => app.id)).toEqual(['/one', '/two', '/three', '/g/four'])
    expect(group.secrets).toEqual([{ name: 's', data: 'x' }])
  })

  it('share blocks by merge keys', async () => {
    const group = await load({
      files: {
        'a.yaml':
          'group: /g\napps:\n  a: &base\n    image: a:1\n    replicas: 2\n  b:\n    <<: *base\n    replicas: 3\n',
      },
    })
    expect(group.apps.map((app) => [app.image, app.replicas])).toEqual([
      ['a:1', 2],
      ['a:1', 3],
    ])
  })

  it('keep references to variables as plain text', async () => {
    const group = await load({ files: { 'a.yaml': `${web}env: { HOME_PAGE: "\${HOME}" }\n` } })
    expect(group.apps[0]?.env).toEqual({ HOME_PAGE: `\${HOME}` })
  })
})

describe('values from elsewhere', () => {
  it('come from a file beside the app file, from the environment, or are written out', async () => {
    const group = await load({
      files: {
        'apps/shop.yaml': `group: /shop
apps:
  web:
    image: web:1
    files: { /etc/web.conf: { fromFile: ./conf/web.conf, mode: "0400" } }
    sidecars: { log: { image: "log:1", files: { /etc/log.conf: { fromFile: conf/web.conf } } } }
secrets:
  password: { env: PASSWORD }
  pair: { keys: { user: { value: me }, password: { file: ./conf/password } } }
configs:
  banner: { value: hello }
`,
        'apps/conf/web.conf': 'port = 80\n',
        'apps/conf/password': 'p4ss',
      },
      names: ['apps/shop.yaml'],
      env: { PASSWORD: 'hunter2' },
    })
    expect(group.secrets).toEqual([
      { name: 'password', data: 'hunter2' },
      { name: 'pair', data: { user: 'me', password: 'p4ss' } },
    ])
    expect(group.configs).toEqual([{ name: 'banner', data: 'hello' }])
    expect(group.apps[0]?.files).toEqual({
      '/etc/web.conf': { content: 'port = 80\n', mode: '0400' },
    })
    expect(group.apps[0]?.sidecars.log?.files).toEqual({
      '/etc/log.conf': { content: 'port = 80\n' },
    })
  })

  it.each([
    ['../outside', "leads out of the app file's folder"],
    ['conf/../../outside', "leads out of the app file's folder"],
    ['/etc/hostname', "is an absolute path: files have to be in the app file's folder"],
    ['./missing', 'does not exist'],
    ['./link', "leads out of the app file's folder"],
    ['./linked-folder/outside', "leads out of the app file's folder"],
  ])('are refused from %s', async (reference, why) => {
    const folder = await project({
      outside: 'secret',
      'apps/shop.yaml': `group: /g\napps: { a: { image: "a:1" } }\nsecrets:\n  s: { file: ${reference} }\n`,
    })
    await symlink(join(folder, 'outside'), join(folder, 'apps/link'))
    await symlink(folder, join(folder, 'apps/linked-folder'))
    await expect(loadIn(folder, ['apps/shop.yaml'])).rejects.toThrow(
      `apps/shop.yaml:4:8 /secrets/s/file "${reference}" ${why}`,
    )
  })

  it('are refused when the variable is not set, without telling any other value', async () => {
    const message = await problemsOf({
      files: {
        'a.yaml': `group: /g\napps: { a: { image: "a:1" } }\nsecrets:\n  s: { env: NOT_THERE }\n  t: [hunter2]\n`,
      },
    })
    expect(message).toContain('a.yaml:4:8 /secrets/s/env names the environment variable NOT_THERE')
    expect(message).toContain('a.yaml:5:3 /secrets/t needs one of { value }')
    expect(message).not.toContain('hunter2')
  })
})

describe('a wrong app file', () => {
  it('is told from top to bottom', async () => {
    const message = await problemsOf({
      files: { 'a.yaml': `${web}replica: 2\nresources: { limits: { memory: 1 }, request: {} }\n` },
    })
    const lines = message.match(/a\.yaml:\d+/g)
    expect(lines?.length).toBeGreaterThan(2)
    expect(lines).toEqual(lines?.toSorted())
  })

  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...[...'bcdefghi'].map((key, index) => {
      const before = String.fromCharCode('a'.charCodeAt(0) + index)
      return `${key}: &${key} [${Array(9).fill(`*${before}`).join(', ')}]`
    }),
  ].join('\n')

  it.each<[name: string, content: string | Uint8Array, problem: string]>([
    ['is empty', '', 'a.yaml is empty: it has no app in it'],
    ['has comments only', '# nothing\n---\n', 'a.yaml is empty: it has no app in it'],
    ['is a YAML bomb', bomb, 'a YAML bomb'],
    ['is nested without end', '['.repeat(5000), 'is nested too deeply'],
    ['contains itself', 'id: &x [*x]\n', 'has an anchor that contains itself'],
    ['is binary', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1]), 'is a binary file'],
    ['is not UTF-8', new Uint8Array([0x69, 0xff, 0xfe]), 'is not UTF-8 text'],
    ['is indented with tabs', 'id: /a\nenv:\n\tA: b\n', 'a.yaml:3:1 is indented with a tab'],
    ['says a key twice', `${web}image: web:2\n`, 'a.yaml:3:1 has the same key twice: image'],
    ['has an unknown tag', 'id: /a\nimage: !secret x\n', 'a.yaml:2:8 uses a tag'],
    ['has an alias without anchor', 'id: *nowhere\n', 'is not valid YAML'],
    [
      'is a Compose file',
      'services:\n  web: { image: web }\n',
      'a.yaml:1:1 looks like a Compose file, not like an app; this turns it into one: intermodal import a.yaml',
    ],
    ['is of Kubernetes', 'apiVersion: v1\nkind: Pod\n', 'looks like an object of Kubernetes'],
    ['is of Marathon', 'id: /a\ncmd: sleep 5\n', 'looks like apps of Marathon'],
    ['is a list of Marathon', '{"apps": [{"id": "/a"}]}', 'looks like apps of Marathon'],
    ['is a list', '- id: /a\n', 'a.yaml:1:1 needs an app (with an "id") or a group'],
    ['is just words', 'hello\n', 'a.yaml:1:1 needs an app'],
    [
      'has an unknown key',
      `${web}replica: 2\n`,
      'a.yaml:3:1 has an unknown key "replica": did you mean "replicas"?',
    ],
    [
      'has a wrong type',
      `${web}replicas: three\n`,
      'a.yaml:3:1 /replicas needs a whole number (got "three")',
    ],
    [
      'has milli-bytes',
      `${web}resources:\n  limits:\n    memory: 128m\n`,
      'a.yaml:5:5 /resources/limits/memory needs a size',
    ],
    [
      'has a bare duration',
      `${web}stop: { gracePeriod: 10 }\n`,
      'a.yaml:3:9 /stop/gracePeriod needs a duration with a unit',
    ],
    [
      'has a port twice',
      `${web}ports:\n  - { name: a, containerPort: 80 }\n  - { name: b, containerPort: 80 }\n`,
      'a.yaml:5:16 /ports/1/containerPort is 80/tcp, which ports/0 already has',
    ],
    [
      'has an app twice',
      `${web}---\n${web}`,
      'a.yaml:4:1 is a second app with the id /shop/web; the first is at a.yaml:1:1',
    ],
    [
      'has a cycle',
      'group: /g\napps:\n  a: { image: "a:1", dependsOn: { b: healthy } }\n  b: { image: "b:1", dependsOn: { a: healthy } }\n',
      'a.yaml:3:22 /apps/a/dependsOn is a cycle: /g/a needs /g/b needs /g/a',
    ],
    ['has a group without apps', 'group: /g\n', 'a.yaml:1:1 /apps needs a map from names to apps'],
    [
      'has a group that is no path',
      'group: g\napps: { a: { image: "a:1" } }\n',
      'a.yaml:1:1 /group needs a path',
    ],
    [
      'has an unknown key in a group',
      'group: /g\nsecret: {}\napps: { a: { image: "a:1" } }\n',
      'a.yaml:2:1 has an unknown key "secret": did you mean "secrets"?',
    ],
    [
      'has an id in a group',
      'group: /g\napps: { a: { id: /x, image: "a:1" } }\n',
      'a.yaml:2:14 /apps/a takes no id',
    ],
  ])('that %s is one clear problem', async (_, content, problem) => {
    const message = await problemsOf({ files: { 'a.yaml': content } })
    expect(message).toContain(problem)
    expect(message.split('\n')).toHaveLength(1)
  })

  it('does not exist', async () => {
    expect(await problemsOf({ names: ['nope.yaml'] })).toBe('nope.yaml does not exist')
    expect(await problemsOf({ names: ['nope.ts'] })).toBe('nope.ts does not exist')
  })

  it('is a directory without any', async () => {
    expect(await problemsOf({ files: { 'apps/readme.txt': '' }, names: ['apps'] })).toBe(
      'apps has no YAML or JSON files in it',
    )
  })

  it('is a module that cannot be loaded or exports nothing', async () => {
    expect(await problemsOf({ files: { 'a.mjs': 'throw new Error("boom")\n' } })).toBe(
      'a.mjs cannot be loaded: boom',
    )
    expect(await problemsOf({ files: { 'a.mjs': 'export const app = 1\n' } })).toContain(
      'a.mjs exports no app',
    )
  })

  it('is told with every other problem of every document at once', async () => {
    const message = await problemsOf({
      files: {
        'a.yaml': `${web}replica: 2\nimages: 3\n---\nid: /ok\nimage: ok:1\n---\nid: Bad\n`,
        'b.yaml': 'id: /b\n',
      },
    })
    expect(message.split('\n')).toEqual([
      '5 problems, nothing was changed:',
      expect.stringContaining('a.yaml:3:1 has an unknown key "replica"'),
      expect.stringContaining('a.yaml:4:1 has an unknown key "images": did you mean "image"?'),
      expect.stringContaining('a.yaml:9:1 /id needs a path'),
      expect.stringContaining('a.yaml:9:1 /image is missing'),
      expect.stringContaining('b.yaml:1:1 /image is missing'),
    ])
  })
})
