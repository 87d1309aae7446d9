/** What translation has to know beyond the app. */
export interface TranslateOptions {
  /**
   * The live replica count, or the number of nodes for a daemon: what percentages are taken of when the app does not
   * say `replicas`, and the count that is kept.
   */
  readonly replicas?: number | undefined
  /**
   * How other apps reach the instances by name. `dnsrr` answers with every instance's address and works everywhere;
   * `vip` gives one address that needs IPVS in the nodes' kernels. A port on every node (`cluster`, `public`) is
   * always `vip`, the routing mesh has nothing else. @default 'dnsrr'
   */
  readonly endpointMode?: 'vip' | 'dnsrr' | undefined
  /** The negotiated version; fields that came later are losses. @default '1.41' */
  readonly apiVersion?: string | undefined
  /** Whether the adapter was given credentials for registries. @default false */
  readonly registryAuth?: boolean | undefined
}

/** Whether the engine speaks at least `1.<minor>`. */
export function speaks(options: TranslateOptions, minor: number): boolean {
  const [, found] = /^v?1\.(\d+)$/.exec(options.apiVersion ?? '1.41') ?? []
  return Number(found ?? 41) >= minor
}

const NANOSECONDS = 1_000_000
export function nanoseconds(milliseconds: number): number {
  return milliseconds * NANOSECONDS
}

/** Rounded to whole milliseconds, the model's unit; the check after reading finds what that loses. */
export function milliseconds(value: number): number {
  return Math.round(value / NANOSECONDS)
}
