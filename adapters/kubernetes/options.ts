/** What translation has to know beyond the app. */
export interface TranslateOptions {
  /** The label of nodes that `placement.pool` is looked up in. @default 'intermodal.dev/pool' */
  readonly poolLabel?: string | undefined
  /**
   * Whether an app in a group also gets a Service under its last name, so that apps of one group reach each other as
   * `store` does. @default true
   */
  readonly shortNames?: boolean | undefined
}

export const POOL_LABEL = 'intermodal.dev/pool'
