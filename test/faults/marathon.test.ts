import { faults } from './suite.ts'
import { marathonFaults } from './targets/marathon.ts'

await faults(marathonFaults)
