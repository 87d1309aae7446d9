import fc from 'fast-check'
import type { AppId, AppInput } from 'intermodal'
import type { Operation } from 'intermodal/simulated'
import type { Scene } from './scene.ts'

/** What the test knows of each app without asking: absent in the map means that nobody can tell, a fault was in force. */
export type Model = Map<AppId, 'there' | 'gone'>

type Command = fc.AsyncCommand<Model, Scene>

const KINDS = {
  '/shop/web': 'service',
  '/shop/api': 'service',
  '/mail': 'service',
  '/shop/db': 'stateful',
  '/agent': 'daemon',
  '/batch': 'job',
} as const
const app = fc.constantFrom(...(Object.keys(KINDS) as (keyof typeof KINDS)[]))

function command(
  name: string,
  run: (scene: Scene, model: Model) => Promise<void>,
  check: (model: Readonly<Model>) => boolean = () => true,
): Command {
  return { check, run: (model, scene) => run(scene, model), toString: () => name }
}

/** A command about an app that there may be. */
function about(
  id: AppId,
  name: string,
  run: (scene: Scene, model: Model) => Promise<void>,
): Command {
  return command(`${name} ${id}`, run, (model) => model.get(id) !== 'gone')
}

const isCounted = (id: keyof typeof KINDS) => KINDS[id] === 'service' || KINDS[id] === 'stateful'

const policy: fc.Arbitrary<NonNullable<AppInput['update']>> = fc
  .record({
    maxSurge: fc.constantFrom(0, 1, 2, '50%' as const),
    maxUnavailable: fc.constantFrom(0, 1, '25%' as const),
    onFailure: fc.constantFrom('pause' as const, 'rollback' as const, 'continue' as const),
    minReadyTime: fc.constantFrom('0s' as const, '3s' as const),
    progressDeadline: fc.constantFrom('1m' as const, '10m' as const),
  })
  .map((given) =>
    given.maxSurge === 0 && given.maxUnavailable === 0 ? { ...given, maxSurge: 1 } : given,
  )

const apply = fc
  .record({
    id: app,
    tag: fc.integer({ min: 1, max: 4 }),
    replicas: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
    note: fc.integer({ min: 1, max: 2 }),
    probed: fc.boolean(),
    update: policy,
  })
  .map(({ id, tag, replicas, note, probed, update }) => {
    const input: AppInput = {
      id,
      image: `shop/app:${tag}`,
      kind: KINDS[id],
      ...(replicas === undefined || !isCounted(id) ? {} : { replicas }),
      annotations: { note: String(note) },
      resources: { requests: { cpu: 0.1 } },
      ...(probed ? { probes: { readiness: { type: 'http', port: 80, interval: '1s' } } } : {}),
      update,
    }
    return command(`apply ${JSON.stringify(input)}`, async (scene, model) => {
      model.delete(id)
      scene.removed.delete(id)
      await scene.follow(scene.client.apply(input))
    })
  })

const scale = fc.tuple(app, fc.integer({ min: 0, max: 7 })).map(([id, count]) =>
  about(id, `scale ${count}`, async (scene) => {
    await scene.follow(scene.client.scale(id, count))
  }),
)

const change = fc
  .tuple(app, fc.constantFrom('restart', 'suspend', 'resume', 'rollback', 'follow'))
  .map(([id, what]) =>
    about(id, what, async (scene) => {
      await scene.follow(scene.client[what](id))
    }),
  )

const pause = app.map((id) =>
  about(id, 'pause', async (scene) => {
    await scene.take(scene.client.pause(id))
  }),
)

const remove = app.map((id) =>
  about(id, 'remove', async (scene, model) => {
    const answered = await scene.take(scene.client.remove(id))
    if (answered === undefined) return
    model.set(id, 'gone')
    scene.removed.add(id)
  }),
)

const kill = fc.tuple(app, fc.nat(20)).map(([id, which]) =>
  about(id, 'kill', async (scene) => {
    const all = scene.world.instances(id)
    const one = all[which % Math.max(1, all.length)]
    if (one) await scene.kill(id, one.id)
  }),
)

const node = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean()).map(([number, lost]) =>
  command(`node-${number} is ${lost ? 'lost' : 'back'}`, async (scene) => {
    const levers = scene.world.node(`node-${number}`)
    scene.disturb(() => (lost ? levers.kill() : levers.restore()))
  }),
)

const trouble = fc
  .tuple(app, fc.constantFrom('failNext', 'crashLoop', 'unhealthy'))
  .map(([id, lever]) =>
    command(`${lever} ${id}`, async (scene) => {
      scene.lever(scene.world.app(id)[lever]())
    }),
  )

const operation = fc.constantFrom<Operation>('watch', 'watch', '*', 'apply', 'remove', 'observe')
const fault = fc
  .tuple(
    fc.constantFrom('hang', 'refuse', 'drop', 'delay', 'reorder', 'duplicate'),
    operation,
    fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
  )
  .map(([what, where, times]) =>
    command(`${what} ${where} ${times ?? 'until healed'}`, async (scene) => {
      const { faults } = scene.world
      if (what === 'reorder' || what === 'duplicate') scene.fault(faults[what]())
      else if (what === 'delay') scene.fault(faults.delay(where, '4s', { times }))
      else scene.fault(faults[what](where, { times }))
    }),
  )

const heal = fc.constant(command('heal', (scene) => scene.heal()))

const wait = fc
  .constantFrom(300, 2_000, 15_000, 90_000)
  .map((milliseconds) => command(`wait ${milliseconds} ms`, (scene) => scene.pass(milliseconds)))

const goOn = fc
  .double({ min: 0, max: 1, noNaN: true })
  .map((share) => command(`go on from ${share}`, (scene) => scene.goOnFrom(share)))

const peek = fc
  .integer({ min: 1, max: 8 })
  .map((count) => command(`peek at ${count}`, (scene) => scene.peek(count)))

const lookAway = fc
  .constantFrom(0, 3_000, 40_000)
  .map((milliseconds) =>
    command(`look away for ${milliseconds} ms`, (scene) => scene.lookAway(milliseconds)),
  )

export const COMMANDS = [
  apply,
  apply,
  apply,
  scale,
  change,
  change,
  pause,
  remove,
  kill,
  node,
  trouble,
  fault,
  fault,
  heal,
  wait,
  wait,
  goOn,
  peek,
  lookAway,
]
