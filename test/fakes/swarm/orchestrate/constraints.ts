import type { NodeObject } from '../store/objects.ts'

export interface Constraint {
  readonly key: string
  readonly equal: boolean
  readonly value: string
}

const KEY = /^[a-zA-Z][a-zA-Z0-9_.-]*$/
const VALUE = /^[\w.:-][\w.:/ +-]*$/

/** Throws what the engine says to one it cannot read. */
export function parseConstraints(given: readonly string[]): Constraint[] {
  return given.map((text) => {
    const equal = text.includes('==')
    const parts = equal ? text.split('==') : text.split('!=')
    if (parts.length < 2) throw new Error('constraint expected one operator from ==, !=')
    const [key = '', value = ''] = parts.map((part) => part.trim())
    if (!KEY.test(key)) throw new Error(`key '${key}' is invalid`)
    if (!VALUE.test(value)) throw new Error(`value '${value}' is invalid`)
    return { key, equal, value }
  })
}

/** Whether the node is as a constraint wants it. Case counts only in labels' keys. */
export function fits(constraint: Constraint, node: NodeObject): boolean {
  const found = attribute(constraint.key, node)
  if (found === undefined) return false
  const same = found.toLowerCase() === constraint.value.toLowerCase()
  return same === constraint.equal
}

function attribute(key: string, { ID, Spec, Description, Status }: NodeObject): string | undefined {
  const label = /^node\.labels\.(.+)$/i.exec(key)?.[1]
  if (label !== undefined) return Spec.Labels?.[label] ?? ''
  const engine = /^engine\.labels\.(.+)$/i.exec(key)?.[1]
  if (engine !== undefined) return Description?.Engine?.Labels?.[engine] ?? ''
  switch (key.toLowerCase()) {
    case 'node.id':
      return ID
    case 'node.hostname':
      return Description?.Hostname ?? ''
    case 'node.role':
      return Spec.Role ?? 'worker'
    case 'node.ip':
      return Status.Addr ?? ''
    case 'node.platform.os':
      return Description?.Platform?.OS ?? ''
    case 'node.platform.arch':
      return Description?.Platform?.Architecture ?? ''
    default:
      return undefined
  }
}
