import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createWorld } from 'intermodal/simulated'
import { fakeMarathon } from 'intermodal/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { workshop } from './cli.ts'

const SHOP = fileURLToPath(new URL('../../examples/shop.yaml', import.meta.url))

const WEB = `id: /web
image: web:1
replicas: 2
update: { progressDeadline: 40s, onFailure: rollback }
`

describe('apply', () => {
  it('deploys the example shop in the order of its dependencies, and says so line by line', async () => {
    const { cli } = await workshop()
    const ran = await cli(`apply -f ${SHOP}`)
    expect(ran).toMatchObject({ code: 0, stdout: '' })
    const done = ran.stderr.match(/(?<=✔ )\S+/g)
    expect(done).toEqual(['/shop/store', '/shop/migrate', '/shop/api', '/shop/web'])
    expect(ran.stderr).toContain('4 apps rolled out on simulated')
  })

  it('finds nothing to do the second time', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    await cli('apply -f web.yaml')
    expect(await cli('apply -f web.yaml')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('nothing to change'),
    })
  })

  it('prints only JSON on standard output with -o json', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    const { code, stdout } = await cli('apply -f web.yaml -o json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      cluster: 'simulated',
      outcome: 'succeeded',
      apps: { '/web': { outcome: 'succeeded', status: { state: 'running' } } },
    })
  })

  it('ends with 3 when the cluster rolled a bad update back, and tells why', async () => {
    const { cli, env } = await workshop({
      'web.yaml': WEB,
      'bad.yaml': WEB.replace('web:1', 'web:bad'),
    })
    await cli('apply -f web.yaml')
    const on = { INTERMODAL_TARGET: `${env.INTERMODAL_TARGET}&missing=web:bad` }
    const ran = await cli('apply -f bad.yaml', { env: on })
    expect(ran.code).toBe(3)
    expect(ran.stderr).toContain('ImageNotFound')
    expect(ran.stderr).toContain('the previous revision serves again')
    const [status] = JSON.parse((await cli('ps -o json')).stdout)
    expect(status).toMatchObject({ image: 'web:1', state: 'running' })
    expect((await cli('apply -f bad.yaml --allow-rollback', { env: on })).code).toBe(0)
  })

  it('ends with 1 when a new app never comes up', async () => {
    const { cli, env } = await workshop({ 'bad.yaml': WEB.replace('web:1', 'web:bad') })
    const on = { INTERMODAL_TARGET: `${env.INTERMODAL_TARGET}&missing=web:bad` }
    const ran = await cli('apply -f bad.yaml --fail-fast', { env: on })
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('ImageNotFound') })
  })

  it('ends with 4 when the wait was too short, and says how to follow', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    const ran = await cli('apply -f web.yaml --timeout 1s', {
      env: { INTERMODAL_TARGET: 'simulated:?speed=50' },
    })
    expect(ran.code).toBe(4)
    expect(ran.stderr).toContain('timed out after 1s')
    expect(ran.stderr).toContain('the rollout goes on; follow it with: intermodal follow /web')
    expect((await cli('follow /web')).code).toBe(0)
  })

  it('returns at once with --no-wait, and the rollout goes on between commands', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    const ran = await cli('apply -f web.yaml --no-wait')
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('/web: accepted as ') })
    expect((await cli('follow /web')).code).toBe(0)
    expect(JSON.parse((await cli('status /web -o json')).stdout).state).toBe('running')
  })

  it('shows the plan and changes nothing with --dry-run', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    expect(await cli('apply -f web.yaml --dry-run')).toMatchObject({
      stdout: expect.stringContaining('+ /web'),
    })
    expect((await cli('ps')).stderr).toBe('no apps\n')
  })

  it('ends with 2 and sends nothing when one document of several is wrong', async () => {
    const { cli } = await workshop({
      'apps.yaml': `${WEB}---\nid: /api\nimage: api:1\nreplica: 2\n`,
    })
    const ran = await cli('apply -f apps.yaml')
    expect(ran).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('apps.yaml:8:1 has an unknown key "replica"'),
    })
    expect((await cli('ps')).stderr).toBe('no apps\n')
  })

  it('ends with 2 when a secret is not there, before anything is changed', async () => {
    const { cli } = await workshop({
      'apps.yaml': `${WEB}---\nid: /api\nimage: api:1\nfiles: { /run/x: { secret: nowhere } }\n`,
    })
    const ran = await cli('apply -f apps.yaml')
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('nowhere') })
  })

  it('goes on after Ctrl-C, and says how to follow it', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    const ran = await cli('apply -f web.yaml', {
      env: { INTERMODAL_TARGET: 'simulated:?speed=1' },
      watch: ({ stderr }) => stderr.includes('0 of 2 ready'),
    })
    expect(ran.code).toBe(130)
    expect(ran.stderr).toContain(
      'the rollout goes on; follow it with: intermodal follow /web --on simulated:?speed=1',
    )
    expect((await cli('follow /web')).code).toBe(0)
  })

  it('names the apps Ctrl-C left out', async () => {
    const { cli } = await workshop()
    const ran = await cli(`apply -f ${SHOP}`, {
      watch: ({ stderr }) => stderr.includes('/shop/store  accepted'),
    })
    expect(ran.code).toBe(130)
    expect(ran.stderr).toContain('not applied: /shop/migrate, /shop/api, /shop/web')
  })
})

