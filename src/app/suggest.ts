import { parseCpu, parseDuration, parseMemory } from './quantity.ts'

// What people write who come from another format, and what they nearly always mean by it. Each answer is one the
// schema accepts, quoted as it has to be written.

const DURATION_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^pt(?=\d)/, ''],
  [/(?:milliseconds?|millis|msecs?)/g, 'ms'],
  [/(?:seconds?|secs?)/g, 's'],
  [/(?:minutes?|mins?)/g, 'm'],
  [/(?:hours?|hrs?)/g, 'h'],
  [/(\d+(?:\.\d+)?)(?:days?|d)/g, 'd$1'],
]

/** `30` is `"30s"`, `5 min` is `"5m"`, `1d` is `"24h"`. */
export function suggestDuration(value: string | number): string | undefined {
  let text = String(value)
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '')
  for (const [word, unit] of DURATION_WORDS) text = text.replace(word, unit)
  text = text.replace(/d(\d+(?:\.\d+)?)/g, (_, days: string) => `${Number(days) * 24}h`)
  if (/^\d+(?:\.\d+)?$/.test(text)) text += 's'
  return parseDuration(text) ? JSON.stringify(text) : undefined
}

/** Docker's and Compose's `128m` is `"128Mi"`, `512MB` is `"512M"`, a bare `512` is `"512Mi"`. */
export function suggestMemory(value: string | number): string | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(String(value).trim())
  if (!match) return undefined
  const [, amount, suffix = ''] = match
  const text = `${amount}${MEMORY_UNITS[suffix] ?? MEMORY_UNITS[suffix.toLowerCase()] ?? '?'}`
  return parseMemory(text) ? JSON.stringify(text) : undefined
}

const MEMORY_UNITS: Readonly<Record<string, string>> = {
  '': 'Mi',
  b: '',
  k: 'Ki',
  m: 'Mi',
  g: 'Gi',
  t: 'Ti',
  kb: 'Ki',
  mb: 'Mi',
  gb: 'Gi',
  tb: 'Ti',
  KB: 'k',
  MB: 'M',
  GB: 'G',
  TB: 'T',
  kib: 'Ki',
  mib: 'Mi',
  gib: 'Gi',
  tib: 'Ti',
  ki: 'Ki',
  mi: 'Mi',
  gi: 'Gi',
  ti: 'Ti',
}

/** `250 m` and `250M` are `"250m"`, `0.5 cores` is `0.5`. */
export function suggestCpu(value: string | number): string | undefined {
  const text = String(value).trim().toLowerCase()
  const match = /^(\d*\.?\d+)\s*(m|millicores?|millicpus?|mcpus?|c|cores?|cpus?|vcpus?)$/.exec(text)
  if (!match) return undefined
  const [, amount, unit = ''] = match
  const suggestion = unit.startsWith('m') ? `${amount}m` : Number(amount)
  return parseCpu(suggestion) ? JSON.stringify(suggestion) : undefined
}

/** `"25"` may be either; `0.25` is `"25%"`; `"25 %"` is `"25%"`. */
export function suggestAmount(value: string | number): string | undefined {
  if (typeof value === 'number') {
    return value > 0 && value < 1 ? `"${Math.round(value * 100)}%"` : undefined
  }
  const match = /^(\d{1,9})\s*(%|percent)?$/i.exec(value.trim())
  if (!match) return undefined
  const amount = Number(match[1])
  if (amount > 100) return match[2] ? '"100%"' : String(amount)
  return match[2] ? `"${amount}%"` : `${amount} or "${amount}%"`
}
