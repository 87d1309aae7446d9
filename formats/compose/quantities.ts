import { formatCpu, formatDuration, formatMemory } from 'intermodal'
import type { Report } from '../report.ts'
import { type Fields, numberOf, textOf } from '../text/fields.ts'
import { parseBytes, parseGoDuration } from './units.ts'

export function durationAt(fields: Fields, key: string, report: Report) {
  const node = fields.take(key)
  const text = textOf(node, report)
  if (node === undefined || !text) return undefined
  const milliseconds = parseGoDuration(text)
  return milliseconds === undefined
    ? report.problem(node.at, `needs a duration with a unit, such as "30s" or "1m30s"`)
    : formatDuration(milliseconds)
}

/** Nanoseconds, as the Engine API counts. */
export function nanosecondsAt(fields: Fields, key: string, report: Report): number | undefined {
  const node = fields.take(key)
  const text = textOf(node, report)
  if (node === undefined || !text) return undefined
  const milliseconds = parseGoDuration(text)
  return milliseconds === undefined
    ? report.problem(node.at, `needs a duration with a unit, such as "30s" or "1m30s"`)
    : milliseconds * 1e6
}

export function bytesAt(fields: Fields, key: string, report: Report): number | undefined {
  const node = fields.take(key)
  const text = textOf(node, report)
  if (node === undefined || !text) return undefined
  return (
    parseBytes(text) ?? report.problem(node.at, `needs a size, such as "512m", which is mebibytes`)
  )
}

/** For Docker 0 bytes are no bound at all. */
export function memoryAt(fields: Fields, key: string, report: Report) {
  const bytes = bytesAt(fields, key, report)
  return bytes ? formatMemory(bytes) : undefined
}

export function cpuAt(fields: Fields, key: string, report: Report) {
  const node = fields.take(key)
  const cores = numberOf(node, report)
  if (node === undefined || cores === undefined) return undefined
  return cpuOf(cores * 1000)
}

/** No bound at all where there is less than a millicore. */
export function cpuOf(millicores: number) {
  const whole = Math.round(millicores)
  return whole >= 1 ? formatCpu(whole) : undefined
}
