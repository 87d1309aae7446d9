const SCALE: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/**
 * A Kubernetes quantity as a number: `250m` is 0.25, `1Gi` is 1073741824. `128m` of memory is 0.128 bytes there.
 * `undefined` for what is none.
 */
export function parseQuantity(text: string | number): number | undefined {
  const [, digits, exponent, suffix = ''] =
    /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?$/.exec(
      String(text).trim(),
    ) ?? []
  if (digits === undefined) return undefined
  const scale = SCALE[suffix]
  if (scale === undefined) return undefined
  // Dividing by a whole number rounds once; multiplying by 0.001 would round twice.
  const value = Number(`${digits}${exponent ?? ''}`)
  return scale < 1 ? value / Math.round(1 / scale) : value * scale
}

/** Millicores, rounded up as the scheduler does. */
export function parseMilli(text: string | number): number | undefined {
  const value = parseQuantity(text)
  return value === undefined ? undefined : Math.ceil(Number((value * 1000).toFixed(6)))
}

/** Bytes, rounded up. */
export function parseBytes(text: string | number): number | undefined {
  const value = parseQuantity(text)
  return value === undefined ? undefined : Math.ceil(value)
}

export function formatMilli(milli: number): string {
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`
}

const UNITS = [
  ['Ti', 2 ** 40],
  ['Gi', 2 ** 30],
  ['Mi', 2 ** 20],
  ['Ki', 2 ** 10],
] as const

/** The way a server writes it back: the largest binary unit that leaves it whole. */
export function formatBytes(bytes: number): string {
  for (const [unit, size] of UNITS) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`
  }
  return String(bytes)
}
