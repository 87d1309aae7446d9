import { z } from 'zod'
import { gotValue } from './issues.ts'
import { once } from './named.ts'
import {
  type Amount,
  CPU,
  type Cpu,
  DURATION,
  type Duration,
  LEAST_BARE_BYTES,
  MEMORY,
  type Memory,
  PERCENT,
  parseCpu,
  parseDuration,
  parseMemory,
} from './quantity.ts'
import { suggestAmount, suggestCpu, suggestDuration, suggestMemory } from './suggest.ts'

interface Quantity<Output> {
  readonly help: string
  readonly text: RegExp
  /** What the JSON Schema says of a number; absent: numbers are refused. */
  readonly number?: Readonly<Record<string, unknown>>
  readonly examples: readonly unknown[]
  parse(value: string | number): Output | undefined
  suggest(value: string | number): string | undefined
}

/** One message of our own whatever is wrong; the JSON Schema keeps pattern and range, which editors check and show. */
function quantity<Output, Input>(options: Quantity<Output>): () => z.ZodType<Output, Input> {
  return once(() => quantitySchema(options))
}

function quantitySchema<Output, Input>(options: Quantity<Output>): z.ZodType<Output, Input> {
  const { help, examples } = options
  const words = (value: unknown) => {
    const text = typeof value === 'string' || typeof value === 'number'
    const hint = text ? options.suggest(value) : undefined
    return `${help}${gotValue(value)}${hint === undefined ? '' : `; did you mean ${hint}?`}`
  }
  const error = (issue: { readonly input?: unknown }) =>
    issue.input === undefined ? 'is missing' : words(issue.input)
  // What editors say, for text and for numbers.
  const shown = { patternErrorMessage: help, errorMessage: help }
  const text = z.string({ error }).meta({ pattern: options.text.source, ...shown })
  // Text first: an editor that cannot tell which was meant complains about the first.
  const source: z.ZodType<string | number> = options.number
    ? z.union([text, z.number().meta({ ...options.number, ...shown })], { error })
    : text
  return source.meta({ examples }).transform((value, context) => {
    const parsed = options.parse(value)
    if (parsed !== undefined) return parsed
    context.addIssue({ code: 'custom', message: words(value) })
    return z.NEVER
  }) as unknown as z.ZodType<Output, Input>
}

const durationOptions: Quantity<number> = {
  help: 'needs a duration with a unit, such as "30s", "500ms" or "1m30s"',
  text: DURATION,
  examples: ['30s', '1m30s', '500ms'],
  parse: (value) => parseDuration(String(value)),
  suggest: suggestDuration,
}

/** Milliseconds from `"1m30s"`. */
export const durationSchema = quantity<number, Duration>(durationOptions)

const POSITIVE_DURATION = new RegExp(`(?=.*[1-9])${DURATION.source}`)

/** A duration that is no duration at all when it is zero: an interval, a deadline. */
export const positiveDuration = quantity<number, Duration>({
  ...durationOptions,
  help: 'needs a duration above zero, with a unit, such as "30s", "500ms" or "1m30s"',
  text: POSITIVE_DURATION,
  parse: (value) => parseDuration(String(value)) || undefined,
})

/** Bytes from `"512Mi"`. */
export const memorySchema = quantity<number, Memory>({
  help: 'needs a size, such as "512Mi" (binary) or "128M" (decimal), or a whole number of bytes from 1048576',
  text: MEMORY,
  number: { type: 'integer', minimum: LEAST_BARE_BYTES, maximum: Number.MAX_SAFE_INTEGER },
  examples: ['512Mi', '1.5Gi', '128M'],
  parse: (value) => {
    const bytes = typeof value === 'number' ? value : parseMemory(value)
    if (!bytes || !Number.isSafeInteger(bytes)) return undefined
    const bare = typeof value === 'number' || !/[a-z]$/i.test(value)
    return bytes < (bare ? LEAST_BARE_BYTES : 1) ? undefined : bytes
  },
  suggest: suggestMemory,
})

/** Millicores from `0.25` or `"250m"`. */
export const cpuSchema = quantity<number, Cpu>({
  help: 'needs cores, such as 0.25, or millicores, such as "250m", at least "1m"',
  text: CPU,
  number: { minimum: 0.001 },
  examples: [0.25, '250m', 2],
  parse: (value) => parseCpu(value) || undefined,
  suggest: suggestCpu,
})

/** A count or a share, as written: what it comes to depends on the replicas. */
export const amountSchema = quantity<Amount, Amount>({
  help: 'needs a count of instances, such as 1, or a share of them, such as "25%" (at most "100%")',
  text: PERCENT,
  number: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  examples: [1, '25%'],
  parse: (value) => {
    if (typeof value === 'number')
      return Number.isSafeInteger(value) && value >= 0 ? value : undefined
    return PERCENT.test(value) ? (value as Amount) : undefined
  },
  suggest: suggestAmount,
})
