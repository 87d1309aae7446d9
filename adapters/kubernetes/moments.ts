/** Milliseconds since the epoch; `undefined` for no time. YAML readers make dates of timestamps. */
export function timeOf(text: unknown): number | undefined {
  if (text instanceof Date) return text.getTime()
  if (typeof text !== 'string') return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
