import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { workshop } from './cli.ts'

const SHOP = `group: /shop
apps:
  db: { kind: stateful, image: db:1, replicas: 2, volumes: { data: { type: claim, mountPath: /data, size: 1Gi } } }
  web: { image: registry.example.com/web:1, replicas: 3, dependsOn: { db: healthy } }
`
const OLD = 'simulated:old?speed=200'
const NEW = 'simulated:new?speed=200'

/** A shop on the old of two clusters, and the command that moves it. */
async function estate(apps = SHOP) {
  const { cli, ...shop } = await workshop({ 'shop.yaml': apps })
  expect(await cli(`apply -f shop.yaml --on ${OLD}`)).toMatchObject({ code: 0 })
  return {
    ...shop,
    cli,
    migrate: (more: string, options?: Parameters<typeof cli>[1], to = NEW) =>
      cli(`migrate --from ${OLD} --to ${to} ${more}`, options),
    async ps(on: string) {
      const found = JSON.parse((await cli(`ps --on ${on} -o json`)).stdout) as {
        id: string
        counts: { ready: number }
      }[]
      return Object.fromEntries(found.map(({ id, counts }) => [id, counts.ready]))
    },
  }
}

describe('migrate --dry-run', () => {
  it('shows what is carried, what is left to do by hand and how the old side goes down', async () => {
    const { migrate, ps } = await estate()
    const { code, stdout } = await migrate('--group /shop --dry-run')
    expect(code).toBe(0)
    expect(stdout).toBe(`old → new
+ /shop/db  2 instances start on new; old goes down to 1, 0
    carried /kind /image /replicas /volumes/data
    by hand data /volumes/data: what is in /data stays on old: the volume begins empty on new (copy it with a tool of the data, such as a dump or a replica, before you move)
+ /shop/web  3 instances start on new; old goes down to 2, 1, 0
    carried /image /replicas /dependsOn/db
    by hand registry /image: the nodes of new have to reach registry.example.com and be let in (try the image on one of them first)

2 apps, 0 approximated, 0 dropped, 2 to do by hand
`)
    expect(await ps(NEW)).toEqual({})
  })

  it('prints the whole plan as JSON or YAML', async () => {
    const { migrate } = await estate()
    const plan = JSON.parse((await migrate('/shop/web --dry-run -o json')).stdout)
    expect(plan).toMatchObject({
      from: 'old',
      to: 'new',
      apps: [{ app: '/shop/web', stage: 'start', replicas: 3, steps: [2, 1, 0] }],
      refused: [],
    })
    expect(plan.apps[0].byHand).toMatchObject([
      { topic: 'registry' },
      { topic: 'dependency', detail: 'needs /shop/db, which is not moved with it and not on new' },
    ])
    expect(parse((await migrate('/shop/web --dry-run -o yaml')).stdout)).toEqual(plan)
  })

  it('ends with 6 when something would be dropped, and names the place', async () => {
    const { migrate } = await estate(
      'id: /web\nimage: web:1\nnative: { swarm: { Mode: {} , Name: x } }\n',
    )
    const strict = await migrate('web --dry-run')
    expect(strict.code).toBe(6)
    expect(strict.stdout).toContain('dropped /native/swarm/Name')
    expect((await migrate('web --dry-run --lenient')).code).toBe(0)
  })
})

