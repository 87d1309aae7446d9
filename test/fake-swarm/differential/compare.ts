import { shapeDifferences } from './shape.ts'
import type { Step } from './step.ts'
import type { Heard, Path } from './talk.ts'

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
 * Who looks now and then misses states: what was seen of a real task has to be part of what one of the fake's went
 * through. Which of several equal slots is first is chance, so that one may be any, as long as each has one of its own.
 */
function inTasks(real: readonly Path[], fake: readonly Path[]): string[] {
  const taken = new Map<Path, Path>()
  const finds = (one: Path, tried: Set<Path>): boolean =>
    fake.some((other) => {
      if (tried.has(other) || !isLike(one, other)) return false
      tried.add(other)
      const before = taken.get(other)
      if (before && !finds(before, tried)) return false
      taken.set(other, one)
      return true
    })
  const lost = real.filter((one) => !finds(one, new Set()))
  const left = fake.filter((other) => !taken.has(other))
  const more = real.length < fake.length || lost.length > 0 ? left : []
  return [
    ...lost.map((one) => `no task of the fake is as this one was: ${told(one)}`),
    ...more.map((one) => `no task was as this one of the fake: ${told(one)}`),
  ]
}

function told({ states, end }: Path): string {
  return `${ending(end)}, by ${states.join(' ')}`
}

function isLike(real: Path, fake: Path): boolean {
  const same = isCut(real) || ending(real.end) === ending(fake.end)
  // What is wanted and what is are written by two parties, so that which of them comes first is chance.
  return same && isWithin(wanted(real), wanted(fake)) && isWithin(been(real), been(fake))
}

/** Left as the engine acknowledges them, between two looks as a rule. */
const PASSING = new Set(['new', 'pending', 'assigned', 'accepted'])

function been({ states, end }: Path): string[] {
  return states
    .map((both) => both.split('/')[1] ?? '')
    .filter((state) => state === end.state || !PASSING.has(state))
}

function wanted({ states }: Path): string[] {
  return states
    .map((both) => both.split('/'))
    .flatMap(([desired = '', state = '']) => (PASSING.has(state) ? [] : [desired]))
}

/** A task to be removed is gone a moment after it has ended: who looks late has not seen its end. */
function isCut({ states, end }: Path): boolean {
  return states.at(-1)?.startsWith('remove/') === true && !ENDS.has(end.state)
}

const ENDS = new Set(['complete', 'shutdown', 'failed', 'rejected'])

function ending({ state, message, err, exitCode }: Path['end']): string {
  return `${state} "${message}" ${err ?? ''} ${exitCode ?? ''}`
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
