import { shapeDifferences } from '../../fake-swarm/differential/shape.ts'
import type { Heard, Step } from './talk.ts'

/** Each way in which the fake is not as the real server was, as a sentence. */
export function differences(real: Heard, fake: Heard): string[] {
  return [...inSteps(real.steps, fake.steps), ...inStates(real.states, fake.states)]
}

function inSteps(real: readonly Step[], fake: readonly Step[]): string[] {
  const length = Math.max(real.length, fake.length)
  return Array.from({ length }, (_, index) => index).flatMap((index) => {
    const [one, other] = [real[index], fake[index]]
    if (!one || !other || one.asked !== other.asked)
      return [`step ${index}: ${one?.asked} was asked, of the fake ${other?.asked}`]
    const at = one.asked
    const found: string[] = []
    for (const key of [
      'status',
      'type',
      'warning',
      'reason',
      'message',
      'text',
      'details',
      'events',
    ] as const) {
      const [left, right] = [JSON.stringify(one[key]), JSON.stringify(other[key])]
      if (left !== right) found.push(`${at} ${key}: ${left}, the fake says ${right}`)
    }
    if (one.shape !== undefined && other.shape !== undefined)
      found.push(...shapeDifferences(one.shape, other.shape).map((text) => `${at} ${text}`))
    return found
  })
}

/** Who looks now and then misses states: what was seen of the real one has to come in the fake's order. */
function inStates(real: Heard['states'], fake: Heard['states']): string[] {
  return Object.entries(real).flatMap(([what, states]) => {
    const all = fake[what] ?? []
    const end = states.at(-1) === all.at(-1)
    return end &&
      isWithin(
        states.filter((one) => all.includes(one)),
        all,
      )
      ? []
      : [`${what}: ${states.join(' → ')}, the fake's ${all.join(' → ')}`]
  })
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
