import { type AppId, contentHash, isAppId } from 'intermodal'

/** CronJobs and StatefulSets append up to 11 characters of their own to names of at most 63. */
const MAX_NAME = 52

/** The key of a secret or config that holds one value without a name. */
export const SINGLE_KEY = 'value'

/**
 * `/shop/web` is `shop--web`, `/web` is `web`: no label of an id ends or begins with a hyphen, so two of them in a row
 * tell where one ends. `shop-web` would be `/shop-web` as well. An id that is too long, has two hyphens inside a label, or
 * begins with a digit (Services cannot) gets a hash after three hyphens; its own id is then only in an annotation.
 */
export function objectName(id: AppId): string {
  return decodeForeign(id) ?? plainName(id)
}

function plainName(id: AppId): string {
  const labels = id.slice(1).split('/')
  const name = labels.join('--')
  const plain =
    name.length <= MAX_NAME && /^[a-z]/.test(name) && labels.every((label) => !label.includes('--'))
  return plain ? name : hashed(name, id)
}

function hashed(name: string, id: string): string {
  const hash = contentHash(id)
  const letter = /^[a-z]/.test(name) ? name : `app-${name}`
  return `${letter.slice(0, MAX_NAME - hash.length - 3).replace(/-+$/, '')}---${hash}`
}

/**
 * The id an object goes by that carries none of ours: `shop--web` is `/shop/web`, `web` is `/web`. Names no id has
 * become `/kubernetes-name/…` with what they are in it; `objectName()` is the way back for every name up to 180 characters.
 */
export function idOfName(name: string): AppId {
  return plainId(name) ?? encodeForeign(name)
}

function plainId(name: string): AppId | undefined {
  const id = `/${name.replaceAll('--', '/')}`
  return isAppId(id) && !id.startsWith(FOREIGN) && plainName(id) === name ? id : undefined
}

const FOREIGN = '/kubernetes-name/'

// Object names hold lower-case letters, digits, `-` and `.`: labels between dots are labels of the id when they fit.
function encodeForeign(name: string): AppId {
  const parts = name.split('.').flatMap((part) => ['dot', ...(part.match(/.{1,60}/g) ?? [])])
  return `${FOREIGN}${parts.map((part) => (part === 'dot' ? part : `x${part}x`)).join('/')}`
}

function decodeForeign(id: string): string | undefined {
  if (!id.startsWith(`${FOREIGN}dot/`)) return undefined
  const parts = id.slice(FOREIGN.length).split('/')
  if (!parts.every((part) => part === 'dot' || /^x.*x$/.test(part))) return undefined
  const name = parts
    .map((part) => (part === 'dot' ? '.' : part.slice(1, -1)))
    .join('')
    .slice(1)
  return plainId(name) === undefined && encodeForeign(name) === id ? name : undefined
}

/** Objects next to the main one: three hyphens are in no name `objectName()` gives without a hash. */
export function partName(name: string, part: 'pods' | 'cluster' | 'public'): string {
  return `${fit(name, 63 - part.length - 3)}---${part}`
}

/** The ConfigMap with the text of an app's files: the same text has the same name, other text another. */
export function contentName(name: string, data: Readonly<Record<string, string>>): string {
  return `${fit(name, 240)}---${contentHash(data)}`
}

/** A name of at most so many characters that no other name is cut to. */
export function fit(name: string, max: number): string {
  if (name.length <= max) return name
  const hash = contentHash(name)
  return `${name.slice(0, max - hash.length - 1).replace(/[-.]+$/, '')}-${hash}`
}
