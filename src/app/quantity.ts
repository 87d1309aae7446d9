import { z } from 'zod'

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

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/
const DURATION_PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g
const MILLISECONDS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

const MEMORY = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T)?$/
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

const CPU = /^(\d+(?:\.\d+)?)(m)?$/
const PERCENT = /^(\d{1,3})%$/

/** Milliseconds, or `undefined` when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(DURATION_PART)) {
    total += Number(amount) * (MILLISECONDS[unit ?? ''] ?? Number.NaN)
  }
  return Math.round(total)
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

/** Bytes, or `undefined`. Follows Kubernetes' suffixes, except `m`: milli-bytes are never meant. */
export function parseMemory(text: string): number | undefined {
  const match = MEMORY.exec(text)
  if (!match) return undefined
  return Math.round(Number(match[1]) * (match[2] ? (BYTES[match[2]] ?? Number.NaN) : 1))
}

/** The largest binary unit that divides exactly, else a decimal one, else bytes: `536870912` is `512Mi`. */
export function formatMemory(bytes: number): Memory {
  for (const unit of ['Ti', 'Gi', 'Mi', 'Ki', 'T', 'G', 'M', 'k'] as const) {
    const size = BYTES[unit] ?? 1
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`
  }
  return bytes
}

/** Integer millicores, or `undefined`. */
export function parseCpu(value: string | number): number | undefined {
  if (typeof value === 'number')
    return Number.isFinite(value) ? Math.round(value * 1000) : undefined
  const match = CPU.exec(value)
  if (!match) return undefined
  return Math.round(Number(match[1]) * (match[2] ? 1 : 1000))
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

function typed<Output, Input>(schema: z.ZodType): z.ZodType<Output, Input> {
  return schema as unknown as z.ZodType<Output, Input>
}

const invalid = (message: string) => ({ error: message })

const DURATION_HELP = 'needs a duration with a unit, such as "30s", "500ms" or "1m30s"'
export const durationSchema = typed<number, Duration>(
  z
    .string(invalid(DURATION_HELP))
    .regex(DURATION, DURATION_HELP)
    .meta({ examples: ['30s', '1m30s', '500ms'] })
    .transform((text) => parseDuration(text) ?? Number.NaN),
)

const MEMORY_HELP =
  'needs an amount of memory, such as "512Mi" (binary) or "128M" (decimal), or a whole number of bytes'
export const memorySchema = typed<number, Memory>(
  z
    .union([z.int().min(0), z.string().regex(MEMORY)], invalid(MEMORY_HELP))
    .meta({ examples: ['512Mi', '1.5Gi', '128M'] })
    .transform((value, context) => {
      const bytes = typeof value === 'number' ? value : (parseMemory(value) ?? Number.NaN)
      if (Number.isSafeInteger(bytes)) return bytes
      context.addIssue({ code: 'custom', message: MEMORY_HELP })
      return z.NEVER
    }),
)

const CPU_HELP = 'needs cores, such as 0.25, or millicores, such as "250m"'
export const cpuSchema = typed<number, Cpu>(
  z
    .union([z.number().min(0.001), z.string().regex(CPU)], invalid(CPU_HELP))
    .meta({ examples: [0.25, '250m', 2] })
    .transform((value) => parseCpu(value) ?? Number.NaN)
    .refine((millicores) => millicores >= 1, CPU_HELP),
)

const AMOUNT_HELP = 'needs a count of instances, such as 1, or a share of them, such as "25%"'
export const amountSchema = typed<Amount, Amount>(
  z
    .union(
      [
        z.int().min(0),
        z
          .string()
          .regex(PERCENT)
          .refine((text) => Number.parseInt(text, 10) <= 100),
      ],
      invalid(AMOUNT_HELP),
    )
    .meta({ examples: [1, '25%'] }),
)