describe('plan', () => {
  it('tells what changes and what that means', async () => {
    const { cli } = await workshop({ 'a.yaml': WEB, 'b.yaml': WEB.replace('web:1', 'web:2') })
    await cli('apply -f a.yaml')
    const ran = await cli('plan -f b.yaml')
    expect(ran.code).toBe(0)
    expect(ran.stdout).toContain('~ /web')
    expect(ran.stdout).toContain('/image: web:1 → web:2  [rollingRestart]')
    expect((await cli('plan -f b.yaml --detailed-exitcode')).code).toBe(1)
    expect((await cli('plan -f a.yaml --detailed-exitcode')).code).toBe(0)
  })
})

describe('changes', () => {
  it('scale, suspend, resume, restart and roll back, and wait for it', async () => {
    const { cli } = await workshop({ 'a.yaml': WEB, 'b.yaml': WEB.replace('web:1', 'web:2') })
    await cli('apply -f a.yaml')
    await cli('apply -f b.yaml')
    const ready = async () => {
      const [{ image, state, counts }] = JSON.parse((await cli('ps -o json')).stdout)
      return [image, state, counts.ready]
    }
    expect((await cli('scale web 4')).code).toBe(0)
    expect(await ready()).toEqual(['web:2', 'running', 4])
    expect((await cli('suspend web')).code).toBe(0)
    expect(await ready()).toEqual(['web:2', 'suspended', 0])
    expect((await cli('resume web')).code).toBe(0)
    expect(await ready()).toEqual(['web:2', 'running', 4])
    expect((await cli('rollback web')).code).toBe(0)
    expect((await ready())[0]).toBe('web:1')
    expect((await cli('restart web')).code).toBe(0)
    expect(await ready()).toEqual(['web:1', 'running', 4])
  })

  it('go over a lock with --force alone, each of them', async () => {
    await using fake = await fakeMarathon({ world: createWorld({ clock: 'manual' }) })
    const { cli } = await workshop({ 'a.yaml': WEB })
    const there = `--on marathon+${fake.url}`
    await cli(`apply -f a.yaml --no-wait ${there}`)
    for (const change of ['scale web 4', 'restart web', 'suspend web']) {
      const refused = await cli(`${change} --no-wait ${there}`)
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('LOCKED') })
      expect(refused.stderr).toContain('--force')
      expect((await cli(`${change} --no-wait --force ${there}`)).code).toBe(0)
    }
    expect((await cli('follow web --force')).code).toBe(2)
  })

  it('end with 1 for an app that is not there', async () => {
    const { cli } = await workshop()
    expect(await cli('scale nope 2')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('APP_NOT_FOUND'),
    })
  })

  it('remove apps by name, by group and by file', async () => {
    const { cli } = await workshop({
      'apps.yaml': ['/a/x', '/a/y', '/b/z'].map((id) => `id: ${id}\nimage: i:1\n`).join('---\n'),
    })
    await cli('apply -f apps.yaml')
    expect(await cli('rm /b/z')).toMatchObject({ code: 0, stderr: '/b/z: removed\n' })
    expect((await cli('rm /b/z')).code).toBe(1)
    expect((await cli('rm /b/z --ignore-missing')).code).toBe(0)
    expect(await cli('rm --group /a')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('2 apps removed'),
    })
    await cli('apply -f apps.yaml')
    const { stdout } = await cli('rm -f apps.yaml -o json')
    expect(JSON.parse(stdout).removed).toEqual(['/a/x', '/a/y', '/b/z'])
  })

  it('ask before they remove on a terminal, and take anything but yes for no', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    await cli('apply -f web.yaml')
    const no = await cli('rm web', { isTTY: true, stdin: '\n' })
    expect(no).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('[y/N] nothing was removed'),
    })
    expect((await cli('rm web', { isTTY: true, stdin: 'yes\n' })).code).toBe(0)
  })
})

