import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { connect } from 'intermodal'
import { swarm } from 'intermodal/swarm'
import { describe, expect, inject, it } from 'vitest'
import { call, IMAGE, isRunning, liveCluster, NEXT_IMAGE, webApp } from './cluster.ts'

const run = promisify(execFile)

async function docker(...command: string[]): Promise<string[]> {
  const { stdout } = await run('docker', ['--host', inject('dockerHost'), ...command])
  return stdout.split('\n').filter((line) => line !== '')
}

/** Another writer beside the adapter under test, straight through its engine. */
function secondCluster() {
  return swarm({ host: inject('dockerHost') })
}

describe('a real Swarm refuses, and says why', () => {
  it('an app that refers to a secret, a config or a network that is not there', async () => {
    await using swarm = liveCluster()
    const app = webApp('/live/poor', {
      files: { '/run/a': { secret: 'absent' }, '/run/b': { config: 'gone', key: 'k' } },
      network: { names: ['nowhere'] },
    })
    await expect(swarm.apply(app)).rejects.toMatchObject({
      code: 'APP_INVALID',
      message: expect.stringMatching(/network nowhere, secret absent, config gone\.k/),
    })
    expect(await swarm.adapter.observe('/live/poor', call())).toBeUndefined()
  })

  it('an app whose name someone else has, until told to take it over', async () => {
    await using swarm = liveCluster()
    await docker('service', 'create', '--name', 'live_foreign', '--replicas', '0', IMAGE)
    const app = webApp('/live/foreign', { image: NEXT_IMAGE, replicas: undefined })
    await expect(swarm.apply(app)).rejects.toMatchObject({
      code: 'CONFLICT',
      remedy: expect.stringContaining('force'),
    })
    const before = await swarm.adapter.observe('/live/foreign', call())
    expect(before).toMatchObject({ managed: false, image: expect.stringContaining(IMAGE) })
    expect(await swarm.apply(app, true)).toMatchObject({ changed: true, replicas: 0 })
    const after = await swarm.adapter.observe('/live/foreign', call())
    expect(after).toMatchObject({ managed: true, image: NEXT_IMAGE })
  })

  it('a port that another app has published', async () => {
    await using swarm = liveCluster()
    const ports = [
      { name: 'http', containerPort: 8080, servicePort: 38080, exposure: 'cluster' as const },
    ]
    await swarm.apply(webApp('/live/first', { ports, replicas: 0 }))
    await expect(swarm.apply(webApp('/live/second', { ports, replicas: 0 }))).rejects.toMatchObject(
      {
        code: 'CONFLICT',
        message: expect.stringContaining('38080'),
      },
    )
  })

  it('nothing, but waits with an app no node is good enough for', async () => {
    await using swarm = liveCluster()
    const id = '/live/picky'
    await swarm.apply(
      webApp(id, { placement: { require: [{ attribute: 'disk', values: ['golden'] }] } }),
    )
    const status = await swarm.until(id, (now) => now?.state === 'waiting')
    expect(status.reasons[0]).toMatchObject({ code: 'ConstraintUnsatisfied', count: 2 })
    const reasons = await swarm.adapter.explain?.(id, call())
    expect(reasons).toContainEqual(
      expect.objectContaining({
        code: 'ConstraintUnsatisfied',
        message: expect.stringMatching(/disk.*golden.*0 of 1 node/),
      }),
    )
  })

  it('nothing, but tells how much room there is for an app that is too large', async () => {
    await using swarm = liveCluster()
    const id = '/live/large'
    await swarm.apply(webApp(id, { resources: { requests: { cpu: 512 } } }))
    await swarm.until(id, (now) => now?.state === 'waiting')
    const reasons = await swarm.adapter.explain?.(id, call())
    expect(reasons?.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      expect.stringMatching(/^InsufficientCpu: needs 512 cpu, the emptiest node has \d/),
    ])
  })

  it('the second of two different applies at once, and loses neither silently', async () => {
    await using swarm = liveCluster()
    await using other = secondCluster()
    const id = '/live/race'
    await swarm.apply(webApp(id, { replicas: 0 }))
    const apps = ['one', 'two', 'three', 'four'].map((colour) =>
      webApp(id, { replicas: 0, env: { COLOUR: colour } }),
    )
    const outcomes = await Promise.allSettled(
      apps.map((app, index) =>
        (index % 2 ? other : swarm.adapter).apply(app, { ...call(), force: false }),
      ),
    )
    const accepted = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    expect(accepted.length).toBeGreaterThan(0)
    expect(refused.map(({ code }) => code)).toEqual(refused.map(() => 'CONFLICT'))
    const now = await swarm.adapter.observe(id, call())
    expect(accepted.map((revision) => revision.id)).toContain(now?.revision)
  })

  it('neither of two equal applies at once', async () => {
    await using swarm = liveCluster()
    await using other = secondCluster()
    const app = webApp('/live/twice', { replicas: 0 })
    const outcomes = await Promise.all([
      swarm.apply(app),
      other.apply(app, { ...call(), force: false }),
    ])
    expect(new Set(outcomes.map((revision) => revision.id)).size).toBe(1)
    expect(outcomes.filter(({ changed }) => changed).length).toBe(1)
  })
})

