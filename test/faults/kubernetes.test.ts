import { faults } from './suite.ts'
import { kubernetesFaults } from './targets/kubernetes.ts'

await faults(kubernetesFaults)
