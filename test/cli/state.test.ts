import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { statePath } from '../../src/cli/state-file.ts'
import { workshop } from './cli.ts'

const WEB = 'id: /web\nimage: web:1\nreplicas: 2\n'

describe('the state of a simulated cluster', () => {
  it('is a file of its name in the state folder, or the one that is given', () => {
    const env = { XDG_STATE_HOME: '/state', HOME: '/home/me' }
    expect(statePath({ env, cwd: '/project' }, 'simulated', null)).toBe(
      '/state/intermodal/simulated.json',
    )
    expect(statePath({ env: { HOME: '/home/me' }, cwd: '/project' }, 'a/b', null)).toBe(
      '/home/me/.local/state/intermodal/a%2Fb.json',
    )
    expect(statePath({ env, cwd: '/project' }, 'simulated', './x.json')).toBe('/project/x.json')
  })

  it('keeps clusters of different names apart', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    await cli('apply -f web.yaml --on simulated:blue?speed=200')
    expect((await cli('ps --on simulated:green')).stderr).toBe('no apps\n')
    expect((await cli('ps --on simulated:blue')).stdout).toContain('/web')
  })

  it('is made as the target says the first time', async () => {
    const { cli } = await workshop()
    const { stdout } = await cli('nodes -o json --on simulated:?nodes=5')
    expect(JSON.parse(stdout)).toHaveLength(5)
  })

  it('is neither made nor changed by a command that only looks', async () => {
    const { cli, folder } = await workshop({ 'web.yaml': WEB })
    await cli('ps')
    await cli('plan -f web.yaml')
    expect(await readdir(folder)).toEqual(['web.yaml'])
  })

  it('lives on between commands, but no more than an hour', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    await cli('apply -f web.yaml --no-wait')
    const later = { ...systemClock, now: () => Date.now() + 30 * 86_400_000 }
    const { stdout } = await cli('ps -o json', { clock: later })
    const [{ state, createdAt, observed }] = JSON.parse(stdout)
    expect(state).toBe('running')
    expect(observed.at - createdAt).toBeGreaterThanOrEqual(3_600_000)
    expect(observed.at - createdAt).toBeLessThan(2 * 3_600_000)
  })

  it('never holds the content of a secret', async () => {
    const { cli, folder } = await workshop({
      'apps.yaml':
        'group: /g\napps: { a: { image: "a:1", files: { /run/s: { secret: s } } } }\nsecrets: { s: { value: hunter2 } }\n',
    })
    expect((await cli('apply -f apps.yaml')).code).toBe(0)
    const state = await readFile(join(folder, 'state/intermodal/simulated.json'), 'utf8')
    expect(state).toContain('/run/s')
    expect(state).not.toContain('hunter2')
  })

  it('is seen by who watches while another command changes it', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    const added = Promise.withResolvers<void>()
    const watching = cli('events -o json', {
      watch: ({ stdout }) => {
        if (stdout.includes('"app.added"')) added.resolve()
        return stdout.includes('"app.removed"')
      },
    })
    await cli('apply -f web.yaml')
    await added.promise
    await cli('rm web')
    const { code, stdout } = await watching
    const types = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type)
    expect(code).toBe(130)
    expect(types).toEqual(expect.arrayContaining(['stream.synced', 'app.added', 'app.removed']))
    expect(types.filter((type) => type === 'stream.gap')).toEqual([])
  })

  it('is changed by one command at a time: the second is told which one holds it', async () => {
    const { cli, folder } = await workshop({ 'web.yaml': WEB })
    await cli('apply -f web.yaml')
    const lock = join(folder, 'state/intermodal/simulated.json.lock')
    await writeFile(lock, String(process.pid))
    // Three virtual seconds of patience, and each look at the clock takes one.
    let now = Date.now()
    const clock = { ...systemClock, now: () => (now += 1000) }
    expect(await cli('scale web 3', { clock })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        `another command (process ${process.pid}) is changing the simulated cluster`,
      ),
    })
    expect((await cli('ps')).code).toBe(0)
  })

  it('is taken over from a command that died', async () => {
    const { cli, folder } = await workshop({ 'web.yaml': WEB })
    await cli('apply -f web.yaml')
    // Larger than any process id of Linux.
    await writeFile(join(folder, 'state/intermodal/simulated.json.lock'), '99999999')
    expect((await cli('scale web 3')).code).toBe(0)
  })

  it('loses no update of two commands at once', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB, 'api.yaml': WEB.replace('/web', '/api') })
    const [web, api] = await Promise.all([cli('apply -f web.yaml'), cli('apply -f api.yaml')])
    expect([web.code, api.code]).toEqual([0, 0])
    expect(JSON.parse((await cli('ps -o json')).stdout)).toHaveLength(2)
  })

  it.each([
    ['{"version":1', 'is damaged'],
    ['{"version":7}', 'is of another version of intermodal'],
    ['{"version":1,"savedAt":0,"world":{}}', 'cannot be restored'],
  ])('that is unusable is told, with its file: %s', async (content, problem) => {
    const { cli, folder } = await workshop({ 'state/intermodal/simulated.json': content })
    const ran = await cli('ps')
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain(`the state of the simulated cluster ${problem}: ${folder}`)
    expect(ran.stderr).toContain('remove that file')
  })
})
