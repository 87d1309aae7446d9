import type { Clock } from 'intermodal'

/** Where a command writes. `fd` 1 and 2 in the real program, a list in tests. */
export interface Sink {
  write(data: string | Uint8Array): void
  readonly isTTY: boolean
  readonly columns: number
  readonly rows: number
}

/** Everything a command touches besides files and clusters, so that tests run it in their own process. */
export interface Io {
  readonly stdout: Sink
  readonly stderr: Sink
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean | undefined }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly clock: Clock
  /** Aborted by Ctrl-C, or when nobody reads standard output any more. */
  readonly signal: AbortSignal
}

/** The reason `Io.signal` aborts with, and the exit code that follows from it. */
export class Interrupted extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.name = 'Interrupted'
    this.exitCode = exitCode
  }
}
