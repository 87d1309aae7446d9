// One stream over everything: what is there, `stream.synced`, then what happens.
import { connect } from 'intermodal'
import { simulated as cluster } from 'intermodal/simulated'

await using client = connect(cluster())
await (await client.apply({ id: '/shop/db', image: 'registry.example.com/db:1' })).done()

for await (const event of client.events({ selector: { group: '/shop' } })) {
  if (event.type === 'stream.synced') {
    console.log('synced')
    await client.apply({ id: '/shop/web', image: 'registry.example.com/shop/web:1' })
  }
  if (event.type === 'app.added') console.log(event.app, 'added,', event.status.state)
  if (event.type === 'rollout.ended') {
    console.log(event.app, 'rollout', event.rollout.state)
    break
  }
}

// Prints:
// /shop/db added, running
// synced
// /shop/web added, deploying
// /shop/web rollout succeeded
