import type { Change } from 'intermodal'
import { connect } from 'intermodal'
import { swarm } from 'intermodal/swarm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BreakableEngine, startBreakableEngine } from '../engine/engine.ts'
import { call, isRunning, NEXT_IMAGE, until, webApp } from './cluster.ts'

let engine: BreakableEngine

beforeAll(async () => {
  engine = await startBreakableEngine()
})

afterAll(async () => {
  await engine[Symbol.asyncDispose]()
})

/** Every change of a watch, and a wait for the next that fits. */
function record(changes: AsyncIterable<Change>) {
  const seen: Change[] = []
  let wake = () => {}
  const ended = (async () => {
    for await (const change of changes) {
      seen.push(change)
      wake()
    }
  })()
  return {
    seen,
    ended,
    async next(from: number, fits: (change: Change) => boolean): Promise<number> {
      for (;;) {
        const index = seen.findIndex((change, at) => at >= from && fits(change))
        if (index >= 0) return index
        await Promise.race([
          new Promise<void>((resolve) => {
            wake = resolve
          }),
          ended,
        ])
      }
    },
  }
}

describe('an engine that takes calls and answers nothing (SIGSTOP)', () => {
  it('costs a call its deadline, then works again, and the app is as last asked for', async () => {
    await using adapter = swarm({ host: engine.host })
    const id = '/sick/frozen'
    const app = webApp(id, { replicas: 1 })
    await adapter.apply(app, { ...call(), force: false })
    await until(adapter, id, isRunning)

    await engine.freeze()
    await expect(adapter.observe(id, call(60_000))).rejects.toMatchObject({
      code: 'TIMEOUT',
      retryable: true,
    })
    const reason = new Error('given up')
    const given = new AbortController()
    const changed = webApp(id, { replicas: 1, image: NEXT_IMAGE })
    const write = adapter.apply(changed, { signal: given.signal, deadline: Infinity, force: false })
    given.abort(reason)
    await expect(write).rejects.toBe(reason)

    await engine.thaw()
    // Whether or not the abandoned call was carried out, asking again settles it without harm.
    const revision = await adapter.apply(changed, { ...call(), force: false })
    const status = await until(
      adapter,
      id,
      (now) => isRunning(now) && now?.revision === revision.id,
    )
    expect(status).toMatchObject({ image: NEXT_IMAGE, counts: { ready: 1 } })
    await adapter.remove(id, call())
  })

  it('is told once by a watch, which then gives the full picture with all that happened', async () => {
    await using adapter = swarm({ host: engine.host })
    await using other = swarm({ host: engine.host })
    const id = '/sick/watched'
    await other.apply(webApp(id, { replicas: 1 }), { ...call(), force: false })
    await until(other, id, isRunning)
    const stop = new AbortController()
    const watch = record(adapter.watch({}, { signal: stop.signal, deadline: Infinity }))
    await watch.next(0, ({ type }) => type === 'synced')

    await engine.freeze()
    // Accepted by the kernel only; the engine does it when it goes on.
    const scaled = other.scale?.(id, 2, call(60_000)).then(
      () => true,
      () => false,
    )
    const lost = await watch.next(0, ({ type }) => type === 'lost')
    expect(watch.seen[lost]).toMatchObject({ error: { code: 'TIMEOUT' } })
    await engine.thaw()
    if (!(await scaled)) await other.scale?.(id, 2, call())
    await watch.next(lost, ({ type }) => type === 'synced')
    await watch.next(
      lost,
      (change) =>
        change.type === 'app' && change.status.id === id && change.status.counts.ready === 2,
    )
    expect(watch.seen.filter(({ type }) => type === 'lost')).toHaveLength(1)
    stop.abort(new Error('seen'))
    await expect(watch.ended).rejects.toThrow('seen')
    await other.remove(id, call())
  })

  it('does not end a rollout that is followed', async () => {
    await using client = connect(swarm({ host: engine.host }), { name: 'sick' })
    const id = '/sick/rolling'
    const first = await client.apply(webApp(id))
    await first.done()
    const rollout = await client.apply(webApp(id, { image: NEXT_IMAGE }))
    const steps: string[] = []
    for await (const step of rollout) {
      steps.push(step.type)
      if (steps.length === 1) await engine.freeze()
      if (step.type === 'stale') await engine.thaw()
    }
    expect(steps).toContain('stale')
    expect(await rollout.result()).toMatchObject({ outcome: 'succeeded' })
    await client.remove(id)
  })
})

describe('an engine that is killed and started again', () => {
  it('is told by a watch as lost, then everything is there again and nothing was missed', async () => {
    await using adapter = swarm({ host: engine.host })
    const id = '/sick/killed'
    await adapter.apply(webApp(id, { replicas: 1 }), { ...call(), force: false })
    const before = await until(adapter, id, isRunning)
    const stop = new AbortController()
    const watch = record(adapter.watch({ ids: [id] }, { signal: stop.signal, deadline: Infinity }))
    await watch.next(0, ({ type }) => type === 'synced')

    await engine.kill()
    const lost = await watch.next(0, ({ type }) => type === 'lost')
    expect(watch.seen[lost]).toMatchObject({ error: { code: 'UNAVAILABLE' } })
    await engine.restart()
    await watch.next(lost, ({ type }) => type === 'synced')
    // Swarm replaces every instance of a restarted engine: the old one must not pass for the new one.
    const [old] = before.instances
    await watch.next(
      lost,
      (change) =>
        change.type === 'app' &&
        isRunning(change.status) &&
        change.status.instances.some((one) => one.ready && one.id !== old?.id),
    )
    stop.abort(new Error('seen'))
    await expect(watch.ended).rejects.toThrow('seen')
    await adapter.remove(id, call())
  })
})
