import type {
  Adapter,
  AppChange,
  AppId,
  AppStatus,
  Call,
  Capabilities,
  Change,
  Client,
  Event,
  EventType,
  Instance,
  IntermodalError,
  Interpretation,
  Loss,
  Outcome,
  Plan,
  Revision,
  Rollout,
  RolloutError,
  RolloutResult,
  RolloutStatus,
  RolloutStep,
  SEAM,
  StreamChange,
  Translation,
} from 'intermodal'
import { describe, expectTypeOf, test } from 'vitest'

describe('an adapter', () => {
  test('names the seam it is built for', () => {
    expectTypeOf<Adapter['seam']>().toEqualTypeOf<typeof SEAM>()
  })

  test('keeps its native type through translate, interpret and read', () => {
    interface Service {
      readonly name: string
    }
    type Own = Adapter<Service>
    expectTypeOf<ReturnType<Own['translate']>>().toEqualTypeOf<Translation<Service>>()
    expectTypeOf<Parameters<Own['interpret']>[0]>().toEqualTypeOf<Service>()
    expectTypeOf<Awaited<ReturnType<Own['read']>>>().toEqualTypeOf<Service | undefined>()
  })

  test('of any native type can be connected', () => {
    expectTypeOf<Adapter<{ readonly name: string }>>().toExtend<Adapter>()
  })

  test('has what an engine may lack as optional methods', () => {
    expectTypeOf<Adapter['scale']>().extract<undefined>().toEqualTypeOf<undefined>()
    expectTypeOf<Adapter['observe']>().extract<undefined>().toBeNever()
  })

  test('goes without whatever came after it was written', () => {
    type First = 'kinds' | 'watch' | 'inPlace' | 'immutable'
    expectTypeOf<Pick<Capabilities, First>>().toExtend<Capabilities>()
    type Methods = 'translate' | 'interpret' | 'apply' | 'remove' | 'observe' | 'read' | 'list'
    type Oldest = 'seam' | 'kind' | 'capabilities' | 'watch' | typeof Symbol.asyncDispose | Methods
    expectTypeOf<Pick<Adapter, Oldest>>().toExtend<Adapter>()
    expectTypeOf<Pick<Interpretation, 'app' | 'losses'>>().toExtend<Interpretation>()
    expectTypeOf<Pick<Revision, 'app' | 'id' | 'generation' | 'changed'>>().toExtend<Revision>()
    expectTypeOf<Pick<Loss, 'path' | 'kind' | 'detail'>>().toExtend<Loss>()
  })

  test('gets a signal and a deadline with every call', () => {
    expectTypeOf<Call>().toExtend<{ readonly signal: AbortSignal; readonly deadline: number }>()
  })

  test('delivers changes told apart by type', () => {
    const change = {} as Change
    if (change.type === 'app') expectTypeOf(change.status).toEqualTypeOf<AppStatus>()
    if (change.type === 'gone') expectTypeOf(change.id).toEqualTypeOf<AppId>()
    if (change.type === 'lost') expectTypeOf(change.error).toEqualTypeOf<IntermodalError>()
  })
})

describe('a client', () => {
  test('answers a change with a rollout', () => {
    expectTypeOf<Client['apply']>().returns.resolves.toEqualTypeOf<Rollout>()
    expectTypeOf<Client['scale']>().returns.resolves.toEqualTypeOf<Rollout>()
    expectTypeOf<Client['restart']>().returns.resolves.toEqualTypeOf<Rollout>()
    expectTypeOf<Client['suspend']>().returns.resolves.toEqualTypeOf<Rollout>()
    expectTypeOf<Client['resume']>().returns.resolves.toEqualTypeOf<Rollout>()
    expectTypeOf<Client['rollback']>().returns.resolves.toEqualTypeOf<Rollout>()
    expectTypeOf<Client['pause']>().returns.resolves.toEqualTypeOf<Revision>()
    expectTypeOf<Client['plan']>().returns.resolves.toEqualTypeOf<Plan>()
  })

  test('says undefined for what is not there', () => {
    expectTypeOf<Client['status']>().returns.resolves.toEqualTypeOf<AppStatus | undefined>()
  })

  test('is closed by `await using`', () => {
    expectTypeOf<Client>().toExtend<AsyncDisposable>()
  })

  test('streams events', () => {
    expectTypeOf<Client['events']>().returns.toExtend<AsyncIterable<Event>>()
  })
})

describe('an event', () => {
  test('has a type from the closed list', () => {
    expectTypeOf<Event['type']>().toEqualTypeOf<EventType>()
    expectTypeOf<AppChange['type'] | StreamChange['type']>().toEqualTypeOf<EventType>()
  })

  test('always says when, where and where to go on from', () => {
    expectTypeOf<Event>().toExtend<{
      readonly seq: number
      readonly cursor: string
      readonly time: number
      readonly cluster: string
    }>()
  })

  test('is narrowed by its type', () => {
    const event = {} as Event
    switch (event.type) {
      case 'app.added':
      case 'app.removed':
        expectTypeOf(event.status).toEqualTypeOf<AppStatus>()
        expectTypeOf(event.app).toEqualTypeOf<AppId>()
        break
      case 'app.changed':
        expectTypeOf(event.previous).toEqualTypeOf<AppStatus>()
        break
      case 'instance.added':
      case 'instance.removed':
        expectTypeOf(event.instance).toEqualTypeOf<Instance>()
        break
      case 'instance.changed':
        expectTypeOf(event.previous).toEqualTypeOf<Instance>()
        break
      case 'rollout.started':
      case 'rollout.progressed':
      case 'rollout.ended':
        expectTypeOf(event.rollout).toEqualTypeOf<RolloutStatus>()
        break
      case 'cluster.lost':
        expectTypeOf(event.error).toEqualTypeOf<IntermodalError>()
        break
      case 'stream.gap':
        expectTypeOf(event.cause).toEqualTypeOf<string>()
        break
      case 'cluster.connected':
      case 'stream.synced':
      case 'stream.heartbeat':
        expectTypeOf(event).not.toHaveProperty('status')
        break
      default:
        expectTypeOf(event).toBeNever()
    }
  })
})

describe('a rollout', () => {
  test('tells steps and ends in one outcome', () => {
    expectTypeOf<Rollout>().toExtend<AsyncIterable<RolloutStep>>()
    expectTypeOf<Rollout['done']>().returns.resolves.toEqualTypeOf<RolloutResult>()
    expectTypeOf<Rollout['result']>().returns.resolves.toEqualTypeOf<RolloutResult>()
    expectTypeOf<RolloutResult['outcome']>().toEqualTypeOf<Outcome>()
    expectTypeOf<Outcome>().toEqualTypeOf<
      'succeeded' | 'failed' | 'rolledBack' | 'superseded' | 'cancelled' | 'timedOut'
    >()
  })

  test('that did not succeed says so in the error', () => {
    expectTypeOf<RolloutError>().toExtend<IntermodalError>()
    expectTypeOf<RolloutError['outcome']>().toEqualTypeOf<Exclude<Outcome, 'succeeded'>>()
  })
})
