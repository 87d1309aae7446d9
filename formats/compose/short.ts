import type { Node } from '../text/node.ts'

/** `[host_ip:][published:]target[/protocol]` in its parts, ranges and all. */
export interface ShortPort {
  readonly hostIp?: string | undefined
  readonly published?: string | undefined
  readonly target: string
  readonly protocol?: string | undefined
}

const PORT =
  /^(?:(?:(\[[0-9a-fA-F:]+\]|[0-9.]+|[0-9a-fA-F:]*:[0-9a-fA-F:]+):)?(\d+(?:-\d+)?)?:)?(\d+(?:-\d+)?)(?:\/([a-z]+))?$/i

export function parsePort(text: string): ShortPort | undefined {
  const [all, hostIp, published, target = '', protocol] = PORT.exec(text.trim()) ?? []
  if (all === undefined) return undefined
  return { hostIp, published, target, protocol: protocol?.toLowerCase() }
}

export interface ShortVolume {
  /** A path, a volume's name, or nothing: a volume without a name. */
  readonly source?: string | undefined
  readonly target: string
  readonly modes: readonly string[]
}

/** `[source:]target[:mode,mode]`. Drive letters of Windows hold a colon. */
export function parseVolume(text: string): ShortVolume {
  const [first = '', second, third] = rejoinDrives(text.split(':'))
  if (second === undefined) return { target: first, modes: [] }
  return {
    source: first,
    target: second,
    modes: third === undefined ? [] : third.split(',').filter((mode) => mode !== ''),
  }
}

function rejoinDrives(parts: readonly string[]): string[] {
  const joined: string[] = []
  for (const part of parts) {
    const before = joined.at(-1)
    if (before !== undefined && /^[A-Za-z]$/.test(before) && /^[\\/]/.test(part))
      joined[joined.length - 1] = `${before}:${part}`
    else joined.push(part)
  }
  return joined
}

/** What makes two entries of `volumes` the same. */
export function mountTarget(node: Node): string | undefined {
  if (node.type === 'scalar') return parseVolume(String(node.value)).target
  const target = node.type === 'map' ? node.entries.get('target') : undefined
  return target?.type === 'scalar' ? String(target.value) : undefined
}

/** What makes two entries of `ports` the same. */
export function portKey(node: Node): string | undefined {
  if (node.type === 'scalar') {
    const port = parsePort(String(node.value))
    return port && keyOf(port.hostIp, port.published, port.target, port.protocol)
  }
  if (node.type !== 'map') return undefined
  const [ip, published, target, protocol] = ['host_ip', 'published', 'target', 'protocol'].map(
    (key) => {
      const value = node.entries.get(key)
      return value?.type === 'scalar' && value.value !== null ? String(value.value) : undefined
    },
  )
  return keyOf(ip, published, target, protocol)
}

function keyOf(ip = '', published = '', target = '', protocol = 'tcp'): string {
  return `${ip}:${published}:${target}/${protocol}`
}
