import { importApps } from 'intermodal/import'
import { describe, expect, it } from 'vitest'
import { compose, told, wrong } from './importing.ts'

async function problemsOf(text: string, file = 'file.yaml'): Promise<string[]> {
  return wrong(await importApps([{ file, text }]))
}

const LEVELS = [...'abcdefghi']
const BOMB = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...LEVELS.slice(1).map((name, index) => {
    const before = `*${LEVELS[index]}`
    return `${name}: &${name} [${Array.from({ length: 9 }, () => before).join(', ')}]`
  }),
  'services: {}',
].join('\n')

describe('a text that nobody should have to read', () => {
  it.each([
    ['a template', '{"id": "/a", "cpus": 1, "instances": {{.instances}}}', '1 : holds a template'],
    ['a template in YAML', 'services:\n  web:\n    image: {{ image }}\n', '3 : holds a template'],
    ['a comment in JSON', '{\n  // how many\n  "id": "/a"\n}', '2 : has a comment'],
    [
      'a merge conflict',
      'services:\n<<<<<<< HEAD\n  a: {image: a}\n=======\n',
      '2 : has an unresolved merge conflict',
    ],
    ['a tab', 'services:\n\tweb: {}\n', '2 : is indented with a tab'],
    [
      'a key given twice',
      'services:\n  a: {image: a}\n  a: {image: b}\n',
      '3 : has the same key twice',
    ],
    ['a YAML bomb', BOMB, 'grows to more than 100000 values by its aliases: a YAML bomb'],
    ['an anchor in itself', 'services: &a\n  web: *a\n', 'has an anchor that contains itself'],
    ['no anchor', 'services: *gone\n', 'refers to an anchor "gone" that is not there'],
    ['depth', `services: ${'['.repeat(100)}${']'.repeat(100)}`, 'is nested deeper than 64 levels'],
    ['a prototype', 'services:\n  __proto__: {image: a}\n', '2 : has the key "__proto__"'],
    ['nothing', '', '- : is empty'],
    ['a tag', 'services: !!python/object {}\n', 'uses a tag that is not supported'],
    [
      'something else',
      'colour: blue\n',
      '1 : is of no format that is known here: say which it is with --from',
    ],
    [
      'an app file of ours',
      'id: /shop/web\nimage: nginx\n',
      '1 : is an app file of intermodal already',
    ],
  ])('is refused for %s', async (_, text, message) => {
    const problems = await problemsOf(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(message)
  })
})

describe('a Compose file', () => {
  it.each([
    [
      'of another version',
      'version: "4"\nservices: {a: {image: a}}',
      '1 /version: is version "4", which is not known',
    ],
    ['of version 1', 'web:\n  image: nginx\ndb:\n  build: .\n', 'is a Compose file of version 1'],
    [
      'with an unknown key at the top',
      'services: {a: {image: a}}\nvolume: {}',
      '/volume: "volume" is no key at the top of a Compose file; did you mean "volumes"?',
    ],
    [
      'with an unknown key of a service',
      'services:\n  a:\n    image: a\n    port: []',
      '4 /services/a/port: "port" is no key of a service; did you mean "ports"?',
    ],
    [
      'with an unknown key of deploy',
      'services:\n  a:\n    image: a\n    deploy: {replica: 2}',
      '4 /services/a/deploy/replica: "replica" is no key of deploy; did you mean "replicas"?',
    ],
    [
      'with words for a number',
      'services:\n  a:\n    image: a\n    deploy: {replicas: many}',
      'needs a number, not text',
    ],
    [
      'with a bare duration',
      'services:\n  a:\n    image: a\n    stop_grace_period: 30',
      '4 /services/a/stop_grace_period: needs a duration with a unit',
    ],
    [
      'with a port that is none',
      'services:\n  a:\n    image: a\n    ports: ["http"]',
      '/services/a/ports/0: needs ports such as',
    ],
    [
      'that asks for a variable',
      'services:\n  a:\n    image: a:${TAG:?say which}',
      '3 /services/a/image: needs the variable TAG, which is not set: say which',
    ],
    [
      'with services in a list',
      'services:\n  - image: a',
      '/services: needs a map of keys, not a list',
    ],
    [
      'with services that need each other',
      'services:\n  a: {image: a, depends_on: [b]}\n  b: {image: b, depends_on: [a]}',
      'is a cycle: /shop/a needs /shop/b needs /shop/a',
    ],
  ])('is refused %s', async (_, text, message) => {
    const imported = await compose(text)
    expect(imported.apps).toEqual([])
    expect(wrong(imported).join('\n')).toContain(message)
  })

  it('never tells a value of the environment in a message', async () => {
    const imported = await compose(
      'services:\n  a:\n    image: a\n    environment: {DB_PASSWORD: hunter2, FLAG: true}\n    env_file: gone.env',
    )
    expect(told(imported)).toContain('warning /services/a/environment/DB_PASSWORD')
    expect(JSON.stringify(imported.losses)).not.toContain('hunter2')
  })

  it('does not follow references out of its folder, and goes on without them', async () => {
    const imported = await compose(
      [
        'include: [../other/compose.yaml]',
        'services:',
        '  a:',
        '    image: a',
        '    extends: {file: ../base.yaml, service: base}',
        '    env_file: [../secrets.env, gone.env]',
      ].join('\n'),
    )
    expect(imported.apps.map(({ id }) => id)).toEqual(['/shop/a'])
    expect(imported.losses.map(({ kind, path, detail }) => `${kind} ${path} ${detail}`)).toEqual([
      "dropped /include/0 ../other/compose.yaml leads out of the app file's folder: its services are missing here",
      "dropped /services/a/extends ../base.yaml leads out of the app file's folder: what it says is missing here",
      "dropped /services/a/env_file/0 ../secrets.env leads out of the app file's folder: its variables are not set",
      'dropped /services/a/env_file/1 gone.env does not exist: its variables are not set',
    ])
  })

  it('is refused when it extends itself, over files too', async () => {
    const imported = await compose(
      'services:\n  a:\n    extends: {file: base.yaml, service: b}\n',
      {
        files: {
          'base.yaml': 'services:\n  b:\n    extends: {file: compose.yaml, service: a}\n',
          'compose.yaml': 'services:\n  a:\n    extends: {file: base.yaml, service: b}\n',
        },
      },
    )
    expect(wrong(imported)[0]).toContain('extends itself')
  })

  it('is refused when it includes itself, over files too', async () => {
    const imported = await compose('include: [a.yaml]\nservices: {}', {
      files: { 'a.yaml': 'include: [b.yaml]', 'b.yaml': 'include: [a.yaml]' },
    })
    expect(wrong(imported)[0]).toContain(
      'includes itself: compose.yaml includes a.yaml includes b.yaml includes a.yaml',
    )
  })
})
