import { IntermodalError } from '../errors.ts'

type DurationUnit = 'ms' | 's' | 'm' | 'h'
/** `"500ms"`, `"30s"`, `"1m30s"`, `"1.5h"`. A bare number is refused: seconds and milliseconds get confused. */
export type Duration =
  | `${number}${DurationUnit}`
  | `${number}${DurationUnit}${number}${DurationUnit}`
  | `${number}${DurationUnit}${number}${DurationUnit}${number}${DurationUnit}`

type MemoryUnit = 'Ki' | 'Mi' | 'Gi' | 'Ti' | 'k' | 'M' | 'G' | 'T'
/** Bytes, or text: `"512Mi"` (binary), `"128M"` (decimal, a million bytes). */
export type Memory = number | `${number}${MemoryUnit}` | `${number}`
/** Cores: `0.25` or `"250m"`. */
export type Cpu = number | `${number}m` | `${number}`
/** A count, or a share of the replicas: `1`, `"25%"`. */
export type Amount = number | `${number}%`

export const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/
const DURATION_PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g
const MILLISECONDS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

export const MEMORY = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T)?$/
const BYTES: Record<string, number> = {
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

export const CPU = /^(\d+(?:\.\d+)?)(m)?$/
export const PERCENT = /^(?:\d{1,2}|100)%$/

/** A bare number of bytes below this is refused in an app: whoever writes `512` means `"512Mi"`. */
export const LEAST_BARE_BYTES = 2 ** 20

/** To the nearest whole unit; `undefined` for what a double cannot count exactly, and below zero. */
function exact(value: number): number | undefined {
  const whole = Math.round(value)
  return Number.isSafeInteger(whole) && whole >= 0 ? whole : undefined
}

/** Milliseconds, or `undefined` when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(DURATION_PART)) {
    total += Number(amount) * (MILLISECONDS[unit ?? ''] ?? Number.NaN)
  }
  return exact(total)
}

/** The shortest text `parseDuration` reads back as the same number: `90000` is `1m30s`. */
export function formatDuration(milliseconds: number): Duration {
  let rest = Math.round(milliseconds)
  let text = ''
  for (const unit of ['h', 'm', 's', 'ms'] as const) {
    const size = MILLISECONDS[unit] ?? 1
    const amount = Math.floor(rest / size)
    if (amount > 0) text += `${amount}${unit}`
    rest -= amount * size
  }
  return (text || '0s') as Duration
}

/** A duration given as an option, in milliseconds. Throws `APP_INVALID`. */
export function milliseconds(name: string, duration: Duration): number {
  const value = parseDuration(duration)
  if (value !== undefined) return value
  throw new IntermodalError('APP_INVALID', `${name} "${duration}" is no duration`, {
    remedy: 'write it with a unit, such as "30s"',
  })
}

/** Bytes, or `undefined`. Follows Kubernetes' suffixes, except `m`: milli-bytes are never meant. */
export function parseMemory(text: string): number | undefined {
  const match = MEMORY.exec(text)
  if (!match) return undefined
  return exact(Number(match[1]) * (match[2] ? (BYTES[match[2]] ?? Number.NaN) : 1))
}

/**
 * The shortest text that is exact, binary units first: `536870912` is `512Mi`, `128000000` is `128M`. A few bytes are
 * written as a part of `k`, because an app with `memory: 512` is refused: nearly always it means 512 mebibytes.
 */
export function formatMemory(bytes: number): Memory {
  if (bytes > 0 && bytes < LEAST_BARE_BYTES && bytes % 1000 !== 0 && bytes % 1024 !== 0) {
    return `${bytes / 1000}k`
  }
  let best: Memory = bytes
  for (const unit of ['Ti', 'Gi', 'Mi', 'Ki', 'T', 'G', 'M', 'k'] as const) {
    const count = bytes / (BYTES[unit] ?? 1)
    const text: Memory = `${count}${unit}`
    const shorter = typeof best === 'number' || text.length < best.length
    if (count >= 1 && Number.isInteger(count) && shorter) best = text
  }
  return best
}

/** Integer millicores, or `undefined`. */
export function parseCpu(value: string | number): number | undefined {
  if (typeof value === 'number') return exact(value * 1000)
  const match = CPU.exec(value)
  return match ? exact(Number(match[1]) * (match[2] ? 1 : 1000)) : undefined
}

/** Cores where that is exact to read (`2`, `0.5`), else millicores: `250` is `0.25`, `333` is `"333m"`. */
export function formatCpu(millicores: number): Cpu {
  return millicores % 10 === 0 ? millicores / 1000 : `${millicores}m`
}

/** A budget in instances, of so many replicas. The caller says which way its engine rounds. */
export function resolveAmount(
  amount: Amount,
  replicas: number,
  round: (value: number) => number,
): number {
  if (typeof amount === 'number') return amount
  // Multiplied before divided: 0.07 * 100 is 7.000000000000001, and would round up to 8.
  return round((Number.parseInt(amount, 10) * replicas) / 100)
}
