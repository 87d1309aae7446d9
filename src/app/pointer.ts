/** A place in an app, as the keys that lead to it. */
export type Path = readonly string[]

/** JSON pointer (RFC 6901) of a place. */
export function toPointer(path: Path): string {
  return path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

export function fromPointer(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Whether the place is the pattern's or below it; `*` in a pattern stands for any one key. */
export function isWithin(path: Path, pattern: Path): boolean {
  return (
    path.length >= pattern.length &&
    pattern.every((part, index) => part === '*' || part === path[index])
  )
}
