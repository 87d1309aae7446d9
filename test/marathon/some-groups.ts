import { describe, test } from 'vitest'
import { conformance } from '../conformance/suite.ts'
import type { Target } from '../conformance/target.ts'

/** Registers these groups of the contract only; gives the names of those that there were. */
export async function someGroups(target: Target, names: readonly string[]): Promise<string[]> {
  const found: string[] = []
  await conformance(
    {
      describe(name, body) {
        if (name === target.name) return describe(name, body)
        if (!names.includes(name)) return undefined
        found.push(name)
        return describe(name, body)
      },
      test,
      skip: () => {},
    },
    target,
  )
  return found
}
