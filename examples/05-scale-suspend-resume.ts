// Day-to-day changes. Each returns a rollout to wait for, as `apply` does.
import { connect } from 'intermodal'
import { simulated as cluster } from 'intermodal/simulated'

await using client = connect(cluster())
const show = async (what: string) => {
  const status = await client.status('/shop/web')
  console.log(`${what}: ${status?.state}, ${status?.counts.ready} of ${status?.counts.desired}`)
}

await (await client.apply({ id: '/shop/web', image: 'shop/web:1', replicas: 2 })).done()
await show('deployed')
await (await client.scale('/shop/web', 4)).done()
await show('scaled')
await (await client.suspend('/shop/web')).done()
await show('suspended')
await (await client.resume('/shop/web')).done()
await show('resumed')
await (await client.restart('/shop/web')).done()
await show('restarted')
console.log(`removed: ${await client.remove('/shop/web')}`)

// Prints:
// deployed: running, 2 of 2
// scaled: running, 4 of 4
// suspended: suspended, 0 of 0
// resumed: running, 4 of 4
// restarted: running, 4 of 4
// removed: true
