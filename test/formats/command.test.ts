import { describe, expect, it } from 'vitest'
import { workshop } from '../cli/cli.ts'

const COMPOSE = `name: shop
services:
  web:
    image: web:\${TAG:-1}
    ports: ["8080:80"]
    depends_on: [db]
  db:
    image: db
`
const BUILT = 'services:\n  web:\n    image: web\n    build: .\n'

describe('intermodal import', () => {
  it('writes apps that apply takes as they are', async () => {
    const { cli } = await workshop({ 'compose.yaml': COMPOSE })
    const imported = await cli('import compose.yaml --env TAG=2')
    expect([imported.code, imported.stderr]).toEqual([0, '2 apps; nothing was lost\n'])
    expect(imported.stdout).toContain('image: web:2')
    expect((await cli('apply -f - --no-wait', { stdin: imported.stdout })).code).toBe(0)
  })

  it('tells each loss in one line, and ends with 6 when something was dropped', async () => {
    const { cli } = await workshop({ 'compose.yaml': BUILT })
    const strict = await cli('import compose.yaml')
    expect(strict.code).toBe(6)
    expect(strict.stdout).toContain('image: web')
    expect(strict.stderr.split('\n')[0]).toBe(
      'compose.yaml:4 /services/web/build dropped: an app runs an image and does not build it (build and push the image before the app is applied)',
    )
    expect((await cli('import compose.yaml --lenient')).code).toBe(0)
  })

  it('tells the same as JSON', async () => {
    const { cli } = await workshop({ 'compose.yaml': BUILT })
    const { stderr, stdout } = await cli('import compose.yaml --report json -o json --group /a/b')
    expect(JSON.parse(stdout)).toMatchObject({ id: '/a/b/web' })
    expect(JSON.parse(stderr)).toMatchObject({
      apps: ['/a/b/web'],
      losses: [{ file: 'compose.yaml', path: '/services/web/build', line: 4, kind: 'dropped' }],
      problems: [],
    })
  })

  it('reads standard input, where a format can be told', async () => {
    const { cli } = await workshop()
    const app = JSON.stringify({ id: '/a', cmd: 'sleep 1', cpus: 1, mem: 32 })
    const ran = await cli('import - --from marathon --lenient', { stdin: app })
    expect(ran.stdout).toContain('id: /a')
  })

  it('reads a folder: the pair Compose looks for as one, and passes over what is of no format', async () => {
    const { cli } = await workshop({
      'all/compose.yaml': COMPOSE,
      'all/compose.override.yaml': 'services: {web: {image: "web:override"}}',
      'all/other.json': '{"colour": "blue"}',
    })
    const ran = await cli('import all')
    expect(ran.stdout).toContain('web:override')
    expect(ran.stderr).toContain('all/other.json / warning: is of no format that is known here')
    expect(ran.code).toBe(0)
  })

  it.each([
    ['a missing file', {}, 'import gone.yaml', 'gone.yaml does not exist'],
    ['a binary file', { 'a.yaml': 'a\0b' }, 'import a.yaml', 'a.yaml is a binary file'],
    [
      'a huge file',
      { 'a.json': ' '.repeat(5_000_000) },
      'import a.json',
      'a.json is larger than 4 MiB',
    ],
    [
      'an invalid file',
      { 'a.yaml': 'services: {web: {image: a, port: 1}}' },
      'import a.yaml',
      'a.yaml:1:28 /services/web/port "port" is no key of a service',
    ],
    ['a program', { 'a.ts': 'export default {}' }, 'import a.ts', 'a.ts is a program'],
  ])('ends with 2 for %s, and writes nothing', async (_, files, command, message) => {
    const { cli } = await workshop(files)
    const ran = await cli(command)
    expect([ran.code, ran.stdout]).toEqual([2, ''])
    expect(ran.stderr).toContain(message)
  })

  it('gives what render --to compose was given', async () => {
    const app =
      'group: /shop\napps:\n  web:\n    image: web\n    ports:\n      - name: http\n        containerPort: 80\n'
    const { cli } = await workshop({ 'shop.yaml': app })
    const rendered = await cli('render -f shop.yaml --to compose')
    expect(rendered.code).toBe(0)
    const back = await cli('import - --from compose', { stdin: rendered.stdout })
    expect(back.stdout).toBe(
      'id: /shop/web\nimage: web\nports:\n  - name: http\n    containerPort: 80\n',
    )
  })

  it('writes a Compose file with the files it needs, which give the same app again', async () => {
    const app =
      'id: /shop/web\nimage: web\nfiles:\n  /etc/web.conf:\n    content: listen 80\n    mode: "0444"\n'
    const { cli } = await workshop({ 'web.yaml': app })
    const rendered = await cli('render -f web.yaml --to compose --directory stack')
    expect([rendered.code, rendered.stdout, rendered.stderr]).toEqual([0, '', ''])
    const back = await cli('import stack/compose.yaml')
    expect(back.stdout).toBe(app)
  })

  it('takes --directory for Compose only', async () => {
    const { cli } = await workshop({ 'web.yaml': 'id: /web\nimage: web\n' })
    const ran = await cli('render -f web.yaml --to swarm --directory stack')
    expect([ran.code, ran.stderr]).toEqual([
      2,
      expect.stringContaining('--directory says nothing of swarm'),
    ])
  })
})
