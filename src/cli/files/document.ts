export type Path = readonly (string | number)[]

export interface Position {
  readonly line: number
  readonly column: number
}

/** One document of an app file, and the way from a place in its value back to the text. */
export interface Document {
  /** As the person gave it: `shop.yaml`, `<stdin>`. */
  readonly file: string
  /** Files that the document refers to have to be in here. */
  readonly folder: string
  readonly value: unknown
  /** Modules are code: their values may be used as they are, and have no positions. */
  readonly isModule: boolean
  /** Where this place is written, or the nearest place around it that is. With a key: where that key is. */
  locate(path: Path, key?: string): Position | undefined
}

/** `/apps/web/files/~1etc~1x` as its parts. */
export function parsePointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export function toPointer(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
