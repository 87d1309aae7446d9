/** An absolute path: an app, a pod or a group. `/` is the root group. */
export type PathId = `/${string}`

/** Makes a path absolute: relative ones belong to the group they are written in. */
export function absolute(path: string, base: PathId = '/'): PathId {
  const parts = path.startsWith('/') ? [] : base.split('/')
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return `/${parts.filter((part) => part !== '').join('/')}`
}

export function parentOf(path: PathId): PathId {
  return absolute('..', path)
}

export function isWithin(path: PathId, group: PathId): boolean {
  return group === '/' || path === group || path.startsWith(`${group}/`)
}

/** The groups above a path, the root first. */
export function ancestors(path: PathId): readonly PathId[] {
  return path === '/' ? [] : [...ancestors(parentOf(path)), parentOf(path)]
}

/** `/shop/web` in the ids of tasks: `shop_web`. */
export function safePath(path: PathId): string {
  return path.slice(1).replaceAll('/', '_')
}
