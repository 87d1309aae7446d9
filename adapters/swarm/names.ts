import { type AppId, contentHash, isAppId } from 'intermodal'

const MAX_NAME = 63
/** Names of secrets and configs. */
const MAX_OBJECT_NAME = 64

/**
 * `/shop/web` is the service `shop_web`: labels hold no underscore, so the way back is unambiguous. An id too long for
 * a service name is cut and marked with a hash after two underscores, which no other id gives; its own id is then only
 * in the label `intermodal.app`.
 */
export function serviceName(id: AppId): string {
  const foreign = decodeForeign(id)
  if (foreign !== undefined) return foreign
  return fit(id.slice(1).replaceAll('/', '_'), id, '__', MAX_NAME)
}

/**
 * The id a service goes by that carries none of ours. `shop_web` is `/shop/web`, as a stack's services are named; names
 * with capitals or runs of underscores become `/swarm-name/<lower-case>/<where they differ>`. `serviceName()` is the
 * way back for every name.
 */
export function idOfName(name: string): AppId {
  const id = plainId(name)
  if (id !== undefined && decodeForeign(id) === undefined) return id
  return encodeForeign(name)
}

function plainId(name: string): AppId | undefined {
  const id = `/${name.replaceAll('_', '/')}`
  return isAppId(id) ? id : undefined
}

const FOREIGN = /^\/swarm-name\/([a-z0-9-]+)\/([0-9a-f]+)$/

// A service name has only letters, digits, `-` and `_`, and starts and ends with a letter or digit: in lower case and
// with hyphens it is a valid label, and one bit a character tells what it was.
function encodeForeign(name: string): AppId {
  let bits = 0n
  for (const [index, char] of [...name].entries()) {
    if (char === '_' || (char >= 'A' && char <= 'Z')) bits |= 1n << BigInt(index)
  }
  return `/swarm-name/${name.toLowerCase().replaceAll('_', '-')}/${bits.toString(16)}`
}

function decodeForeign(id: string): string | undefined {
  const [, text, hex] = FOREIGN.exec(id) ?? []
  if (text === undefined || hex === undefined || hex.length > 16) return undefined
  const bits = BigInt(`0x${hex}`)
  const name = [...text]
    .map((char, index) => {
      if (((bits >> BigInt(index)) & 1n) === 0n) return char
      return char === '-' ? '_' : char.toUpperCase()
    })
    .join('')
  const plain = plainId(name)
  const needsEncoding = plain === undefined || FOREIGN.test(plain)
  return needsEncoding && encodeForeign(name) === id ? name : undefined
}

/** The overlay network on which the apps of a group reach each other by name. */
export function groupNetwork(group: string): string {
  return fit(`intermodal${group.replaceAll('/', '_').replace(/_$/, '')}`, group, '__', MAX_NAME)
}

/** The config that holds a file's content: the same content has the same name, other content another. */
export function contentName(id: AppId, data: string): string {
  return versionedName(serviceName(id), contentHash(data))
}

/**
 * What a secret or config of ours is really called. Their content cannot change, so each content has an object of its
 * own; labels on it tell the logical name.
 */
export function versionedName(logical: string, hash: string): string {
  return `${fit(logical, logical, '-', MAX_OBJECT_NAME - hash.length - 1)}-${hash}`
}

/** `db` with the key `password` is `db.password`: names hold no dot, so the first one separates. */
export function logicalName(name: string, key?: string): string {
  return key === undefined ? name : `${name}.${key}`
}

export function splitLogicalName(logical: string): {
  readonly name: string
  readonly key?: string
} {
  const dot = logical.indexOf('.')
  return dot < 0 ? { name: logical } : { name: logical.slice(0, dot), key: logical.slice(dot + 1) }
}

function fit(text: string, identity: string, separator: string, max: number): string {
  if (text.length <= max) return text
  const hash = contentHash(identity)
  const head = text.slice(0, max - hash.length - separator.length).replace(/[-_.]+$/, '')
  return `${head}${separator}${hash}`
}