describe('looking', () => {
  it('lists, filters and sorts', async () => {
    const { cli } = await workshop({
      'apps.yaml': `id: /b/two\nimage: i:1\nlabels: { tier: back }\n---\nid: /a/one\nimage: i:1\nreplicas: 0\n`,
    })
    await cli('apply -f apps.yaml')
    const ids = async (flags: string) =>
      JSON.parse((await cli(`ps -o json ${flags}`.trim())).stdout).map(
        ({ id }: { id: string }) => id,
      )
    expect(await ids('')).toEqual(['/a/one', '/b/two'])
    expect(await ids('--group /a')).toEqual(['/a/one'])
    expect(await ids('--label tier=back')).toEqual(['/b/two'])
    expect(await ids('--state suspended')).toEqual(['/a/one'])
    expect(await ids('--health none')).toEqual(['/b/two'])
    const { stdout } = await cli('ps')
    expect(stdout.split('\n')[0]).toMatch(
      /^APP +KIND +IMAGE +STATE +READY +HEALTH +RESTARTS +AGE +REASON$/,
    )
    expect(parse((await cli('ps -o yaml')).stdout)).toHaveLength(2)
  })

  it('shows one cluster beside another', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    await cli('apply -f web.yaml --on simulated:blue?speed=200')
    await cli('apply -f web.yaml --on simulated:green?speed=200')
    const { stdout } = await cli('ps --on simulated:blue --on simulated:green')
    expect(stdout).toMatch(/^CLUSTER.*\nblue +\/web .*\ngreen +\/web /)
  })

  it('shows instances, events, logs and answers of commands', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    await cli('apply -f web.yaml')
    const { instances } = JSON.parse((await cli('status web -o json')).stdout)
    expect((await cli('status web')).stdout).toContain(instances[0].id)
    const events = (await cli('events -o json --once')).stdout.trim().split('\n')
    expect(events.map((line) => JSON.parse(line).type)).toEqual(
      expect.arrayContaining(['app.added', 'stream.synced']),
    )
    expect((await cli('logs web --tail 1')).stdout).toMatch(/^web-\d+ \| .+\nweb-\d+ \| .+\n$/)
    const ran = await cli('exec web -- no-such-command')
    expect(ran.code).toBe(127)
    expect((await cli('explain web')).stdout).toContain('/web is running')
    expect((await cli('nodes')).stdout).toContain('node-3')
  })

  it('exports an app as a file that applies as nothing to do', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    await cli('apply -f web.yaml')
    const { stdout } = await cli('export web')
    expect(parse(stdout)).toMatchObject({ id: '/web', image: 'web:1', replicas: 2 })
    expect((await cli('plan -f - --detailed-exitcode', { stdin: stdout })).code).toBe(0)
  })

  it('watches until Ctrl-C, a row for each change', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    await cli('apply -f web.yaml')
    const ran = await cli('ps --watch', { watch: ({ stdout }) => stdout.includes('/web') })
    expect(ran).toMatchObject({ code: 130, stdout: expect.stringContaining('running'), stderr: '' })
  })

  it('says which targets there are and whether they answer', async () => {
    const { cli } = await workshop({
      'intermodal.config.yaml':
        'default: sim\ntargets:\n  sim: "simulated:"\n  dead: swarm+tcp://me:hunter2@127.0.0.1:9\n  lost: "kubernetes:"\n',
    })
    const env = { INTERMODAL_TARGET: '', KUBECONFIG: '/no/such/kubeconfig' }
    const ran = await cli('targets -o json', { env })
    const rows = JSON.parse(ran.stdout)
    expect(rows).toMatchObject([
      { name: 'sim', default: true, answers: true },
      { name: 'dead', default: false, answers: false },
      { name: 'lost', answers: false, error: expect.stringContaining('no kubeconfig at /no/such') },
    ])
    expect(ran.stdout + ran.stderr).not.toContain('hunter2')
  })
})

