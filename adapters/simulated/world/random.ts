/** From 0 to 1, the next of a sequence that the seed alone decides (mulberry32). The state moves on in place. */
export function nextRandom(state: { random: number }): number {
  state.random = (state.random + 0x6d2b79f5) | 0
  let mixed = state.random
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
}

/** A duration, milliseconds, spread by a share of it: in steps of 50 ms, so that crowds of instances move together. */
export function spread(state: { random: number }, milliseconds: number, jitter: number): number {
  if (milliseconds === 0 || jitter === 0) return milliseconds
  const exact = milliseconds * (1 + (nextRandom(state) - 0.5) * jitter)
  return Math.max(1, Math.round(exact / 50) * 50)
}

/** The list in an order that the seed decides; the list itself is left alone. */
export function shuffle<T>(state: { random: number }, list: readonly T[]): T[] {
  const shuffled = [...list]
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(nextRandom(state) * (last + 1))
    const [a, b] = [shuffled[last] as T, shuffled[other] as T]
    shuffled[last] = b
    shuffled[other] = a
  }
  return shuffled
}
