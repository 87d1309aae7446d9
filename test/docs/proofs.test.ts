import { afterAll, describe, expect, it } from 'vitest'
import { kubernetesTarget } from '../conformance/kubernetes-target.ts'
import { marathonTarget } from '../conformance/marathon-target.ts'
import { simulatedTarget } from '../conformance/simulated-target.ts'
import { conformance } from '../conformance/suite.ts'
import { swarmFakeTarget } from '../conformance/swarm-fake-target.ts'
import type { Target } from '../conformance/target.ts'
import { readProofs } from '../proved.ts'

const targets: Readonly<Record<string, Target>> = {
  simulated: simulatedTarget(),
  'fake Marathon 1.11': await marathonTarget('1.11'),
  'fake Marathon 1.4': await marathonTarget('1.4'),
  'fake Kubernetes': await kubernetesTarget(),
  'fake Swarm': await swarmFakeTarget(),
}
afterAll(async () => {
  for (const target of Object.values(targets))
    if (Symbol.asyncDispose in target) await (target as AsyncDisposable)[Symbol.asyncDispose]()
})

/** How many tests of each group the suite registers, without running any. */
async function registered(target: Target): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {}
  const path: string[] = []
  await conformance(
    {
      describe(name, body) {
        path.push(name)
        body()
        path.pop()
      },
      test() {
        const group = path.at(-1) ?? ''
        counts[group] = (counts[group] ?? 0) + 1
      },
      skip() {},
    },
    target,
  )
  return counts
}

describe('what is told of the conformance suite', () => {
  it.each(Object.entries(targets))('on %s is what npm test runs', async (name, target) => {
    const stale = 'stale: INTERMODAL_RECORD=1 npx vitest run --project conformance, npm run tables'
    expect(readProofs()[name]?.passed, stale).toEqual(await registered(target))
  })
})
