import { type AppStatus, type Change, IntermodalError, pollChanges } from 'intermodal'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock, settle } from '../support/manual-clock.ts'
import { instance, status } from '../support/statuses.ts'

let clock: ManualClock
let picture: AppStatus[] | Error
let told: Change[]
let abort: AbortController

beforeEach(() => {
  clock = new ManualClock()
  picture = []
  told = []
  abort = new AbortController()
})

function poll(hint?: (signal: AbortSignal) => Promise<void>) {
  const changes = pollChanges({
    call: { signal: abort.signal, deadline: Number.POSITIVE_INFINITY },
    clock,
    snapshot: async () => {
      if (picture instanceof Error) throw picture
      return picture
    },
    interval: (changed) => (changed ? 500 : 2000),
    backoff: (failures) => failures * 1000,
    hint,
  })
  const ended = (async () => {
    for await (const change of changes) told.push(change)
  })()
  ended.catch(() => {})
  return ended
}

const types = () =>
  told.splice(0).map((change) => (change.type === 'app' ? `app ${change.status.id}` : change.type))

describe('polling made into a stream', () => {
  it('tells everything, synced, then only what differs', async () => {
    picture = [status('/a'), status('/b')]
    poll()
    await settle()
    expect(types()).toEqual(['app /a', 'app /b', 'synced'])
    picture = [status('/a'), status('/b', { instances: [instance('x')] })]
    await clock.advance(500)
    expect(types()).toEqual(['app /b'])
    picture = [status('/a')]
    await clock.advance(500)
    expect(types()).toEqual(['gone'])
    await clock.advance(500)
    expect(types()).toEqual(['alive'])
  })

  it('says lost once for rounds that fail, then gives the full picture again', async () => {
    picture = [status('/a'), status('/b')]
    poll()
    await settle()
    types()
    picture = new IntermodalError('UNAVAILABLE', 'refused')
    await clock.advance(10_000)
    expect(types()).toEqual(['lost'])
    picture = [status('/a')]
    await clock.advance(10_000)
    expect(types().slice(0, 3)).toEqual(['app /a', 'gone', 'synced'])
  })

  it('asks at once when the engine hints at something', async () => {
    let hint: () => void = () => {}
    poll(() => new Promise((resolve) => (hint = resolve)))
    await clock.advance(2000)
    types()
    picture = [status('/new')]
    hint()
    await settle()
    expect(types()).toEqual(['app /new'])
  })

  it('waits as long as the engine asked to', async () => {
    picture = new IntermodalError('THROTTLED', 'slow down', { retryAfter: 9000 })
    poll()
    await clock.advance(8_900)
    picture = []
    expect(types()).toEqual(['lost'])
    await clock.advance(200)
    expect(types()).toEqual(['synced'])
  })

  it('ends with the reason of its signal, and leaves no timer', async () => {
    const ended = poll()
    await settle()
    const why = new Error('enough')
    abort.abort(why)
    await expect(ended).rejects.toBe(why)
    expect(clock.pending).toBe(0)
  })

  it('does not hide a failure that is no IntermodalError', async () => {
    picture = new TypeError('a bug')
    await expect(poll()).rejects.toThrow('a bug')
  })
})