describe('render', () => {
  it("prints an engine's own objects without any cluster and without the content of secrets", async () => {
    const { cli } = await workshop()
    const ran = await cli(`render -f ${SHOP} --to swarm`)
    expect(ran.code).toBe(0)
    expect(parseAllDocuments(ran.stdout)).toHaveLength(4)
    expect(ran.stdout).toContain('127.0.0.1:9/app:1')
    expect(ran.stdout).not.toContain('not-a-real-password')
    expect(ran.stderr).toContain('approximated')
    expect(JSON.parse((await cli(`render -f ${SHOP} --to swarm -o json`)).stdout)).toHaveLength(4)
  })

  it('ends with 6 for what the engine would drop, unless that is accepted', async () => {
    const { cli } = await workshop({ 'web.yaml': `${WEB}disruption: { maxUnavailable: 1 }\n` })
    const ran = await cli('render -f web.yaml --to swarm')
    expect(ran).toMatchObject({
      code: 6,
      stdout: '',
      stderr: expect.stringContaining('dropped /disruption'),
    })
    expect((await cli('render -f web.yaml --to swarm --lenient')).code).toBe(0)
  })
})

describe('a cluster', () => {
  it('that cannot be reached ends with 5', async () => {
    const { cli } = await workshop()
    const ran = await cli('ps --on swarm+unix:///nowhere/docker.sock')
    expect(ran).toMatchObject({ code: 5, stderr: expect.stringContaining('UNAVAILABLE') })
  })

  it('that cannot be reached does not keep the others from answering', async () => {
    const { cli, env } = await workshop({ 'web.yaml': WEB })
    await cli('apply -f web.yaml')
    const ran = await cli(`ps --on ${env.INTERMODAL_TARGET} --on swarm+tcp://127.0.0.1:9`)
    expect(ran).toMatchObject({
      code: 5,
      stdout: expect.stringContaining('/web'),
      stderr: expect.stringContaining('nothing listens there'),
    })
  })

  it('that would drop something ends with 6, before it is asked anything', async () => {
    const { cli } = await workshop({ 'web.yaml': `${WEB}disruption: { maxUnavailable: 1 }\n` })
    const ran = await cli('apply -f web.yaml --on swarm+unix:///nowhere/docker.sock')
    expect(ran).toMatchObject({ code: 6, stderr: expect.stringContaining('/disruption dropped') })
    const json = await cli('apply -f web.yaml --on swarm+unix:///nowhere/docker.sock -o json')
    expect(JSON.parse(json.stderr).error).toMatchObject({
      code: 'UNSUPPORTED',
      losses: [{ path: '/disruption', kind: 'dropped' }],
      exitCode: 6,
    })
  })

  it('that has not answered before Ctrl-C leaves it open whether it heard', async () => {
    const { cli } = await workshop()
    const interrupt = new AbortController()
    const silent = createServer(() => interrupt.abort()).listen(0, '127.0.0.1')
    onTestFinished(() => void silent.close())
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const ran = await cli(`restart web --on swarm+tcp://127.0.0.1:${port}`, {
      interrupt: interrupt.signal,
    })
    expect(ran.code).toBe(130)
    expect(ran.stderr).toContain(
      `/web: interrupted before the cluster answered; look with: intermodal status /web --on swarm+tcp://127.0.0.1:${port}`,
    )
  })

  it('whose Docker context does not exist ends with 2', async () => {
    const { cli, folder } = await workshop()
    const ran = await cli('ps --on swarm:nowhere', { env: { HOME: folder } })
    expect(ran).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no Docker context "nowhere"'),
    })
  })
})

