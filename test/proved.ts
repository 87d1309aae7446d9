import { readFileSync, writeFileSync } from 'node:fs'
import type { Reporter, TestModule, TestSuite } from 'vitest/node'

/** What one run of the conformance suite came to, on one engine. */
export interface Proof {
  /** Its name and version, where it is a real one. */
  readonly engine?: string | undefined
  /** How many tests of each group have passed. */
  readonly passed: Readonly<Record<string, number>>
  /** Why a group was not run. */
  readonly notRun: Readonly<Record<string, string>>
}

/** Where each run of the suite is, and what it is called in the table. */
export const RUNS: Readonly<Record<string, string>> = {
  'test/conformance/simulated.test.ts': 'simulated',
  'test/conformance/marathon.test.ts': 'fake Marathon 1.11',
  'test/conformance/marathon-1.4.test.ts': 'fake Marathon 1.4',
  'test/conformance/kubernetes.test.ts': 'fake Kubernetes',
  'test/conformance/swarm-fake.test.ts': 'fake Swarm',
  'test/live/kubernetes/conformance.test.ts': 'Kubernetes',
  'test/live/swarm/conformance.test.ts': 'Swarm',
}

const FILE = new URL('proved.json', import.meta.url)

export function readProofs(): Readonly<Record<string, Proof>> {
  return JSON.parse(readFileSync(FILE, 'utf8'))
}

const NOT_RUN = /^(.*): not run, (.*)$/
const ENGINE = /^the engine is (.+)$/

/** With `INTERMODAL_RECORD` set, keeps what whole and successful runs of the suite have come to, for the table. */
export default class Proofs implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (!process.env.INTERMODAL_RECORD) return
    const proofs: Record<string, Proof> = { ...readProofs() }
    for (const module of modules) {
      const name = RUNS[module.relativeModuleId]
      const proof = name === undefined ? undefined : proofOf(module)
      if (name !== undefined && proof) proofs[name] = proof
    }
    const inOrder = Object.values(RUNS).flatMap((name) =>
      proofs[name] ? [[name, proofs[name]]] : [],
    )
    writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(inOrder), null, 2)}\n`)
  }
}

/** `undefined`: not all of it was run, or not all has passed. */
function proofOf(module: TestModule): Proof | undefined {
  const passed: Record<string, number> = {}
  const notRun: Record<string, string> = {}
  let engine: string | undefined
  if (!module.ok()) return undefined
  for (const test of module.children.allTests()) {
    const { state } = test.result()
    const [, group, reason] = test.name.match(NOT_RUN) ?? []
    if (group && reason) notRun[group] = reason
    else if (state !== 'passed') return undefined
    else {
      engine ??= test.name.match(ENGINE)?.[1]
      const suite = test.parent as TestSuite | TestModule
      // The target's own suite is above that of the group.
      if (suite.type === 'suite' && suite.parent.type === 'suite')
        passed[suite.name] = (passed[suite.name] ?? 0) + 1
    }
  }
  return { ...(engine === undefined ? {} : { engine }), passed, notRun }
}
