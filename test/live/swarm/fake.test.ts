import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { createWorld } from 'intermodal/simulated'
import { type FakeSwarm, fakeSwarm } from 'intermodal/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)

const world = createWorld({ nodes: 3, clock: { speed: 100 } })
let fake: FakeSwarm
let folder: string
const file = (name: string) => path.join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'docker-'))
  fake = await fakeSwarm({ world, socket: file('docker.sock') })
  await writeFile(file('key'), 'very secret')
  await writeFile(file('settings'), 'colour: blue')
})

afterAll(async () => {
  await fake.close()
  world.close()
  await rm(folder, { recursive: true })
})

/** What the command prints, as one text: the fake is its engine. */
async function docker(...words: readonly string[]): Promise<string> {
  const env = {
    ...process.env,
    DOCKER_HOST: `unix://${file('docker.sock')}`,
    DOCKER_CONFIG: folder,
  }
  const { stdout } = await run('docker', words, { env })
  return stdout.trim()
}

/** Words without spaces in them. */
const say = (line: string) => docker(...line.split(' '))

const failure = (line: string) =>
  say(line).then(
    (text) => `no failure: ${text}`,
    ({ stderr }: { readonly stderr: string }) => stderr.trim(),
  )

const until = (line: string, is: string | RegExp) =>
  expect.poll(() => say(line), { timeout: 50_000, interval: 100 }).toMatch(is)

test('services: all that users give them is kept, and shown', async () => {
  await docker('secret', 'create', 'key', file('key'))
  await docker('config', 'create', 'settings', file('settings'))
  await say('network create -d overlay --attachable back')
  await docker(
    ...'service create --quiet --detach --name web --replicas 3 --label tier=front'.split(' '),
    ...'--container-label a=b --env COLOUR=blue --env'.split(' '),
    'SLOT={{.Task.Slot}}',
    ...'--mount type=volume,source=data,target=/data --mount type=tmpfs,target=/tmp'.split(' '),
    ...'--publish 8080:80 --publish published=9090,target=90,mode=host'.split(' '),
    ...'--health-cmd true --health-interval 1s --health-retries 2 --health-start-period 2s'.split(
      ' ',
    ),
    ...'--limit-cpu 0.5 --limit-memory 64M --limit-pids 50 --reserve-cpu 0.1'.split(' '),
    ...'--reserve-memory 8M --constraint node.platform.os==linux --placement-pref'.split(' '),
    ...'spread=node.labels.zone --replicas-max-per-node 2 --secret key'.split(' '),
    ...'--config source=settings,target=/etc/settings --network back --init'.split(' '),
    ...'--cap-add NET_ADMIN --cap-drop CHOWN --ulimit nofile=100:200'.split(' '),
    ...'--sysctl net.core.somaxconn=1024 --user 1000 --group 1001 --workdir /srv'.split(' '),
    ...'--hostname here --dns 10.0.0.2 --host db:10.0.0.3 --read-only'.split(' '),
    ...'--stop-grace-period 3s --stop-signal INT --restart-condition any'.split(' '),
    ...'--restart-delay 1s --restart-max-attempts 9 --restart-window 60s'.split(' '),
    ...'--update-delay 1s --update-parallelism 1 --update-monitor 2s'.split(' '),
    ...'--update-failure-action rollback --update-order stop-first'.split(' '),
    ...'--update-max-failure-ratio 0.2 --rollback-parallelism 2'.split(' '),
    ...'--rollback-monitor 1s --rollback-failure-action continue'.split(' '),
    ...'--log-driver json-file --log-opt max-size=1m --entrypoint sh shop/web:1 -c'.split(' '),
    'echo slot $SLOT; sleep 1d',
  )
  await until('service ls --filter name=web', /^web|web +replicated +3\/3 \(max 2 per node\)/)
  const shown = await say('service inspect --pretty web')
  for (const part of [
    /Replicas:\s+3/,
    /Max Replicas Per Node:\s+2/,
    /On failure:\s+rollback/,
    /Image:\s+shop\/web:1@sha256:/,
    /Env:\s+COLOUR=blue SLOT=\{\{\.Task\.Slot\}\}/,
    /CAP_NET_ADMIN/,
    /nofile: 100:200/,
    /net\.core\.somaxconn: 1024/,
    /Memory:\s+64MiB/,
    /PublishedPort = 8080/,
  ])
    expect(shown).toMatch(part)
})

