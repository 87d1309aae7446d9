/** What translation has to know beyond the app. */
export interface TranslateOptions {
  /** The server's version, as `/v2/info` tells it. It chooses the dialect, and which fields there are. @default '1.5' */
  readonly version?: string | undefined
  /** The live instance count: what counts of an update's budgets are shares of, and the count that is kept. */
  readonly replicas?: number | undefined
}

/** Two forms of networks and ports: before 1.5, and since. */
export type Dialect = '1.4' | '1.5'

/** What is translated for while no server was asked: every Marathon from 1.5 on takes it. */
export const BASELINE = '1.5'

/** Everything there ever was: for comparing. */
export const NEWEST = '1.11'

export function dialectOf({ version }: TranslateOptions): Dialect {
  return isAtLeast(version ?? BASELINE, '1.5') ? '1.5' : '1.4'
}

export function speaks(options: TranslateOptions, version: string): boolean {
  return isAtLeast(options.version ?? BASELINE, version)
}

/** `1.10.26` is at least `1.9`; suffixes such as `-SNAPSHOT` do not count. A version nobody can read is the newest. */
export function isAtLeast(version: string, wanted: string): boolean {
  const have = numbersOf(version)
  if (have.length === 0) return true
  for (const [index, number] of numbersOf(wanted).entries()) {
    const mine = have[index] ?? 0
    if (mine !== number) return mine > number
  }
  return true
}

function numbersOf(version: string): number[] {
  const [text] = /^\d+(?:\.\d+)*/.exec(version.replace(/^v/, '')) ?? []
  return text === undefined ? [] : text.split('.').map(Number)
}

/** Whole seconds, never fewer than asked for. */
export function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000)
}

export const MEBIBYTE = 1024 * 1024
