import { type App, connect, defineApp, type Event, printApp } from 'intermodal'
import { createWorld, simulated } from 'intermodal/simulated'
import { renderNodes } from '../commands/nodes.ts'
import { loadApps } from '../files/load.ts'
import type { Io } from '../io.ts'
import { renderPlans } from '../view/plan-view.ts'
import { playBadUpdate } from './bad-update.ts'
import { openStage } from './stage.ts'

const WEB = '/shop/web'
const MISSING = '127.0.0.1:9/app:does-not-exist'

/**
 * The whole life of a small shop on the simulated orchestrator. Everything seen comes from the public API and the
 * renderers of the command line. The same on every run: time is virtual, and every choice comes from a seed.
 *
 * Throws when anything ends in another way than it is meant to.
 */
export async function playDemo(io: Io, file: string): Promise<void> {
  const world = createWorld({
    seed: 7,
    nodes: 3,
    clock: 'manual',
    timings: { pull: '3s', start: '1s', warmUp: '2s', stop: '1s' },
  })
  world.images.missing(MISSING)
  const client = connect(simulated({ world }), { name: 'demo', random: () => 0.5 })
  const stage = openStage(io, world, client)
  const { paint, say } = stage
  try {
    const shop = await loadApps(io, [file])
    const web = printApp(shop.apps.find(({ id }) => id === WEB) as App)

    stage.act('The plan', 'plan -f examples/shop.yaml')
    say(renderPlans(await client.planGroup(shop), paint))
    await stage.idle(4)

    stage.act('Deploy, in the order of dependencies', 'apply -f examples/shop.yaml')
    say((await stage.followGroup(await client.applyGroup(shop))).message)

    stage.act('What runs', 'ps')
    await stage.table()

    stage.act('A rolling update, and its events', 'apply -f web.yaml')
    stage.listen(isTurn)
    const next = defineApp({ ...web, image: '127.0.0.1:9/app:2' })
    say(renderPlans([await client.plan(next)], paint))
    await stage.follow(await client.apply(next))
    stage.listen(isNothing)

    stage.act('A bad update: an image nobody has', 'apply -f web.yaml')
    await playBadUpdate({ io, stage, client, world }, defineApp({ ...web, image: MISSING }))
    stage.act('The revision before serves', 'ps')
    await stage.table()

    stage.act('More of it', 'scale /shop/web 5')
    await stage.follow(await client.scale(WEB, 5))

    stage.act('None for a while', 'suspend /shop/web')
    await stage.follow(await client.suspend(WEB))
    stage.act('As many as before', 'resume /shop/web')
    await stage.follow(await client.resume(WEB))

    stage.act('A node is lost, and what ran on it is made anew elsewhere', 'events')
    stage.listen(isTurn)
    world.node('node-2').kill()
    await stage.idle(4)
    await stage.until(() =>
      world.apps().every(({ state }) => state === 'running' || state === 'completed'),
    )
    await stage.idle(8)
    stage.listen(isNothing)
    say(renderNodes(await client.nodes(), paint))
    await stage.table()

    stage.act('The end', 'rm --group /shop')
    stage.listen(({ type }) => type === 'app.removed')
    world.node('node-2').restore()
    await stage.play(Promise.all(shop.apps.map(({ id }) => client.remove(id))))
    await stage.idle(1)
    const left = await Array.fromAsync(client.list())
    if (left.length > 0) throw new Error(`still there: ${left.map(({ id }) => id).join(', ')}`)
    say('nothing is left')
  } finally {
    await stage.close()
    await client[Symbol.asyncDispose]()
    world.close()
  }
}

function isNothing(): boolean {
  return false
}

/** What a person would call an event: instances that come, go, turn healthy or are lost; rollouts that begin and end. */
function isTurn(event: Event): boolean {
  switch (event.type) {
    case 'instance.added':
    case 'instance.removed':
    case 'rollout.started':
    case 'rollout.ended':
      return true
    case 'instance.changed':
      return event.instance.state === 'lost' || event.instance.health === 'healthy'
    case 'app.changed':
      return event.previous.state !== event.status.state
    default:
      return false
  }
}
