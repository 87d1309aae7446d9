// What an apply would change and what that means, before anything is touched.
import { type AppInput, connect } from 'intermodal'
import { simulated as cluster } from 'intermodal/simulated'

await using client = connect(cluster())

const web: AppInput = {
  id: '/shop/web',
  image: 'shop/web:1',
  replicas: 3,
  resources: { limits: { memory: '256Mi' } },
}
await (await client.apply(web)).done()

const changes: readonly AppInput[] = [
  web,
  { ...web, replicas: 5 },
  { ...web, image: 'shop/web:2', resources: { limits: { memory: '512Mi' } } },
]
for (const next of changes) {
  const plan = await client.plan(next)
  console.log(plan.summary)
  for (const { path, before, after } of plan.changes) {
    console.log(`  ${path}: ${before} -> ${after}`)
  }
}

// Prints:
// no change
// in place: replicas 3 → 5
//   /replicas: 3 -> 5
// rolling restart of 3 instances
//   /image: shop/web:1 -> shop/web:2
//   /resources/limits/memory: 256Mi -> 512Mi