describe('a real Swarm is left clean', () => {
  const remains = async () => [
    ...(await docker('config', 'ls', '-q', '--filter', 'label=intermodal.app=/clean/web')),
    ...(await docker('config', 'ls', '-q', '--filter', 'label=intermodal.history=/clean/web')),
    ...(await docker('network', 'ls', '-q', '--filter', 'label=intermodal.group=/clean')),
  ]

  it('when an app is removed', async () => {
    await using client = connect(swarm({ host: inject('dockerHost') }))
    const app = webApp('/clean/web', { files: { '/etc/v': { content: 'one' } } })
    await (await client.apply(app)).done()
    expect(await remains()).toHaveLength(3)
    expect(await client.remove('/clean/web')).toBe(true)
    expect(await remains()).toEqual([])
  })

  it('when an app was refused', async () => {
    await using adapter = swarm({ host: inject('dockerHost') })
    const app = webApp('/clean/web', {
      files: { '/etc/v': { content: 'one' } },
      native: { swarm: { TaskTemplate: { RestartPolicy: { Condition: 'whenever' } } } },
    })
    await expect(adapter.apply(app, { ...call(), force: false })).rejects.toMatchObject({
      code: 'APP_INVALID',
    })
    expect(await remains()).toEqual([])
  })
})

describe('secrets and configs on a real Swarm', () => {
  it('reach the instances, are rotated by the next apply, and old ones are collected', async () => {
    await using swarm = liveCluster()
    const { adapter } = swarm
    const id = '/live/secretive'
    const app = webApp(id, {
      replicas: 1,
      files: {
        '/run/secrets/password': { secret: 'vault', key: 'password' },
        '/etc/motd': { config: 'motd' },
      },
      volumes: { all: { type: 'secret', secret: 'vault', mountPath: '/run/vault' } },
    })
    const read = async () => {
      const session = await adapter.exec?.(
        id,
        ['cat', '/run/secrets/password', '/etc/motd', '/run/vault/user'],
        {},
        call(),
      )
      let text = ''
      for await (const { data } of session?.output ?? []) text += Buffer.from(data).toString()
      expect(await session?.exitCode).toBe(0)
      return text
    }
    const vault = (password: string) => ({ name: 'vault', data: { password, user: 'root' } })
    await adapter.putSecret?.(vault('first;'), call())
    await adapter.putConfig?.({ name: 'motd', data: 'hello;' }, call())
    const first = await swarm.apply(app)
    await swarm.until(id, isRunning)
    expect(await read()).toBe('first;hello;root')
    const native = await adapter.read(id, call())
    expect(native && adapter.interpret(native)).toEqual({ app, losses: [] })

    expect(await adapter.putSecret?.(vault('second;'), call())).toBe(true)
    expect(await adapter.putSecret?.(vault('second;'), call())).toBe(false)
    const second = await swarm.apply(app)
    expect(second).toMatchObject({ changed: true, previous: first.id })
    await swarm.until(id, (now) => isRunning(now) && now?.revision === second.id)
    expect(await read()).toBe('second;hello;root')

    // Back to the first content: the newest counts, not the name.
    expect(await adapter.putSecret?.(vault('first;'), call())).toBe(true)
    const third = await swarm.apply(app)
    await swarm.until(id, (now) => isRunning(now) && now?.revision === third.id)
    expect(await read()).toBe('first;hello;root')

    // What the engine could yet roll back to is kept; the next change frees it.
    const versions = () =>
      docker('secret', 'ls', '-q', '--filter', 'label=intermodal.material=vault.password')
    expect(await versions()).toHaveLength(2)
    await swarm.apply({ ...app, labels: { tier: 'back' } })
    expect(await versions()).toHaveLength(1)
    await docker('service', 'rm', 'live_secretive')
    for (const name of ['vault.password', 'vault.user']) {
      const left = await docker(
        'secret',
        'ls',
        '-q',
        '--filter',
        `label=intermodal.material=${name}`,
      )
      await docker('secret', 'rm', ...left)
    }
    const motd = await docker('config', 'ls', '-q', '--filter', 'label=intermodal.material=motd')
    await docker('config', 'rm', ...motd)
  })
})

