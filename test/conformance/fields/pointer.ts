/** `/files/~1etc~1app.conf` is `['files', '/etc/app.conf']`. */
export function segmentsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export function pointerOf(segments: readonly (string | number)[]): string {
  return segments
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
}

export function isPointer(text: string): boolean {
  return /^(?:\/(?:[^~/]|~[01])*)*$/.test(text)
}

export function valueAt(root: unknown, pointer: string): unknown {
  let value = root
  for (const part of segmentsOf(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}

/** A copy of `root` with the value put in; numbers in the pointer make lists. */
export function withValue(root: object, pointer: string, value: unknown): Record<string, unknown> {
  const copy = structuredClone(root) as Record<string, unknown>
  const segments = segmentsOf(pointer)
  let at = copy
  for (const [index, part] of segments.entries()) {
    if (index === segments.length - 1) at[part] = value
    else {
      at[part] ??= /^\d+$/.test(segments[index + 1] ?? '') ? [] : {}
      at = at[part] as Record<string, unknown>
    }
  }
  return copy
}

/** Whether `pointer` is `ancestor` or lies below it. Nothing but the root itself covers everything. */
export function covers(ancestor: string, pointer: string): boolean {
  return pointer === ancestor || pointer.startsWith(`${ancestor}/`)
}

/** Pointers of the leaves at which two plain values differ; what is `undefined` counts as absent. */
export function differences(a: unknown, b: unknown, at = ''): string[] {
  if (Object.is(a, b)) return []
  if (!isBranch(a) && !isBranch(b)) return [at]
  const keys = new Set([...keysOf(a), ...keysOf(b)])
  const deeper = [...keys].flatMap((key) =>
    differences(child(a, key), child(b, key), at + pointerOf([key])),
  )
  // An empty map or list against something that is none: no key to differ at.
  return deeper.length === 0 && isBranch(a) !== isBranch(b) ? [at] : deeper
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function keysOf(value: unknown): string[] {
  return isBranch(value) ? Object.keys(value) : []
}

function child(value: unknown, key: string): unknown {
  return isBranch(value) && Object.hasOwn(value, key) ? value[key] : undefined
}
