import { ALL_KINDS, type Kind, NAMESPACES, type Subresource } from '../kinds.ts'

/** What a path names. */
export interface Target {
  readonly kind: Kind
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: Subresource | undefined
}

/** `/apis/apps/v1/namespaces/default/deployments/web/scale`; `undefined` where the API has nothing. */
export function targetOf(path: string): Target | undefined {
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent)
  const [root, ...rest] = parts
  if (root !== 'api' && root !== 'apis') return undefined
  const group = root === 'api' ? '' : (rest.shift() ?? '')
  const version = rest.shift()
  if (version === undefined) return undefined
  const find = (plural: string | undefined) =>
    ALL_KINDS.find((one) => one.group === group && one.version === version && one.plural === plural)
  const inside = rest[0] === 'namespaces' && rest.length > 2 && !isNamespaceSubresource(rest, group)
  const namespace = inside ? rest[1] : undefined
  const [plural, name, subresource, ...more] = inside ? rest.slice(2) : rest
  const kind = find(plural)
  if (!kind || more.length > 0 || (inside && !kind.namespaced)) return undefined
  if (subresource !== undefined && !kind.subresources.includes(subresource as Subresource))
    return undefined
  if (kind.namespaced && !inside && name !== undefined) return undefined
  return { kind, namespace, name, subresource: subresource as Subresource | undefined }
}

function isNamespaceSubresource(parts: readonly string[], group: string): boolean {
  return (
    group === '' && parts.length === 3 && NAMESPACES.subresources.includes(parts[2] as Subresource)
  )
}
