import { faults } from './suite.ts'
import { swarmFaults } from './targets/swarm.ts'

await faults(swarmFaults)
