import { type AppInput, formatCpu, formatMemory, type Resources } from 'intermodal'
import type { Report } from './loss.ts'
import { MEBIBYTE, speaks, type TranslateOptions } from './options.ts'
import type { ResourceLimits } from './wire.ts'

export interface Reserved {
  readonly cpus?: number
  readonly mem?: number
  readonly disk?: number
  readonly gpus?: number
}

/**
 * Marathon reserves what it limits; since 1.10 the limits may lie higher. `at` is where the resources are in the app.
 */
export function writeResources(
  resources: Resources,
  at: string,
  options: TranslateOptions,
  report: Report,
): { readonly reserved: Reserved; readonly limits?: ResourceLimits } {
  const { requests = {}, limits = {}, gpus } = resources
  const separate = speaks(options, '1.10')
  const take = (key: 'cpu' | 'memory' | 'disk'): number | undefined => {
    const [request, limit] = [requests[key], limits[key]]
    if (limit === undefined || request === limit) return request
    if (request === undefined) return limit
    if (separate && key !== 'disk') return request
    if (key === 'cpu') {
      report(
        'approximated',
        `${at}/limits/cpu`,
        `Marathon before 1.10 gives shares: ${formatCpu(request)} of a busy agent, more of an idle one`,
      )
      return request
    }
    report(
      'approximated',
      `${at}/limits/${key}`,
      `Marathon reserves what it limits, so ${formatMemory(limit)} is reserved as well`,
    )
    return limit
  }
  const [cpu, memory, disk] = [take('cpu'), take('memory'), take('disk')]
  if (cpu === undefined || memory === undefined) {
    report(
      'approximated',
      at,
      'Marathon reserves 1 cpu and 128 MiB where nothing is said, and holds the app to that memory',
      'set resources.requests',
    )
  }
  const higher: ResourceLimits = {
    ...(separate && limits.cpu !== undefined && limits.cpu !== cpu
      ? { cpus: limits.cpu / 1000 }
      : {}),
    ...(separate && limits.memory !== undefined && limits.memory !== memory
      ? { mem: limits.memory / MEBIBYTE }
      : {}),
  }
  return {
    reserved: {
      ...(cpu === undefined ? {} : { cpus: cpu / 1000 }),
      ...(memory === undefined ? {} : { mem: memory / MEBIBYTE }),
      ...(disk === undefined ? {} : { disk: disk / MEBIBYTE }),
      ...(gpus === undefined ? {} : { gpus }),
    },
    ...(Object.keys(higher).length > 0 ? { limits: higher } : {}),
  }
}

export function readResources(
  { cpus, mem, disk, gpus }: Reserved,
  limits: ResourceLimits | undefined,
): NonNullable<AppInput['resources']> {
  const cpu = cpuOf(cpus)
  const memory = memoryOf(mem)
  // What is reserved is the limit too, as long as no other is set.
  const limitMemory = limits?.mem === undefined ? memory : memoryOf(limits.mem)
  const limitCpu = cpuOf(limits?.cpus)
  const requests = {
    ...(cpu ? { cpu: formatCpu(cpu) } : {}),
    ...(memory ? { memory: formatMemory(memory) } : {}),
    ...(disk ? { disk: formatMemory(Math.round(disk * MEBIBYTE)) } : {}),
  }
  const most = {
    ...(limitCpu && limitCpu >= (cpu ?? 0) ? { cpu: formatCpu(limitCpu) } : {}),
    ...(limitMemory && limitMemory >= (memory ?? 0) ? { memory: formatMemory(limitMemory) } : {}),
  }
  return {
    ...(Object.keys(requests).length > 0 ? { requests } : {}),
    ...(Object.keys(most).length > 0 ? { limits: most } : {}),
    ...(gpus ? { gpus } : {}),
  }
}

function cpuOf(cpus: number | 'unlimited' | undefined): number | undefined {
  return typeof cpus === 'number' ? Math.round(cpus * 1000) : undefined
}

function memoryOf(mem: number | 'unlimited' | undefined): number | undefined {
  return typeof mem === 'number' ? Math.round(mem * MEBIBYTE) : undefined
}
