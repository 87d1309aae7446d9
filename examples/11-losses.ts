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
