/** As `kubectl` tells how old something is: `5s`, `3m10s`, `2d4h`. */
export function age(from: string | undefined, now: number): string {
  if (from === undefined) return '<unknown>'
  return duration(now - Date.parse(from))
}

export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const days = Math.floor(hours / 24)
  const two = (large: number, unit: string, small: number, rest: string) =>
    small === 0 ? `${large}${unit}` : `${large}${unit}${small}${rest}`
  if (seconds < 120) return `${seconds}s`
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  if (days < 8) return two(days, 'd', hours % 24, 'h')
  return days < 365 * 2 ? `${days}d` : two(Math.floor(days / 365), 'y', days % 365, 'd')
}
