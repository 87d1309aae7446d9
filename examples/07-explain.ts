// Why is it not running? The same reason codes on every orchestrator, with numbers, and what to try.
import { connect } from 'intermodal'
import { simulated as cluster, createWorld } from 'intermodal/simulated'

const world = createWorld({ nodes: [{ name: 'small', cpu: 1, memory: '1Gi' }] })
await using client = connect(cluster({ world }))

const rollout = await client.apply(
  { id: '/shop/web', image: 'shop/web:1', resources: { requests: { cpu: 2 } } },
  { failFast: ['InsufficientCpu'] },
)
console.log((await rollout.result()).outcome)

const { state, findings } = await client.explain('/shop/web')
console.log(state)
for (const { code, message, remedies } of findings) {
  console.log(`${code}: ${message}`)
  console.log(`  try: ${remedies[0]}`)
}

// Prints:
// failed
// waiting
// InsufficientCpu: small: needs 2 cpu, the emptiest node has 1
//   try: lower resources/requests/cpu to what the app needs
