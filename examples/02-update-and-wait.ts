// A rolling update, step by step. An apply that changes nothing says so at once.
import { type AppInput, connect } from 'intermodal'
import { simulated as cluster } from 'intermodal/simulated'

await using client = connect(cluster())

const web: AppInput = {
  id: '/shop/web',
  image: 'registry.example.com/shop/web:1',
  replicas: 2,
  update: { maxSurge: 1, maxUnavailable: 0 },
}
await (await client.apply(web)).done()

const update = await client.apply({ ...web, image: 'registry.example.com/shop/web:2' })
let phase = ''
for await (const { type, status, outcome } of update) {
  if (type !== phase) console.log(type)
  phase = type
  if (outcome) console.log(`${outcome}: ${status?.counts.ready} of 2 new ones ready`)
}

const again = await client.apply({ ...web, image: 'registry.example.com/shop/web:2' })
console.log(`changed: ${again.revision.changed}, ${(await again.done()).outcome}`)

// Prints:
// progress
// ended
// succeeded: 2 of 2 new ones ready
// changed: false, succeeded
