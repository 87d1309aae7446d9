/** What is sent back. `json` or `text` is the body; neither: an empty one. */
export interface Answer {
  readonly status: number
  readonly json?: unknown
  readonly text?: string
  /** Of `text`. @default text/plain */
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Thrown wherever a request turns out not to be one that can be served: the answer it gets instead. */
export class Refused extends Error {
  readonly answer: Answer

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`)
    this.answer = answer
  }
}
