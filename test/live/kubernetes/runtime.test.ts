import { describe, expect, it } from 'vitest'
import { liveClient, webApp, withContainers } from './cluster.ts'

describe.for(withContainers)('logs and commands on a real Kubernetes with $name', (cluster) => {
  it('gives the lines of every instance, of one, and the last few', async () => {
    await using live = await liveClient(cluster)
    const id = '/run/talk'
    const shell = 'for i in 1 2 3; do echo line $i; done; exec sleep 1000'
    const { status } = await (await live.client.apply(webApp(cluster, id, { shell }))).done()
    const one = status?.instances[0]?.id
    const all = await Array.fromAsync(live.client.logs(id))
    expect(all.map(({ text }) => text).sort()).toEqual([
      ...['line 1', 'line 1'],
      ...['line 2', 'line 2'],
      ...['line 3', 'line 3'],
    ])
    expect(new Set(all.map(({ instance }) => instance)).size).toBe(2)
    const last = await Array.fromAsync(live.client.logs(id, { instance: one, tail: 1 }))
    expect(last).toMatchObject([{ instance: one, text: 'line 3' }])
  })

  it('follows new lines until it is stopped', async () => {
    await using live = await liveClient(cluster)
    const id = '/run/chatter'
    const shell = 'i=0; while sleep 0.2; do i=$((i+1)); echo $i; done'
    await (await live.client.apply(webApp(cluster, id, { replicas: 1, shell }))).done()
    const seen: number[] = []
    for await (const { text } of live.client.logs(id, { follow: true, tail: 1 })) {
      seen.push(Number(text))
      if (seen.length === 5) break
    }
    expect(seen.map((value) => value - (seen[0] ?? 0))).toEqual([0, 1, 2, 3, 4])
  })

  it('gives what a container said before it crashed', async () => {
    await using live = await liveClient(cluster)
    const id = '/run/crashed'
    const shell = 'echo last words; exit 3'
    const app = webApp(cluster, id, { replicas: 1, shell })
    const result = await (await live.client.apply(app, { failFast: ['CrashLoop'] })).result()
    expect(result.failures.flatMap(({ logs }) => logs)).toContain('last words')
    const previous = await Array.fromAsync(live.client.logs(id, { previous: true }))
    expect(previous.map(({ text }) => text)).toContain('last words')
  })

  it('runs a command with its input, and tells output, errors and exit code apart', async () => {
    await using live = await liveClient(cluster)
    const id = '/run/exec'
    await (await live.client.apply(webApp(cluster, id, { replicas: 1 }))).done()
    const stdin = async function* () {
      yield Buffer.from('from outside')
    }
    const command = ['sh', '-c', 'cat; echo bad >&2; exit 4']
    const session = await live.client.exec(id, command, { stdin: stdin() })
    const seen = { stdout: '', stderr: '' }
    for await (const { stream, data } of session.output) seen[stream] += Buffer.from(data)
    expect(seen).toEqual({ stdout: 'from outside', stderr: 'bad\n' })
    expect(await session.exitCode).toBe(4)
  })

  it('ends one instance, and another comes', async () => {
    await using live = await liveClient(cluster)
    const id = '/run/killed'
    const { status } = await (await live.client.apply(webApp(cluster, id))).done()
    const victim = status?.instances[0]?.id ?? ''
    expect(await live.client.kill(id, victim)).toBe(true)
    await live.until(
      id,
      (now) => now?.counts.ready === 2 && now.instances.every((instance) => instance.id !== victim),
    )
    await live.kubectl('wait', '--for=delete', `pod/${victim}`, '--timeout=30s')
    expect(await live.client.kill(id, victim)).toBe(false)
  })

  it('sees the secrets and configs it was promised, and their rotation', async () => {
    await using live = await liveClient(cluster)
    const id = '/run/secretive'
    await live.client.putSecret({ name: 'vault', data: { password: 'first;', user: 'root' } })
    await live.client.putConfig({ name: 'motd', data: 'hello;' })
    const app = webApp(cluster, id, {
      replicas: 1,
      files: {
        '/run/secrets/password': { secret: 'vault', key: 'password' },
        '/etc/motd': { config: 'motd' },
      },
      volumes: { all: { type: 'secret', secret: 'vault', mountPath: '/run/vault' } },
    })
    const read = async () => {
      const files = ['/run/secrets/password', '/etc/motd', '/run/vault/user']
      const session = await live.client.exec(id, ['cat', ...files])
      let text = ''
      for await (const { data } of session.output) text += Buffer.from(data)
      expect(await session.exitCode).toBe(0)
      return text
    }
    await (await live.client.apply(app)).done()
    expect(await read()).toBe('first;hello;root')
    await live.client.putSecret({ name: 'vault', data: { password: 'second;', user: 'root' } })
    await (await live.client.apply(app)).done()
    expect(await read()).toBe('second;hello;root')
  })
})
