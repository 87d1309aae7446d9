/** Whether every byte of every answer is tried, and every fault with every call: a long run. */
export const EVERYTHING = process.env.INTERMODAL_FAULTS === 'all'

/** All places in so many bytes, or as many as are wanted of them, evenly, with the first and the last. */
export function spread(length: number, most: number): readonly number[] {
  const count = Math.min(length, most)
  return Array.from({ length: count }, (_, index) =>
    Math.round((index * (length - 1)) / Math.max(1, count - 1)),
  )
}