test('tasks: found by filters, whole or by id alone', async () => {
  expect(await say('service ps -q web')).toMatch(/^\w+\n\w+\n\w+$/)
  expect(await say('service ps --no-trunc --format {{.ID}} web')).toMatch(
    /^\w{25}\n\w{25}\n\w{25}$/,
  )
  expect(await say('service ps --filter name=web.1 --format {{.Name}} web')).toBe('web.1')
  expect(await say('service ps --filter desired-state=shutdown -q web')).toBe('')
  expect(await say('service ps --filter node=node-3 -q web')).toMatch(/^\w+$/)
  expect(await failure('service ps nothing')).toContain('no such service: nothing')
})

test('logs: of all slots, the last lines, since when, and as they come', async () => {
  const lines = (await say('service logs --raw web')).split('\n').sort()
  expect(lines).toEqual(['slot 1', 'slot 2', 'slot 3'])
  expect(await say('service logs web')).toMatch(/^web\.[123]\.\w+@node-[123] +\| slot [123]$/m)
  expect(await say('service logs --tail 0 web')).toBe('')
  expect(await say('service logs --raw --timestamps --tail 1 web')).toMatch(
    /^\d{4}-\d\d-\d\dT[\d:.]{18}Z slot \d$/m,
  )
  expect(await say('service logs --since 2100-01-01T00:00:00 web')).toBe('')
  const listening = new AbortController()
  const options = { env: { ...process.env, DOCKER_HOST: fake.dockerHost, DOCKER_CONFIG: folder } }
  const followed = run('docker', ['service', 'logs', '--follow', '--raw', 'web'], {
    ...options,
    signal: listening.signal,
  })
  const cut = followed.catch((error: unknown) => error)
  await new Promise((heard) => followed.child.stdout?.once('data', heard))
  listening.abort()
  expect(await cut).toMatchObject({ stdout: expect.stringContaining('slot'), name: 'AbortError' })
})

test('containers of its own node: listed, looked into, run in and killed', async () => {
  const [id = ''] = (await say('ps -q --filter label=com.docker.swarm.service.name=web')).split(
    '\n',
  )
  expect(await say('ps --format {{.Image}}')).toContain('shop/web:1')
  expect(
    await docker('inspect', id, '--format', '{{.Config.Hostname}} {{.State.Health.Status}}'),
  ).toBe('here healthy')
  expect(await docker('exec', id, 'echo', 'hello')).toBe('hello')
  expect(await docker('exec', id, 'env')).toContain('COLOUR=blue')
  expect(await docker('logs', id)).toMatch(/^slot \d$/)
  expect(await say(`kill ${id}`)).toBe(id)
  await until('service ps --filter desired-state=shutdown web', /non-zero exit \(137\)/)
  await until('service ls', / 3\/3 /)
})

test('updates, rollbacks and scaling', async () => {
  await say(
    'service update --quiet --detach --image shop/web:2 --env-add SIZE=1 --env-rm COLOUR web',
  )
  await until('service inspect web --format {{.UpdateStatus.State}}', 'completed')
  const changed = await say('service inspect web --format {{.Spec.TaskTemplate.ContainerSpec.Env}}')
  expect(changed).toContain('SIZE=1')
  expect(changed).not.toContain('COLOUR')
  await say('service update --quiet --detach --publish-add 8081:81 --force web')
  await until('service inspect web --format {{.UpdateStatus.State}}', 'completed')
  await say('service rollback --quiet --detach web')
  await until('service inspect web --format {{.UpdateStatus.State}}', 'rollback_completed')
  await say('service update --quiet --detach --rollback web')
  await until('service inspect web --format {{.UpdateStatus.State}}', 'rollback_completed')
  await say('service scale --detach web=0')
  await until('service ls', / 0\/0 /)
  await say('service scale --detach web=3')
  await until('service ls', / 3\/3 /)
  world.images.missing('shop/web:3')
  await say('service update --quiet --detach --no-resolve-image --image shop/web:3 web')
  await until('service inspect web --format {{.UpdateStatus.State}}', 'rollback_completed')
})

test('global services and jobs, with the progress of what is waited for', async () => {
  const agent = 'service create --mode global --update-monitor 100ms --name agent shop/agent:1'
  expect(await docker(...agent.split(' '), 'sleep', '1d')).toMatch(/overall progress: 3 out of 3/)
  expect(await say('service ps --format {{.Node}} agent')).toMatch(/node-3/)
  await docker(
    ...'service create --quiet --name job --mode replicated-job --replicas 2'.split(' '),
    ...'--max-concurrent 1 shop/job:1 true'.split(' '),
  )
  expect(await say('service ls --filter mode=replicated-job')).toContain('(2/2 completed)')
  await say('service create --quiet --detach --name once --mode global-job shop/job:1 true')
  await until('service ls --filter mode=global-job', '3/3 completed')
  expect(await say('service rm agent job once')).toBe('agent\njob\nonce')
})

