import { shapeDifferences } from './shape.ts'
import type { Heard, Path, Step } from './talk.ts'

/** Each way in which the fake is not as the real engine was, as a sentence. */
export function differences(real: Heard, fake: Heard): string[] {
  return [
    ...inSteps(real.steps, fake.steps),
    ...inEvents(real.events, fake.events),
    ...inTasks(real.tasks, fake.tasks),
  ]
}

function inSteps(real: readonly Step[], fake: readonly Step[]): string[] {
  const length = Math.max(real.length, fake.length)
  return Array.from({ length }, (_, index) => index).flatMap((index) => {
    const [one, other] = [real[index], fake[index]]
    if (!one || !other || one.asked !== other.asked)
      return [`step ${index}: ${one?.asked} was asked, of the fake ${other?.asked}`]
    const at = one.asked
    const found: string[] = []
    for (const key of ['status', 'message', 'type', 'text'] as const)
      if (one[key] !== other[key])
        found.push(
          `${at} ${key}: ${JSON.stringify(one[key])}, the fake says ${JSON.stringify(other[key])}`,
        )
    if (one.shape !== undefined && other.shape !== undefined)
      found.push(...shapeDifferences(one.shape, other.shape).map((text) => `${at} ${text}`))
    return found
  })
}

function inEvents(real: readonly string[], fake: readonly string[]): string[] {
  if (JSON.stringify(real) === JSON.stringify(fake)) return []
  return [`events: ${JSON.stringify(real)}, the fake tells ${JSON.stringify(fake)}`]
}

/**
 * Who looks now and then misses states: what was seen of a real task has to be part of what the fake's went through. Which
 * of several equal slots is first is chance, so tasks are told apart by how they ended.
 */
function inTasks(real: readonly Path[], fake: readonly Path[]): string[] {
  const [ours, theirs] = [sorted(fake), sorted(real)]
  const [one, other] = [theirs.map(ending), ours.map(ending)]
  if (JSON.stringify(one) !== JSON.stringify(other))
    return [`tasks: ${JSON.stringify(one)}, the fake's ${JSON.stringify(other)}`]
  return theirs.flatMap(({ slot, states }, index) => {
    const all = ours[index]?.states ?? []
    return isWithin(states, all)
      ? []
      : [`task in slot ${slot}: ${states.join(' ')}, the fake's ${all.join(' ')}`]
  })
}

function ending({ end }: Path): string {
  return `${end.state} "${end.message}" ${end.err ?? ''} ${end.exitCode ?? ''}`
}

/** Those that went through the same stay in the order in which they were made. */
function sorted(paths: readonly Path[]): Path[] {
  return paths.toSorted((a, b) => (ending(a) === ending(b) ? 0 : ending(a) < ending(b) ? -1 : 1))
}

function isWithin(some: readonly string[], all: readonly string[]): boolean {
  let from = 0
  for (const one of some) {
    const at = all.indexOf(one, from)
    if (at < 0) return false
    from = at
  }
  return true
}
