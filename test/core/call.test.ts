import { connect, IntermodalError } from 'intermodal'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock, settle } from '../support/manual-clock.ts'
import { ScriptedAdapter } from '../support/scripted-adapter.ts'
import { status } from '../support/statuses.ts'

let adapter: ScriptedAdapter
let clock: ManualClock

beforeEach(() => {
  adapter = new ScriptedAdapter()
  clock = new ManualClock()
})

const open = () => connect(adapter, { name: 'test', clock, random: () => 0.5 })
const never = () => new Promise<void>(() => {})
const failure = async (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('a call', () => {
  it('is over at its deadline, even when the adapter ignores its signal', async () => {
    adapter.onCall = never
    const error = failure(open().status('/shop/web'))
    await clock.advance(30_000)
    expect(await error).toMatchObject({
      code: 'TIMEOUT',
      cluster: 'test',
      app: '/shop/web',
      retryable: true,
    })
  })

  it('gives the adapter the deadline and a signal that aborts with the error', async () => {
    let seen: { signal: AbortSignal; deadline: number } | undefined
    adapter.onCall = (_, call) => {
      seen = call
      return never()
    }
    const start = clock.now()
    const error = failure(open().status('/a', { timeout: '2s' }))
    await clock.advance(2_000)
    expect(seen?.deadline).toBe(start + 2_000)
    expect(seen?.signal.reason).toBe(await error)
  })

  it('rethrows the reason of the caller’s abort unwrapped', async () => {
    adapter.onCall = never
    const abort = new AbortController()
    const error = failure(open().status('/a', { signal: abort.signal }))
    await settle()
    const why = { not: 'even an error' }
    abort.abort(why)
    expect(await error).toBe(why)
    expect(clock.pending).toBe(0)
  })

  it('is not made at all with a signal that has aborted', async () => {
    const why = new Error('before')
    expect(await failure(open().status('/a', { signal: AbortSignal.abort(why) }))).toBe(why)
    expect(adapter.calls).toEqual([])
  })

  it('is tried again when a read fails for a reason that passes', async () => {
    let refusals = 2
    adapter.onCall = async () => {
      if (refusals-- > 0) throw new IntermodalError('UNAVAILABLE', 'refused')
    }
    const found = open().status('/a')
    await clock.advance(5_000)
    expect(await found).toBeUndefined()
    expect(adapter.calls).toEqual(['observe', 'observe', 'observe'])
  })

  it('is never tried again when it writes', async () => {
    adapter.onCall = () => Promise.reject(new IntermodalError('UNAVAILABLE', 'refused'))
    const error = failure(open().apply({ id: '/a', image: 'x' }))
    await clock.advance(60_000)
    expect(await error).toMatchObject({ code: 'UNAVAILABLE' })
    expect(adapter.calls).toEqual(['apply'])
  })

  it('is not tried again for a reason that stays', async () => {
    adapter.onCall = () => Promise.reject(new IntermodalError('FORBIDDEN', 'no'))
    expect(await failure(open().status('/a'))).toMatchObject({
      code: 'FORBIDDEN',
      cluster: 'test',
      app: '/a',
    })
    expect(adapter.calls).toHaveLength(1)
  })

  it('turns what an adapter should never throw into PROTOCOL, keeping the cause and telling no secret', async () => {
    const cause = new TypeError('password=hunter2')
    adapter.onCall = () => Promise.reject(cause)
    const error = await failure(open().status('/a'))
    expect(error).toMatchObject({ code: 'PROTOCOL', cause })
    expect(String(error)).not.toContain('hunter2')
  })
})

describe('a cluster that does not answer', () => {
  it('costs one timeout, then is answered for at once', async () => {
    adapter.onCall = never
    const client = open()
    const first = failure(client.status('/a'))
    await clock.advance(30_000)
    await first
    expect(await failure(client.status('/a', { timeout: '1m' }))).toMatchObject({
      code: 'UNAVAILABLE',
      retryAfter: 5_000,
    })
    expect(adapter.calls).toHaveLength(1)
  })

  it('is asked again by one call after a rest, and by all when that is answered', async () => {
    adapter.onCall = never
    const client = open()
    const first = failure(client.status('/a'))
    await clock.advance(30_000)
    await first
    adapter.onCall = async () => {}
    await clock.advance(5_000)
    expect(await client.status('/a')).toBeUndefined()
    expect(await client.status('/b')).toBeUndefined()
  })

  it('lets only one call through as the probe, and rests longer each time it fails', async () => {
    adapter.onCall = never
    const client = open()
    const first = failure(client.status('/a'))
    await clock.advance(30_000)
    await first
    await clock.advance(5_000)
    const probe = failure(client.status('/a'))
    expect(await failure(client.status('/a'))).toMatchObject({ code: 'UNAVAILABLE' })
    await clock.advance(30_000)
    expect(await probe).toMatchObject({ code: 'TIMEOUT' })
    expect(await failure(client.status('/a'))).toMatchObject({ retryAfter: 10_000 })
  })

  it('is not judged by a caller in a hurry', async () => {
    adapter.onCall = never
    const client = open()
    const hasty = failure(client.status('/a', { timeout: '10ms' }))
    await clock.advance(10)
    expect(await hasty).toMatchObject({ code: 'TIMEOUT' })
    adapter.onCall = async () => {}
    expect(await client.status('/a')).toBeUndefined()
  })

  it('is asked again as soon as its stream is heard', async () => {
    adapter.app(status('/a'))
    const client = open()
    const events = client.events()
    await events.next()
    adapter.onCall = never
    const first = failure(client.status('/a'))
    await clock.advance(30_000)
    await first
    adapter.onCall = async () => {}
    adapter.tell({ type: 'alive' })
    await settle()
    expect(await client.status('/a')).toBeDefined()
    await events.return?.()
  })
})

describe('a client', () => {
  it('refuses an adapter of another seam, naming both numbers', () => {
    const foreign = Object.assign(new ScriptedAdapter(), { seam: 2 }) as unknown as ScriptedAdapter
    expect(() => connect(foreign)).toThrow(/seam 2.*seam 1/)
  })

  it('refuses an option that is no duration', () => {
    expect(() => connect(adapter, { timeout: '30' as '30s' })).toThrow(/"30" is no duration/)
  })

  it('says UNSUPPORTED for what the engine cannot do, without asking it', async () => {
    expect(await failure(open().scale('/a', 2))).toMatchObject({
      code: 'UNSUPPORTED',
      cluster: 'test',
    })
  })

  it('closes the adapter once, ends its streams, and refuses further calls', async () => {
    const client = open()
    const stream = client.events()
    const next = failure(
      stream
        .next()
        .then(() => stream.next())
        .then(() => stream.next()),
    )
    await settle()
    await client[Symbol.asyncDispose]()
    await client[Symbol.asyncDispose]()
    expect(adapter.calls.filter((call) => call === 'dispose')).toHaveLength(1)
    expect(await next).toMatchObject({ code: 'UNAVAILABLE', retryable: false })
    expect(await failure(client.status('/a'))).toMatchObject({ code: 'UNAVAILABLE' })
    expect(clock.pending).toBe(0)
  })

  it('resolves a removal when nothing is left of the app', async () => {
    adapter.app(status('/a'))
    const removal = open().remove('/a')
    await settle()
    let resolved = false
    removal.then(() => {
      resolved = true
    })
    await settle()
    expect(resolved).toBe(false)
    adapter.tell({ type: 'gone', id: '/a' })
    expect(await removal).toBe(true)
  })

  it('says false for a removal of nothing', async () => {
    expect(await open().remove('/nothing')).toBe(false)
  })
})
