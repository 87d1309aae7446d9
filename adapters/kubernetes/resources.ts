import type { Resources } from 'intermodal'
import type { Report } from './loss.ts'
import { compact } from './patch.ts'
import { formatBytes, formatMilli, parseBytes, parseMilli } from './quantity.ts'
import type { Quantities, ResourceRequirements } from './wire.ts'

export const GPU = 'nvidia.com/gpu'

export function writeResources(
  { requests, limits, gpus }: Resources,
  path: string,
  report: Report,
): ResourceRequirements | undefined {
  for (const key of ['cpu', 'memory', 'disk'] as const) {
    if (limits?.[key] === undefined || requests?.[key] !== undefined) continue
    report(
      'approximated',
      `${path}/limits/${key}`,
      'Kubernetes reserves the limit where no request is given',
      `set requests.${key}`,
    )
  }
  const gpu = gpus ? { [GPU]: String(gpus) } : {}
  const given = {
    requests: { ...amounts(requests), ...gpu },
    limits: { ...amounts(limits), ...gpu },
  }
  const filled = Object.fromEntries(
    Object.entries(given).filter(([, value]) => Object.keys(value).length > 0),
  )
  return Object.keys(filled).length > 0 ? filled : undefined
}

function amounts(given: NonNullable<Resources['requests']> | undefined): Record<string, string> {
  const { cpu, memory, disk } = given ?? {}
  return {
    ...(cpu === undefined ? {} : { cpu: formatMilli(cpu) }),
    ...(memory === undefined ? {} : { memory: formatBytes(memory) }),
    ...(disk === undefined ? {} : { 'ephemeral-storage': formatBytes(disk) }),
  }
}

/** As a person writes it: a bare number of cpu would be cores. */
export function readResources(found: ResourceRequirements | undefined): object {
  const gpus = Number(found?.limits?.[GPU] ?? 0)
  const given = { requests: readAmounts(found?.requests), limits: readAmounts(found?.limits) }
  return compact({ ...given, gpus: gpus > 0 ? gpus : undefined })
}

function readAmounts(found: Quantities | undefined): object | undefined {
  const { cpu, memory, 'ephemeral-storage': disk } = found ?? {}
  const milli = cpu === undefined ? undefined : parseMilli(cpu)
  const read = compact({
    cpu: milli === undefined ? undefined : `${milli}m`,
    memory: memory === undefined ? undefined : parseBytes(memory),
    disk: disk === undefined ? undefined : parseBytes(disk),
  })
  return Object.keys(read).length > 0 ? read : undefined
}

/** Comparable: each amount in its plainest spelling, and requests as the server fills them in from limits. */
export function canonicalResources(found: ResourceRequirements): ResourceRequirements {
  const { requests, limits, ...rest } = found
  const plainLimits = canonicalQuantities(limits)
  const plainRequests = { ...plainLimits, ...canonicalQuantities(requests) }
  return {
    ...rest,
    ...(Object.keys(plainRequests).length > 0 ? { requests: plainRequests } : {}),
    ...(Object.keys(plainLimits).length > 0 ? { limits: plainLimits } : {}),
  }
}

function canonicalQuantities(found: Quantities | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(found ?? {}).map(([name, value]) => [name, canonicalQuantity(name, value)]),
  )
}

export function canonicalQuantity(name: string, value: string | number): string {
  if (name === 'cpu') {
    const milli = parseMilli(value)
    return milli === undefined ? String(value) : formatMilli(milli)
  }
  const bytes = parseBytes(value)
  return bytes === undefined ? String(value) : formatBytes(bytes)
}