describe('logs and commands on a real Swarm', () => {
  it('gives the lines of every instance, of one, and the last few', async () => {
    await using swarm = liveCluster()
    const id = '/live/talk'
    await swarm.apply(webApp(id, { shell: 'for i in 1 2 3; do echo line $i; done; sleep 1000' }))
    const { instances } = await swarm.until(id, isRunning)
    const [one] = instances
    const all = await Array.fromAsync(swarm.adapter.logs?.(id, {}, call()) ?? [])
    expect(all.map(({ text }) => text)).toEqual([
      ...['line 1', 'line 2', 'line 3'],
      ...['line 1', 'line 2', 'line 3'],
    ])
    expect(new Set(all.map(({ instance }) => instance)).size).toBe(2)
    const options = { instance: one?.id, tail: 1 }
    const last = await Array.fromAsync(swarm.adapter.logs?.(id, options, call()) ?? [])
    expect(last).toMatchObject([{ instance: one?.id, text: 'line 3', stream: 'stdout' }])
    expect(last[0]?.time).toBeGreaterThan(0)
  })

  it('follows new lines until it is stopped', async () => {
    await using swarm = liveCluster()
    const id = '/live/chatter'
    await swarm.apply(
      webApp(id, { replicas: 1, shell: 'i=0; while sleep 0.2; do i=$((i+1)); echo $i; done' }),
    )
    await swarm.until(id, isRunning)
    const stop = new AbortController()
    const reason = new Error('enough')
    const wanted = { signal: stop.signal, deadline: Number.POSITIVE_INFINITY }
    const seen: number[] = []
    const follow = async () => {
      for await (const { text } of swarm.adapter.logs?.(id, { follow: true, tail: 1 }, wanted) ??
        []) {
        seen.push(Number(text))
        if (seen.length === 5) stop.abort(reason)
      }
    }
    await expect(follow()).rejects.toBe(reason)
    expect(seen.map((value) => value - (seen[0] ?? 0))).toEqual([0, 1, 2, 3, 4])
  })

  it('runs a command with its input, and tells output, errors and exit code apart', async () => {
    await using swarm = liveCluster()
    const id = '/live/exec'
    await swarm.apply(webApp(id, { replicas: 1 }))
    await swarm.until(id, isRunning)
    const command = ['sh', '-c', 'cat; echo bad >&2; exit 4']
    const stdin = async function* () {
      yield Buffer.from('from outside')
    }
    const session = await swarm.adapter.exec?.(id, command, { stdin: stdin() }, call())
    const seen = { stdout: '', stderr: '' }
    for await (const { stream, data } of session?.output ?? [])
      seen[stream] += Buffer.from(data).toString()
    expect(seen).toEqual({ stdout: 'from outside', stderr: 'bad\n' })
    expect(await session?.exitCode).toBe(4)
  })

  it('says where to go for a command in an instance that is not on this node', async () => {
    await using swarm = liveCluster()
    const id = '/live/nowhere'
    await swarm.apply(webApp(id, { replicas: 0 }))
    await expect(swarm.adapter.exec?.(id, ['true'], {}, call())).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      remedy: expect.stringContaining('engine of the node'),
    })
  })
})
