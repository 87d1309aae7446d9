import { abortable, Mailbox, sleep } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { ManualClock, settle } from '../support/manual-clock.ts'

describe('a mailbox', () => {
  it('gives what was put, in order, to a reader before or after', async () => {
    const box = new Mailbox<number>()
    box.put(1)
    box.put(2)
    expect((await box.next()).value).toBe(1)
    expect((await box.next()).value).toBe(2)
    const waiting = box.next()
    box.put(3)
    expect((await waiting).value).toBe(3)
  })

  it('replaces what waits under the same key, and counts it', async () => {
    const box = new Mailbox<string>()
    box.put('a1', 'a')
    box.put('b1', 'b')
    box.put('a2', 'a')
    expect(box.size).toBe(2)
    expect(box.takeReplaced()).toBe(1)
    expect(box.takeReplaced()).toBe(0)
    expect([(await box.next()).value, (await box.next()).value]).toEqual(['b1', 'a2'])
  })

  it('delivers what waits before it throws, and ends for good', async () => {
    const box = new Mailbox<number>()
    box.put(1)
    const why = new Error('over')
    box.fail(why)
    box.put(2)
    expect((await box.next()).value).toBe(1)
    await expect(box.next()).rejects.toBe(why)
  })

  it('ends its reader when it is left', async () => {
    const box = new Mailbox<number>()
    const waiting = box.next()
    await box.return()
    expect((await waiting).done).toBe(true)
  })
})

describe('abortable', () => {
  it('rejects with the reason itself as soon as the signal aborts, and leaves no listener', async () => {
    const controller = new AbortController()
    const why = { plain: 'object' }
    const promise = abortable(new Promise<never>(() => {}), controller.signal)
    controller.abort(why)
    await expect(promise).rejects.toBe(why)
    await expect(abortable(Promise.reject(new Error('late')), controller.signal)).rejects.toBe(why)
  })

  it('settles as the promise does when nobody aborts', async () => {
    const { signal } = new AbortController()
    expect(await abortable(Promise.resolve(7), signal)).toBe(7)
    await expect(abortable(Promise.reject(new Error('own')), signal)).rejects.toThrow('own')
  })
})

describe('sleep', () => {
  it('wakes when its time has come, by the clock it was given', async () => {
    const clock = new ManualClock()
    let awake = false
    sleep(clock, 1000).then(() => {
      awake = true
    })
    await clock.advance(999)
    expect(awake).toBe(false)
    await clock.advance(1)
    expect(awake).toBe(true)
  })

  it('leaves no timer behind when it is aborted', async () => {
    const clock = new ManualClock()
    const controller = new AbortController()
    const sleeping = sleep(clock, 1000, controller.signal)
    controller.abort(new Error('up'))
    await expect(sleeping).rejects.toThrow('up')
    await settle()
    expect(clock.pending).toBe(0)
  })
})
