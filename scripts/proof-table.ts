import { groups } from '../test/conformance/groups.ts'
import { type Proof, RUNS, readProofs } from '../test/proved.ts'
import { markdownTable } from './markdown-table.ts'

/** Which groups of the contract have passed on what, with how many tests each; real engines as they were last run. */
export function proofTable(proofs = readProofs()): string {
  const runs = Object.values(RUNS).flatMap((name) => {
    const proof = proofs[name]
    return proof ? [[name, proof] as const] : []
  })
  const head = runs.map(([name, { engine }]) => engine ?? name)
  const rows = groups.map(({ name }) => [name, ...runs.map(([, proof]) => cell(proof, name))])
  const sums = runs.map(([, { passed }]) => `**${sum(Object.values(passed))}**`)
  return markdownTable(['', ...head], [...rows, ['**all**', ...sums]])
}

function cell({ passed, notRun }: Proof, group: string): string {
  const count = passed[group]
  if (count !== undefined) return String(count)
  return /capabilit|kinds/.test(notRun[group] ?? '') ? '–' : 'not run'
}

const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0)
