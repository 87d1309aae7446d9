// An image that nobody has: the update fails with its reasons, and the old revision goes on serving.
import { type AppInput, connect, RolloutError } from 'intermodal'
import { simulated as cluster, createWorld } from 'intermodal/simulated'

const world = createWorld()
world.images.missing('registry.example.com/shop/web:2')
await using client = connect(cluster({ world }))

const web: AppInput = {
  id: '/shop/web',
  image: 'registry.example.com/shop/web:1',
  replicas: 2,
  update: { onFailure: 'rollback', progressDeadline: '1m' },
}
await (await client.apply(web)).done()

const update = await client.apply({ ...web, image: 'registry.example.com/shop/web:2' })
try {
  await update.done()
} catch (error) {
  if (!(error instanceof RolloutError)) throw error
  console.log(error.outcome)
  for (const { code } of error.result.reasons) console.log(code)
}
const status = await client.status('/shop/web')
console.log(status?.state, status?.image)

// Prints:
// rolledBack
// ImageNotFound
// running registry.example.com/shop/web:1
