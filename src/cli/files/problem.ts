import { UsageError } from '../exit.ts'

/** One wrong place in what the person wrote. */
export interface Problem {
  readonly file: string
  /** Counted from 1. */
  readonly line?: number | undefined
  readonly column?: number | undefined
  /** JSON pointer into the document. */
  readonly pointer?: string | undefined
  readonly message: string
}

/** `shop.yaml:12:5 /apps/web/replicas needs a whole number (got "three")`, as editors and terminals link it. */
export function formatProblem({ file, line, column, pointer, message }: Problem): string {
  const where = line === undefined ? file : `${file}:${line}:${column ?? 1}`
  return `${where}${pointer ? ` ${pointer}` : ''} ${message}`
}

/** App files that cannot be used. Nothing was sent anywhere. */
export class InvalidInputError extends UsageError {
  readonly problems: readonly Problem[]

  constructor(found: readonly Problem[]) {
    const problems = inOrder(found)
    const [first] = problems
    super(
      problems.length === 1 && first
        ? formatProblem(first)
        : `${problems.length} problems, nothing was changed:\n${problems.map((problem) => `  ${formatProblem(problem)}`).join('\n')}`,
    )
    this.name = 'InvalidInputError'
    this.problems = problems
  }
}

/** As a person goes through them: each file from top to bottom, files as they were given. */
function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const files = [...new Set(problems.map(({ file }) => file))]
  return problems.toSorted(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  )
}