describe('migrate', () => {
  it('moves a group, tells each step in a line, and finds nothing to do the second time', async () => {
    const { migrate, ps } = await estate()
    const { code, stdout, stderr } = await migrate('--group /shop --steps 1')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => line.trimStart().replace(/^\S+ /, ''))
    expect(lines).toEqual([
      '› /shop/db  starts on new',
      '› /shop/db  2 of 2 ready on new',
      '› /shop/web  starts on new',
      '› /shop/web  3 of 3 ready on new',
      '⇢ /shop/web  3 → 0 on old',
      '⇢ /shop/web  0 of 3 left on old, 3 of 3 ready on new',
      '⇢ /shop/db  2 → 0 on old',
      '⇢ /shop/db  0 of 2 left on old, 2 of 2 ready on new',
      '✔ /shop/db  serves on new; is suspended on old',
      '✔ /shop/web  serves on new; is suspended on old',
      'apps moved from old to new',
    ])
    expect(await ps(OLD)).toEqual({ '/shop/db': 0, '/shop/web': 0 })
    expect(await ps(NEW)).toEqual({ '/shop/db': 2, '/shop/web': 3 })
    const again = await migrate('--group /shop')
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('is on new already') })
  })

  it('is taken back with --back', async () => {
    const { migrate, ps } = await estate()
    await migrate('--group /shop')
    expect(await migrate('--group /shop --back')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('2 apps back on old as before, and not on new'),
    })
    expect(await ps(OLD)).toEqual({ '/shop/db': 2, '/shop/web': 3 })
    expect(await ps(NEW)).toEqual({})
  })

  it('ends with 3 when it went back by itself, and tells why', async () => {
    const { migrate, ps } = await estate()
    const { code, stderr } = await migrate(
      '--group /shop',
      {},
      `${NEW}&missing=registry.example.com/web:1`,
    )
    expect(code).toBe(3)
    expect(stderr).toContain('2 apps back on old as before, and not on new: /shop/web on new')
    expect(stderr).toContain('ImageNotFound')
    expect(await ps(OLD)).toEqual({ '/shop/db': 2, '/shop/web': 3 })
  })

  it('ends with 1 when it is to stop at a failure, and shows how everything stands', async () => {
    const { migrate } = await estate()
    const missing = `${NEW}&missing=registry.example.com/web:1`
    const { code, stderr } = await migrate('--group /shop --on-failure stop', {}, missing)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^APP +SERVES ON +old +new$/m)
    expect(stderr).toMatch(/^\/shop\/db +both +running 2\/2 +running 2\/2$/m)
    expect(stderr).toContain(`take it back: intermodal migrate /shop/db /shop/web --from ${OLD}`)
  })

  it('stops at Ctrl-C, says how everything stands, ends with 130 and goes on from there', async () => {
    const { migrate, ps } = await estate()
    const stopped = await migrate('--group /shop --hold 1s', {
      watch: ({ stderr }) => stderr.includes('2 of 3 left on old'),
    })
    expect(stopped.code).toBe(130)
    expect(stopped.stderr).toContain('stopped on the way from old to new')
    expect(stopped.stderr).toMatch(/^\/shop\/web +both +running 2\/2 +running 3\/3$/m)
    expect(stopped.stderr).toContain(
      `go on with:   intermodal migrate /shop/db /shop/web --from ${OLD}`,
    )
    const plan = JSON.parse((await migrate('--group /shop --dry-run -o json')).stdout)
    expect(plan.apps).toMatchObject([{ stage: 'shift' }, { stage: 'shift', steps: [1, 0] }])
    expect((await migrate('--group /shop')).code).toBe(0)
    expect(await ps(OLD)).toEqual({ '/shop/db': 0, '/shop/web': 0 })
  })

  it('ends with 5 when a cluster does not answer', async () => {
    const { migrate } = await estate()
    const nobody = 'marathon+http://127.0.0.1:9'
    expect(await migrate('--group /shop --dry-run', {}, nobody)).toMatchObject({ code: 5 })
    const { code, stderr } = await migrate('--group /shop -o json', {}, nobody)
    expect([code, JSON.parse(stderr).error.code]).toEqual([5, 'UNAVAILABLE'])
  })

  it('prints the outcome and every app as JSON', async () => {
    const { migrate } = await estate()
    const moved = JSON.parse((await migrate('--group /shop --remove -o json')).stdout)
    expect(moved).toMatchObject({
      outcome: 'moved',
      from: 'old',
      to: 'new',
      apps: { '/shop/web': { on: 'new', new: { state: 'running', desired: 3, ready: 3 } } },
      problems: [],
    })
    expect(moved.apps['/shop/web']).not.toHaveProperty('old')
  })

  it('tells errors as JSON, too', async () => {
    const { migrate } = await estate()
    const missing = `${NEW}&missing=registry.example.com/web:1`
    const { stdout, code } = await migrate('--group /shop -o json', {}, missing)
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'back',
      cause: { code: 'ROLLOUT_FAILED', app: '/shop/web', cluster: 'new' },
    })
  })

  it('takes apps and secrets for the new side from a file', async () => {
    const { migrate, folder } = await estate()
    const { writeFile } = await import('node:fs/promises')
    await writeFile(
      `${folder}/new.yaml`,
      'group: /shop\napps:\n  web: { image: web:new, env: { KEY: { secret: key } } }\nsecrets: { key: { value: hidden } }\n',
    )
    const moved = await migrate('-f new.yaml')
    expect(moved).toMatchObject({ code: 0 })
    expect(moved.stderr).not.toContain('hidden')
  })

  it.each([
    ['--lenient', 'nothing to move was named'],
    ['web --group /shop', 'apps are named and selected'],
    ['web --remove --keep', '--remove and --keep say opposite things'],
    ['web --steps none', '"none" is no count'],
    ['web --steps 0', 'cannot move in 0 steps'],
    ['web --hold 5', '"5" is no duration'],
  ])('is wrong usage: %s', async (more, message) => {
    const { migrate } = await estate()
    expect(await migrate(more)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    })
  })

  it('is wrong usage with one cluster on both sides, or on one side only', async () => {
    const { cli } = await workshop()
    expect(await cli(`migrate web --from ${OLD} --to ${OLD}`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('are one cluster'),
    })
    expect(await cli(`migrate web --from ${OLD} --to ${OLD}&nodes=5`)).toMatchObject({ code: 2 })
    expect(await cli(`migrate web --from ${OLD}`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("required option '--to <target>'"),
    })
  })

  it('draws one line an app on a terminal', async () => {
    const { migrate } = await estate()
    const { stderr } = await migrate('--group /shop', { isTTY: true, env: { NO_COLOR: '1' } })
    expect(stderr).toContain('✔ /shop/web    0/0 → 3/3')
  })

  it('completes its options, targets and the apps of the old side', async () => {
    const { cli, folder } = await estate()
    const { writeFile } = await import('node:fs/promises')
    await writeFile(
      `${folder}/intermodal.config.yaml`,
      `targets:\n  legacy: { on: "${OLD}" }\n  prod: { on: "${NEW}" }\n`,
    )
    expect((await cli('complete -- migrate --from le')).stdout).toBe('legacy\n')
    expect((await cli('complete -- migrate --from legacy --to pr')).stdout).toBe('prod\n')
    expect((await cli('complete -- migrate --from legacy /shop/w')).stdout).toBe('/shop/web\n')
    expect((await cli('complete -- migrate --rer')).stdout).toMatch(/^--rerun-jobs\t/)
    expect((await cli('complete -- migrate --on-failure s')).stdout).toBe('stop\n')
  })
})
