// Several clusters as one. One that does not answer costs the others nothing.
import { connect, fleet } from 'intermodal'
import { simulated as cluster } from 'intermodal/simulated'

await using estate = fleet({ prod: connect(cluster()), legacy: connect(cluster()) })

await (await estate.client('prod').apply({ id: '/shop/web', image: 'shop/web:2' })).done()
await (await estate.client('legacy').apply({ id: '/shop/web', image: 'shop/web:1' })).done()

for await (const { ref, status } of estate.list()) console.log(ref, status.state, status.image)

// Prints:
// prod:/shop/web running shop/web:2
// legacy:/shop/web running shop/web:1
