import { createWorld } from 'intermodal/simulated'
import { fakeMarathon, type MarathonExchange } from 'intermodal/testing'

/** A server in a process of its own, as a server is: tells its address, then what it was asked, and ends deployments. */
const world = createWorld({ nodes: 50, clock: 'manual' })
let seen: MarathonExchange[] = []
const fake = await fakeMarathon({ world, onExchange: (exchange) => seen.push(exchange) })

process.on('message', async () => {
  await world.settle()
  const requests = seen.map(({ method, path, query, requestBody }) => ({
    method,
    path: query.size === 0 ? path : `${path}?${query}`,
    body: requestBody,
  }))
  seen = []
  process.send?.(requests)
})
process.send?.(fake.url)