describe('wrong usage ends with 2', () => {
  it.each([
    ['nonsense', "unknown command 'nonsense'"],
    ['apply', 'no app file was given'],
    ['apply -f web.yaml --wat', "unknown option '--wat'"],
    ['apply -f web.yaml --timeout 5', '"5" is no duration'],
    ['apply -f nope.yaml', 'nope.yaml does not exist'],
    ['scale web many', '"many" is no count'],
    ['status Web!', '"/Web!" is no app id'],
    ['ps --state runing', '--state "runing" is unknown'],
    ['ps --label tier', '--label "tier" is no key=value'],
    ['ps -o xml', "argument 'xml' is invalid"],
    ['ps --on nowhere', 'there is no target "nowhere"'],
    ['ps --on kubernetes+http:', 'kubernetes is not reached by "http"'],
    ['ps --on swarm+ftp://host', 'swarm is not reached by "ftp"'],
    ['ps --on simulated:?node=3', 'unknown setting "node"'],
    ['ps --on simulated:?nodes=none', 'nodes needs a whole number'],
    ['events --types app.add', '--types "app.add" is unknown'],
    ['render -f web.yaml', "required option '--to <engine>' not specified"],
    ['rm', 'nothing to remove was named'],
    ['completion tcsh', 'Allowed choices are bash, zsh, fish'],
  ])('intermodal %s', async (args, message) => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    const ran = await cli(args)
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr.replaceAll('/web!', '')).toContain(message.replace('/Web!', 'Web!'))
  })

  it('and shows the help when nothing was asked', async () => {
    const { cli } = await workshop()
    expect(await cli([])).toMatchObject({ code: 2, stderr: expect.stringContaining('Deploy:') })
  })

  it('as JSON with -o json', async () => {
    const { cli } = await workshop({ 'a.yaml': 'id: /a\n' })
    const { code, stdout, stderr } = await cli('plan -f a.yaml -o json')
    expect([code, stdout]).toEqual([2, ''])
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'APP_INVALID',
        message: 'a.yaml:1:1 /image is missing',
        problems: [
          { file: 'a.yaml', line: 1, column: 1, pointer: '/image', message: 'is missing' },
        ],
        exitCode: 2,
      },
    })
  })
})

describe('help', () => {
  it('names every command, every target and every exit code', async () => {
    const { cli } = await workshop()
    const { code, stdout } = await cli('--help')
    expect(code).toBe(0)
    for (const word of ['apply', 'render', 'completion', 'swarm+ssh:', 'refused because of losses'])
      expect(stdout).toContain(word)
    expect(stdout).not.toMatch(/^ {2}complete /m)
  })

  it.each([
    'apply',
    'plan',
    'ps',
    'status',
    'events',
    'scale',
    'suspend',
    'resume',
    'restart',
    'pause',
    'rollback',
    'rm',
    'logs',
    'exec',
    'explain',
    'render',
    'export',
    'nodes',
    'targets',
    'follow',
    'completion',
  ])('of %s shows examples', async (name) => {
    const { cli } = await workshop()
    const { code, stdout } = await cli(`${name} --help`)
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`Examples:\\n {2}.*intermodal ${name}`))
  })
})
