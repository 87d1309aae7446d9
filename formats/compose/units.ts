/** Nanoseconds in each unit of a Go duration. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

const DURATION = /^(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)/

/** Milliseconds of a Go duration: `1m30s`, `1.5h`, `0`. `undefined` when it is none. Parts of a millisecond are rounded. */
export function parseGoDuration(text: string): number | undefined {
  if (text === '0') return 0
  let rest = text
  let total = 0
  while (rest !== '') {
    const [part] = DURATION.exec(rest) ?? []
    if (part === undefined) return undefined
    const unit = /[a-zµμ]+$/.exec(part)?.[0] ?? ''
    total += Number.parseFloat(part) * (UNITS[unit] ?? Number.NaN)
    rest = rest.slice(part.length)
  }
  const milliseconds = Math.round(total / 1e6)
  return text !== '' && Number.isSafeInteger(milliseconds) ? milliseconds : undefined
}

const BYTES = /^(\d+(?:\.\d+)?) ?(?:([kmgtp])?i?b?)$/i
const POWERS = ' kmgtp'

/** Bytes of a Docker size, where every prefix is binary: `128m`, `128mb` and `128MiB` are all 134217728. */
export function parseBytes(value: string | number): number | undefined {
  const [all, amount, prefix = ' '] = BYTES.exec(String(value)) ?? []
  if (all === undefined) return undefined
  const bytes = Math.round(Number(amount) * 1024 ** POWERS.indexOf(prefix.toLowerCase()))
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/**
 * A command line in words, as `docker compose` splits it: by spaces, with quotes and backslashes; nothing is expanded.
 * `undefined` when a quote is never closed.
 */
export function shellWords(line: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let index = 0; index < line.length; index++) {
    const char = line[index] as string
    if (quote !== "'" && char === '\\') {
      index += 1
      const next = line[index]
      if (next === undefined) return undefined
      if (next !== '\n')
        word = `${word ?? ''}${quote === '"' && !/["\\$`]/.test(next) ? '\\' : ''}${next}`
    } else if (quote !== '') {
      if (char === quote) quote = ''
      else word = `${word ?? ''}${char}`
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = `${word ?? ''}${char}`
    }
  }
  if (quote !== '') return undefined
  if (word !== undefined) words.push(word)
  return words
}
