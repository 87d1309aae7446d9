import { LOSS_KINDS, type LossKind } from 'intermodal'

/**
 * What can be said of a place in a source. `approximated`, `dropped` and `refused` mean what they mean in a translation.
 * `coerced`: the value is kept and its type is not, as in `true` for a label. `warning`: nothing was lost, and somebody
 * should look at it all the same.
 */
export const IMPORT_LOSS_KINDS = ['coerced', ...LOSS_KINDS, 'warning'] as const
/** How much is lost; `IMPORT_LOSS_KINDS` tells what each means. */
export type ImportLossKind = LossKind | 'coerced' | 'warning'

/** What became of one place in a source. Never holds the value of a variable or a secret. */
export interface ImportLoss {
  readonly file: string
  /** JSON pointer into the document of the source. */
  readonly path: string
  /** Counted from 1, where the source has lines. */
  readonly line?: number | undefined
  readonly kind: ImportLossKind
  /** What becomes of it, one sentence. */
  readonly detail: string
  readonly remedy?: string | undefined
}

/** Why a source, or a part of it, was not read at all. */
export interface ImportProblem {
  readonly file: string
  /** Counted from 1. */
  readonly line?: number | undefined
  readonly column?: number | undefined
  /** JSON pointer. */
  readonly path?: string | undefined
  readonly message: string
}

/** Where in a source something stands. */
export interface At {
  readonly file: string
  readonly path: string
  readonly line?: number | undefined
  readonly column?: number | undefined
}

/** Collects what a reader has to say. */
export class Report {
  readonly losses: ImportLoss[] = []
  readonly problems: ImportProblem[] = []

  loss(at: At, kind: ImportLossKind, detail: string, remedy?: string): void {
    const { file, path, line } = at
    this.losses.push({
      file,
      path,
      ...(line === undefined ? {} : { line }),
      kind,
      detail,
      ...(remedy === undefined ? {} : { remedy }),
    })
  }

  /** Always `undefined`, so that a reader can end with it. */
  problem({ file, path, line, column }: At, message: string): undefined {
    this.problems.push({ file, path, line, column, message })
  }
}
