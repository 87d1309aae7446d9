/**
 * How long to rest after the nth failure in a row (from 1), milliseconds: grows by two up to `most`, and is spread
 * over its upper half, so that many clients of one sick cluster do not come back in step.
 */
export function backoff(
  failures: number,
  random: () => number,
  { first = 250, most = 30_000 }: { readonly first?: number; readonly most?: number } = {},
): number {
  const full = Math.min(most, first * 2 ** Math.max(0, failures - 1))
  return Math.round(full * (0.5 + random() / 2))
}
