import { type Clock, systemClock } from 'intermodal'
import { swarm } from 'intermodal/swarm'
import { describe, expect, it } from 'vitest'
import type { Node, Task } from '../../adapters/swarm/wire.ts'
import { type FakeEngine, fakeEngine, type Handler, json } from './fake-engine.ts'

const date = '2026-11-22T12:00:00.5Z'
const stored = (ID: string) => ({ ID, Version: { Index: 1 }, CreatedAt: date, UpdatedAt: date })
const labels = { 'intermodal.app': '/web', 'intermodal.revision': 'new' }

const service = {
  ...stored('svc'),
  Spec: { Name: 'web', Labels: labels, TaskTemplate: { ContainerSpec: { Image: 'web:1' } } },
}

function node(ID: string, State: Node['Status']['State']): Node {
  return { ...stored(ID), Spec: {}, Status: { State } }
}

function task(ID: string, NodeID: string, revision = 'new', Slot = 1): Task {
  return {
    ...stored(ID),
    ServiceID: 'svc',
    Slot,
    NodeID,
    DesiredState: 'running',
    Spec: { ContainerSpec: { Labels: { 'intermodal.revision': revision } } },
    Status: { State: 'running', ContainerStatus: { ContainerID: `c-${ID}` } },
  }
}

function frame(text: string, type = 1): Buffer {
  const data = Buffer.from(text)
  const header = Buffer.alloc(8)
  header.writeUInt8(type, 0)
  header.writeUInt32BE(data.length, 4)
  return Buffer.concat([header, data])
}

const line = (taskId: string, text: string) =>
  `${date} com.docker.swarm.node.id=n,com.docker.swarm.service.id=svc,com.docker.swarm.task.id=${taskId} ${text}`

function cluster(tasks: Task[], nodes: Node[], logs: Handler): Handler {
  return (request, response) => {
    const url = request.url ?? ''
    if (url.includes('/logs')) logs(request, response)
    else if (url.includes('/services')) json(response, 200, [service])
    else if (url.includes('/nodes')) json(response, 200, nodes)
    else json(response, 200, tasks)
  }
}

const call = () => ({ signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY })

function read(engine: FakeEngine, options = {}, clock?: Clock) {
  const adapter = swarm({ host: `unix://${engine.socketPath}`, clock })
  return Array.fromAsync(adapter.logs?.('/web', options, call()) ?? [])
}

describe('logs', () => {
  it('are asked for by instance, of the newest revision, and not from nodes that are down', async () => {
    const tasks = [task('a', 'up'), task('b', 'down'), task('old', 'up', 'before')]
    const nodes = [node('up', 'ready'), node('down', 'down')]
    await using engine = await fakeEngine(
      cluster(tasks, nodes, (_, response) => response.end(frame(line('a', 'hello\n')))),
    )
    expect(await read(engine, { tail: 3, since: 1500 })).toEqual([
      { instance: 'a', stream: 'stdout', time: Date.parse(date), text: 'hello' },
    ])
    const asked = engine.requests.filter(({ line: text }) => text.includes('/logs'))
    expect(asked).toHaveLength(1)
    expect(asked[0]?.line).toMatch(/\/tasks\/a\/logs\?.*tail=3.*since=1\.500/)
  })

  it('give a line that came in pieces as one, and the last one without its end', async () => {
    const parts = [frame(line('a', 'one ')), frame(line('a', 'line\n')), frame(line('a', 'rest'))]
    await using engine = await fakeEngine(
      cluster([task('a', 'up')], [node('up', 'ready')], (_, response) =>
        response.end(Buffer.concat(parts)),
      ),
    )
    expect((await read(engine)).map(({ text }) => text)).toEqual(['one line', 'rest'])
  })

  it('end with TIMEOUT when a node that is called ready says nothing any more', async () => {
    const timers = new Set<() => void>()
    const clock: Clock = {
      now: systemClock.now,
      after(_, callback) {
        timers.add(callback)
        return () => timers.delete(callback)
      },
    }
    let answered = () => {}
    const half = new Promise<void>((resolve) => {
      answered = resolve
    })
    await using engine = await fakeEngine(
      cluster([task('a', 'up')], [node('up', 'ready')], (_, response) => {
        response.write(frame(line('a', 'hello\n')))
        answered()
      }),
    )
    const adapter = swarm({ host: `unix://${engine.socketPath}`, clock })
    const lines = adapter.logs?.('/web', {}, call())[Symbol.asyncIterator]()
    if (!lines) throw new Error('the adapter has no logs')
    expect((await lines.next()).value).toMatchObject({ text: 'hello' })
    await half
    const next = lines.next()
    const told = next.then(
      () => 'more',
      (error: { readonly code: string }) => error.code,
    )
    while (timers.size === 0) await new Promise((resolve) => setImmediate(resolve))
    for (const callback of [...timers]) callback()
    expect(await told).toBe('TIMEOUT')
    await adapter[Symbol.asyncDispose]()
  })

  it('of the instance before are those of the slot that is not the newest', async () => {
    const before = { ...task('a0', 'up'), CreatedAt: '2026-11-22T11:00:00Z' }
    await using engine = await fakeEngine(
      cluster([task('a', 'up'), before], [node('up', 'ready')], (request, response) =>
        response.end(frame(line(request.url?.includes('a0') ? 'a0' : 'a', 'crashing\n'))),
      ),
    )
    expect(await read(engine, { previous: true })).toMatchObject([
      { instance: 'a0', text: 'crashing' },
    ])
  })

  it('of an instance nobody knows are an error', async () => {
    await using engine = await fakeEngine(cluster([], [], (_, response) => response.end()))
    await expect(read(engine, { instance: 'gone' })).rejects.toMatchObject({
      code: 'APP_NOT_FOUND',
      app: '/web',
    })
  })
})
