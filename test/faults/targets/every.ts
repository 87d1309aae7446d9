import type { OpenTarget } from '../target.ts'
import { kubernetesFaults } from './kubernetes.ts'
import { marathonFaults } from './marathon.ts'
import { swarmFaults } from './swarm.ts'

/** Two of each fake. */
export async function everyTarget(seed: number): Promise<readonly OpenTarget[]> {
  const open = [marathonFaults, kubernetesFaults, swarmFaults]
  return Promise.all([...open, ...open].map((openOne, index) => openOne(seed + index)))
}
