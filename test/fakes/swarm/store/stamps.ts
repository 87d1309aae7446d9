/** Moments as the engine writes them: nanoseconds, of which no two are the same. */
export class Stamps {
  readonly #now: () => number
  #last = 0n

  constructor(now: () => number) {
    this.#now = now
  }

  next(): bigint {
    const now = BigInt(this.#now()) * 1_000_000n
    this.#last = now > this.#last ? now : this.#last + 1n
    return this.#last
  }

  text(): string {
    return printStamp(this.next())
  }
}

/** RFC 3339 with as many digits as there are: `2026-01-01T00:00:00.000000001Z`. */
export function printStamp(nanoseconds: bigint): string {
  const seconds = nanoseconds / 1_000_000_000n
  const rest = (nanoseconds % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '')
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19)
  return `${whole}${rest ? `.${rest}` : ''}Z`
}

/** The way back. `undefined`: it is none. */
export function parseStamp(text: string): bigint | undefined {
  const [, whole, digits = ''] = /^(.{19})(?:\.(\d+))?Z$/.exec(text) ?? []
  const seconds = Date.parse(`${whole}Z`)
  if (Number.isNaN(seconds)) return undefined
  return BigInt(seconds) * 1_000_000n + BigInt(digits.padEnd(9, '0').slice(0, 9))
}