test('secrets, configs, networks and volumes', async () => {
  expect(await say('secret ls --format {{.Name}}')).toBe('key')
  expect(await say('secret inspect key --format {{.Spec.Name}}')).toBe('key')
  expect(await say('config inspect --pretty settings')).toContain('colour: blue')
  expect(await say('network inspect back --format {{.Attachable}}')).toBe('true')
  expect(await say('network ls --filter driver=overlay --format {{.Name}}')).toBe('back\ningress')
  expect(await failure('secret rm key')).toContain(
    "secret 'key' is in use by the following service: web",
  )
  expect(await failure('config rm settings')).toContain('is in use by the following service: web')
  expect(await failure('network rm back')).toContain('is in use by service')
  expect(await say('volume ls --quiet --filter name=data')).toBe('data')
  expect(await say('volume create --label a=b kept')).toBe('kept')
  expect(await say('volume ls --quiet --filter name=kept')).toBe('kept')
  expect(await say('volume rm kept')).toBe('kept')
})

test('nodes: drained and labelled, and the engine tells of it', async () => {
  const start = Math.floor(world.clock.now() / 1000)
  expect(await say('node ls --format {{.Hostname}}')).toBe('node-1\nnode-2\nnode-3')
  await say('node update --availability drain --label-add zone=b node-2')
  await until('node ps --filter desired-state=running -q node-2', /^$/)
  expect(await say('node inspect node-2 --format {{.Spec.Availability}}')).toBe('drain')
  expect(await say('node inspect --pretty self')).toMatch(/^ID:\s+\w{25}/)
  await say('node update --availability active node-2')
  const end = Math.ceil(world.clock.now() / 1000)
  expect(await say(`events --since ${start} --until ${end} --filter type=node`)).toMatch(
    /node update \w+ \(availability\.new=drain, availability\.old=active, name=node-2\)/,
  )
  expect(await failure('node demote node-1')).toContain('attempting to demote the last manager')
  expect(await say('info --format {{.Swarm.Nodes}}')).toBe('3')
  expect(await say('version --format {{.Server.APIVersion}}')).toBe('1.41')
})

test('stacks of a compose file', async () => {
  await writeFile(
    file('stack.yaml'),
    JSON.stringify({
      version: '3.8',
      services: {
        web: {
          image: 'shop/web:1',
          deploy: { replicas: 2, update_config: { parallelism: 1 } },
          ports: ['8088:80'],
          secrets: ['token'],
          configs: ['rules'],
          volumes: ['data:/data'],
          networks: ['back'],
        },
        db: { image: 'shop/db:1', networks: ['back'] },
      },
      networks: { back: {} },
      volumes: { data: {} },
      secrets: { token: { file: file('key') } },
      configs: { rules: { file: file('settings') } },
    }),
  )
  await docker('stack', 'deploy', '-c', file('stack.yaml'), 'shop')
  await until('stack services shop', /shop_web +replicated +2\/2/)
  expect(await say('stack ls --format {{.Name}}/{{.Services}}')).toBe('shop/2')
  expect(await say('stack ps shop --format {{.Name}}')).toMatch(/shop_db\.1/)
  expect(await docker('stack', 'deploy', '-c', file('stack.yaml'), 'shop')).toContain('Updating')
  await say('stack rm shop')
  expect(await say('service ls -q --filter label=com.docker.stack.namespace=shop')).toBe('')
  expect(await say('secret ls --format {{.Name}}')).toBe('key')
})

test('what it does not do it says in a sentence', async () => {
  for (const line of [
    'run shop/web:1',
    'pull shop/web:1',
    'container prune -f',
    'network create -d bridge small',
    'network prune -f',
    'volume prune -f',
    'plugin ls',
    'system df',
    'search web',
    'node promote node-2',
    'swarm leave',
    'swarm update --task-history-limit 3',
  ])
    expect([line, await failure(line)]).toEqual([line, expect.stringContaining('this fake')])
})

test('removes what is wanted no more', async () => {
  expect(await say('service rm web')).toBe('web')
  await until('ps -q', /^$/)
  for (const line of ['secret rm key', 'config rm settings', 'network rm back'])
    expect(await say(line)).toMatch(/^\w+$/)
  expect(await failure('service inspect web')).toContain('no such service: web')
})
