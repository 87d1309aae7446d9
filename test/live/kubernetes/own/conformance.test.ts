import { withStandIns } from '../cluster.ts'
import { hold } from '../conformance.ts'

for (const cluster of withStandIns) await hold(cluster)
