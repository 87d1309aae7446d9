/** The formats apps are read from. */
export const IMPORT_FORMATS = ['compose', 'kubernetes', 'marathon', 'swarm'] as const
/** A format apps are read from. */
export type ImportFormat = (typeof IMPORT_FORMATS)[number]

/** One text to read apps from. */
export interface ImportSource {
  /** What it is called in the report: `docker-compose.yml`, `<stdin>`. */
  readonly file: string
  readonly text: string
  /**
   * The folder it lies in, absolute. Relative paths in it are relative to this one, and references are read from here.
   */
  readonly folder?: string | undefined
  /** A project of its own, even where another Compose file of the same folder is read with it. */
  readonly alone?: boolean | undefined
  /** Found in a folder and not asked for by name: what is of no known format is passed over with a warning. */
  readonly incidental?: boolean | undefined
}

/** The text of a file that a source refers to, or why there is none: `does not exist`. */
export type ReadReference = (
  folder: string,
  path: string,
) => Promise<{ readonly text: string } | { readonly problem: string }>
