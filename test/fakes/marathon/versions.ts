/** The last release of each line; of 1.11, which was never released, what its builds call themselves. */
const LAST = {
  '1.4': '1.4.13',
  '1.5': '1.5.15',
  '1.6': '1.6.590',
  '1.7': '1.7.236',
  '1.8': '1.8.244',
  '1.9': '1.9.109',
  '1.10': '1.10.26',
  '1.11': '1.11.0',
} as const

/** A line of Marathon, or one release of it. */
export type MarathonVersion = keyof typeof LAST | `${keyof typeof LAST}.${number}`

/** The version in full. Throws a `RangeError` for one this server does not speak. */
function fullVersion(version: string): string {
  const line = /^1\.\d+/.exec(version)?.[0] ?? ''
  if (!(line in LAST) || !/^1\.\d+(?:\.\d+)?$/.test(version)) {
    throw new RangeError(`there is no Marathon ${version} here: write one of ${Object.keys(LAST)}`)
  }
  return version in LAST ? LAST[version as keyof typeof LAST] : version
}

/** What one version of Marathon does. */
export class Dialect {
  readonly version: string
  readonly #numbers: readonly number[]

  constructor(version: string) {
    this.version = fullVersion(version)
    this.#numbers = this.version.split('.').map(Number)
  }

  /** `since('1.9.109')`: this version or a later one. */
  since(version: string): boolean {
    for (const [index, wanted] of version.split('.').map(Number).entries()) {
      const have = this.#numbers[index] ?? 0
      if (have !== wanted) return have > wanted
    }
    return true
  }

  /** Networks and ports as they were written before 1.5. */
  get old(): boolean {
    return !this.since('1.5')
  }

  /** The fields of an app it knows; the others are ignored. */
  knows(field: string): boolean {
    const since = SINCE[field]
    return (since === undefined || this.since(since)) && !(field === 'storeUrls' && !this.old)
  }
}

const SINCE: Readonly<Record<string, string>> = {
  networks: '1.5',
  tty: '1.5',
  executorResources: '1.6',
  check: '1.8',
  role: '1.9',
  resourceLimits: '1.10',
}
