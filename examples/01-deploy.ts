// Create or update an app, and wait until it runs.
import { connect } from 'intermodal'
import { simulated as cluster } from 'intermodal/simulated'

await using client = connect(cluster(), { name: 'local' })

const rollout = await client.apply({
  id: '/shop/web',
  image: 'registry.example.com/shop/web:1',
  replicas: 3,
  ports: [{ name: 'http', containerPort: 8080 }],
  probes: { readiness: { type: 'http', path: '/health', port: 'http', interval: '2s' } },
})
const { outcome } = await rollout.done({ timeout: '5m' })
const status = await client.status('/shop/web')

console.log(`${outcome}: ${status?.counts.ready} of ${status?.counts.desired} ready`)

// Prints:
// succeeded: 3 of 3 ready
