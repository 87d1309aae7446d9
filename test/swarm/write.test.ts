import type { AppId } from 'intermodal'
import { describe, expect, it } from 'vitest'
import type { Engine } from '../../adapters/swarm/client.ts'
import { TransportError } from '../../adapters/swarm/transport-error.ts'
import type { Service, ServiceSpec } from '../../adapters/swarm/wire.ts'
import { writeService } from '../../adapters/swarm/write.ts'

const id: AppId = '/shop/web'
const at = 'unix://fake'
const timeout = new TransportError('timeout', { at })
const noLeader = new TransportError('http', { at, status: 500, text: 'node lost leader status' })
const outOfSequence = new TransportError('http', {
  at,
  status: 500,
  text: 'update out of sequence',
})
const taken = new TransportError('http', { at, status: 409, text: 'already exists' })

const spec = (image: string): ServiceSpec => ({
  Name: 'shop_web',
  Labels: { 'intermodal.app': id },
  TaskTemplate: { ContainerSpec: { Image: image } },
})

type Step = (write: () => void) => void

/** One service with Swarm's version lock, and a script of how each write ends. */
function fakeSwarm(steps: Step[], image?: string) {
  let service: Service | undefined
  let index = 0
  const set = (next: ServiceSpec) => {
    index++
    service = { ID: 'a', Version: { Index: index }, CreatedAt: '', UpdatedAt: '', Spec: next }
  }
  if (image !== undefined) set(spec(image))
  let writes = 0
  const write = (next: ServiceSpec) => {
    const step = steps[writes++]
    if (step) step(() => set(next))
    else set(next)
  }
  const engine = {
    service: async () => service,
    createService: async (next: ServiceSpec) => {
      if (service) throw taken
      write(next)
      return 'a'
    },
    updateService: async (live: Service, next: ServiceSpec) => {
      if (live.Version.Index !== index) throw outOfSequence
      write(next)
    },
  } as unknown as Engine
  return {
    engine,
    set,
    bump: () => service && set(service.Spec),
    live: () => service,
    writes: () => writes,
  }
}

const fail =
  (error: unknown): Step =>
  () => {
    throw error
  }
const failAfterwards =
  (error: unknown): Step =>
  (write) => {
    write()
    throw error
  }

async function write(swarm: ReturnType<typeof fakeSwarm>, image: string) {
  const live = swarm.live()
  return writeService(
    swarm.engine,
    { app: id, live, wanted: spec(image) },
    new AbortController().signal,
  )
}
const imageOf = (service: Service | undefined) => service?.Spec.TaskTemplate.ContainerSpec?.Image

describe('a write whose answer was lost', () => {
  it.each([timeout, noLeader])('is not repeated when it had happened (%s)', async (error) => {
    const creating = fakeSwarm([failAfterwards(error)])
    expect(await write(creating, 'b')).toMatchObject({ changed: true })
    expect(creating.writes()).toBe(1)
    const updating = fakeSwarm([failAfterwards(error)], 'a')
    expect(await write(updating, 'b')).toMatchObject({ changed: true })
    expect(updating.writes()).toBe(1)
  })

  it.each([timeout, noLeader])('is repeated when it had not (%s)', async (error) => {
    for (const swarm of [fakeSwarm([fail(error)]), fakeSwarm([fail(error)], 'a')]) {
      expect(await write(swarm, 'b')).toMatchObject({ changed: true })
      expect(swarm.writes()).toBe(2)
      expect(imageOf(swarm.live())).toBe('b')
    }
  })

  it('is not repeated when it happens after all, between looking and repeating', async () => {
    let late = () => {}
    const swarm = fakeSwarm([
      (happen) => {
        late = happen
        throw timeout
      },
    ])
    const { engine } = swarm
    const look = engine.service.bind(engine)
    let looks = 0
    engine.service = async (...given) => {
      const found = await look(...given)
      if (looks++ === 0) late()
      return found
    }
    expect(await write(swarm, 'b')).toMatchObject({ changed: true })
    expect(swarm.writes()).toBe(1)
  })

  it('says that it may still happen when looking fails as well', async () => {
    const swarm = fakeSwarm([fail(timeout)])
    swarm.engine.service = async () => {
      throw timeout
    }
    await expect(write(swarm, 'b')).rejects.toMatchObject({
      code: 'TIMEOUT',
      retryable: false,
      message: expect.stringContaining('may still happen'),
    })
  })

  it('is given up after five attempts', async () => {
    const swarm = fakeSwarm(Array.from({ length: 9 }, () => fail(timeout)))
    await expect(write(swarm, 'b')).rejects.toBe(timeout)
    expect(swarm.writes()).toBe(5)
  })
})

describe('a version conflict', () => {
  it('is overcome when only Swarm itself counted the version up', async () => {
    const swarm = fakeSwarm([], 'a')
    const live = swarm.live()
    swarm.bump()
    const wanted = { app: id, live, wanted: spec('b') }
    const signal = new AbortController().signal
    expect(await writeService(swarm.engine, wanted, signal)).toMatchObject({ changed: true })
    expect(imageOf(swarm.live())).toBe('b')
  })

  it('is a CONFLICT when someone changed the service, and their change stays', async () => {
    const swarm = fakeSwarm([], 'a')
    const live = swarm.live()
    swarm.set(spec('theirs'))
    const wanted = { app: id, live, wanted: spec('b') }
    const write = writeService(swarm.engine, wanted, new AbortController().signal)
    await expect(write).rejects.toMatchObject({ code: 'CONFLICT', app: id })
    expect(imageOf(swarm.live())).toBe('theirs')
  })

  it('is no change when someone had the same in mind', async () => {
    const swarm = fakeSwarm([], 'a')
    const live = swarm.live()
    swarm.set(spec('b'))
    const wanted = { app: id, live, wanted: spec('b') }
    expect(await writeService(swarm.engine, wanted, new AbortController().signal)).toMatchObject({
      changed: false,
    })
  })

  it('is a CONFLICT when someone made the service first', async () => {
    const swarm = fakeSwarm([])
    swarm.set(spec('theirs'))
    const wanted = { app: id, live: undefined, wanted: spec('b') }
    const write = writeService(swarm.engine, wanted, new AbortController().signal)
    await expect(write).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('is the same when both were made at the very same moment, which answers 500', async () => {
    const text = 'rpc error: code = Unknown desc = name conflicts with an existing object'
    const swarm = fakeSwarm([
      () => {
        swarm.set(spec('b'))
        throw new TransportError('http', { at, status: 500, text })
      },
    ])
    expect(await write(swarm, 'b')).toMatchObject({ changed: false })
  })

  it('is a CONFLICT when someone removed the service', async () => {
    const gone = new TransportError('http', { at, status: 404, text: 'service not found' })
    const swarm = fakeSwarm([fail(gone)], 'a')
    const live = swarm.live()
    swarm.engine.service = async () => undefined
    const wanted = { app: id, live, wanted: spec('b') }
    const write = writeService(swarm.engine, wanted, new AbortController().signal)
    await expect(write).rejects.toMatchObject({ code: 'CONFLICT' })
  })
})
