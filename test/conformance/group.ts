import type { Capabilities } from 'intermodal'
import type { Context } from './context.ts'
import type { Faults, Target, Workloads } from './target.ts'

export type Test = (context: Context) => Promise<void>

/** One subject of the contract. */
export interface Group {
  readonly name: string
  /** Needs no cluster: pure functions and data only. */
  readonly offline?: true | undefined
  /** Why it cannot run there; `undefined` when it can. */
  readonly obstacle?:
    | ((capabilities: Capabilities, target: Target) => string | undefined)
    | undefined
  readonly tests: Readonly<Record<string, Test>>
}

type Obstacle = NonNullable<Group['obstacle']>

type Flag = {
  [Key in keyof Capabilities]-?: NonNullable<Capabilities[Key]> extends boolean ? Key : never
}[keyof Capabilities]

export function needsCapability(...flags: readonly Flag[]): Obstacle {
  return (capabilities) => {
    const missing = flags.find((flag) => !capabilities[flag])
    return missing && `capabilities.${missing} is false`
  }
}

export function needsKind(kind: Capabilities['kinds'][number]): Obstacle {
  return ({ kinds }) =>
    kinds.includes(kind) ? undefined : `"${kind}" is not in capabilities.kinds`
}

export function needsWorkload(...names: readonly (keyof Workloads)[]): Obstacle {
  return (_, { workloads }) => {
    const missing = names.find((name) => workloads[name] === undefined)
    return missing && `the target gives no workload "${missing}"`
  }
}

export function needsFault(...names: readonly (keyof Faults)[]): Obstacle {
  return (_, { faults }) => {
    const missing = names.find((name) => faults?.[name] === undefined)
    return missing && `the target has no way to "${missing}"`
  }
}

export function needsTarget(key: 'foreign' | 'lock' | 'commands' | 'nativePatch'): Obstacle {
  return (_, target) => (target[key] === undefined ? `the target gives no "${key}"` : undefined)
}

/** The first obstacle of several. */
export function needs(...obstacles: readonly Obstacle[]): Obstacle {
  return (capabilities, target) => {
    for (const obstacle of obstacles) {
      const found = obstacle(capabilities, target)
      if (found !== undefined) return found
    }
    return undefined
  }
}
