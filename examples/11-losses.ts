// What an orchestrator cannot carry is named before anything is changed. No cluster is needed to know.
import { defineApp } from 'intermodal'
import { swarm } from 'intermodal/swarm'

const app = defineApp({
  id: '/shop/web',
  image: 'shop/web:1',
  ports: [{ name: 'http', containerPort: 8080 }],
  probes: { readiness: { type: 'http', path: '/health', port: 'http' } },
  autoscale: { min: 2, max: 10, metrics: [{ type: 'cpu', utilization: 70 }] },
})

await using adapter = swarm()
for (const { kind, path, detail } of adapter.translate(app).losses) {
  console.log(`${kind} ${path}: ${detail}`)
}

// Prints:
// dropped /autoscale: Swarm does not scale by itself
// approximated /probes/readiness: Swarm has one check for everything, and it kills: an instance that fails it is replaced, not only taken out of traffic
// approximated /probes/readiness/type: runs as a command inside the container, which needs a shell with wget or curl in the image
