/** One command of kubectl in a namespace of its own, and what it prints, errors included. */
export interface Said {
  /** Parted at spaces, but within single quotes. `<ns>` stands for the namespace. */
  readonly run: string
  readonly says: RegExp
  /** What it ends with. @default 0 */
  readonly code?: number
  readonly input?: string
  /** A script of sed that stands for whoever edits. */
  readonly edit?: string
  /** Why only the fake is asked. @default a real server is asked too */
  readonly only?: 'nodes' | 'containers' | 'no such thing here'
}

export const said = (run: string, says: RegExp, more: Omit<Said, 'run' | 'says'> = {}): Said => ({
  run,
  says,
  ...more,
})
