// Several apps from one file, deployed in the order of their dependencies.
import { readFile } from 'node:fs/promises'
import { connect, defineGroup } from 'intermodal'
import { simulated as cluster } from 'intermodal/simulated'
import { parse } from 'yaml'

const file = new URL('./08-group.yaml', import.meta.url)
const group = defineGroup(parse(await readFile(file, 'utf8')))

await using client = connect(cluster())
const rollout = await client.applyGroup(group)
for await (const step of rollout) {
  if (step.type === 'waiting') console.log(step.app, 'waits for', step.on.join(', '))
  if (step.type === 'applied') console.log(step.app, 'applied')
}
console.log((await rollout.done()).outcome)

// Prints:
// /shop/api waits for /shop/migrate
// /shop/web waits for /shop/api
// /shop/migrate applied
// /shop/api applied
// /shop/web applied
// succeeded
