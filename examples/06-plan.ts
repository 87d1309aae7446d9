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

for (const next of [
  web,
  { ...web, replicas: 5 },
  { ...web, image: 'shop/web:2', resources: { limits: { memory: '512Mi' } } },
]) {
  const { summary, changes } = await client.plan(next)
  console.log(summary)
  for (const { path, before, after } of changes) console.log(`  ${path}: ${before} -> ${after}`)
}
