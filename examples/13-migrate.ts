// Apps that move from one cluster to another while they run, and what is left to do by hand.
import { connect, migrate, planMigration } from 'intermodal'
import { createWorld, simulated } from 'intermodal/simulated'

const [old, now] = [createWorld({ seed: 1 }), createWorld({ seed: 2 })]
await using legacy = connect(simulated({ world: old }), { name: 'legacy' })
await using prod = connect(simulated({ world: now }), { name: 'prod' })
const web = await legacy.apply({
  id: '/shop/web',
  image: 'shop/web:1',
  replicas: 2,
  volumes: { uploads: { type: 'named', mountPath: '/uploads' } },
})
await web.done()

const options = { steps: 2, hold: '2s', clock: now.clock } as const
const plan = await planMigration(legacy, prod, ['/shop/web'], options)
for (const { byHand } of plan.apps)
  for (const { topic, detail } of byHand) console.log(`by hand, ${topic}: ${detail}`)

await using migration = await migrate(legacy, prod, ['/shop/web'], options)
for await (const { type, message } of migration) if (type !== 'progress') console.log(message)
console.log((await migration.done()).message)

old.close()
now.close()

// Prints:
// by hand, data: what is in /uploads stays on legacy: the volume begins empty on prod
// starts on prod
// 2 of 2 ready on prod
// 2 → 1 on legacy
// 1 of 2 left on legacy, 2 of 2 ready on prod
// 1 → 0 on legacy
// 0 of 2 left on legacy, 2 of 2 ready on prod
// serves on prod; is suspended on legacy
// 1 app moved from legacy to prod
