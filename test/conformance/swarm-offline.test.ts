import { swarm } from 'intermodal/swarm'
import { conformanceOffline } from 'intermodal/testing'
import { describe, test } from 'vitest'

await conformanceOffline(
  { describe, test, skip: test.skip },
  {
    name: 'swarm without an engine',
    connect: async () => swarm({ host: 'tcp://127.0.0.1:9' }),
    nativePatch: { TaskTemplate: { ContainerSpec: { Hostname: 'shop-{{.Task.Slot}}' } } },
  },
)
