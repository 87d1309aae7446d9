import type { AppId } from 'intermodal'
import type { ExecAnswer, WorldState } from './model.ts'

export type ExecAnswers =
  | Readonly<Record<string, string | ExecAnswer>>
  | ((command: readonly string[], instance: string) => string | ExecAnswer | undefined)

/** What processes say: their log lines, and what commands run in them answer. */
export class Scripts {
  readonly #state: WorldState
  readonly #functions = new Map<AppId, Exclude<ExecAnswers, Readonly<Record<string, unknown>>>>()

  constructor(state: WorldState) {
    this.#state = state
  }

  /** Each instance writes these lines when its process starts, from the next start on. */
  logs(app: AppId, lines: readonly string[]): void {
    this.#state.scripts.set(app, { ...this.#state.scripts.get(app), logs: lines })
  }

  /**
   * Answers to commands, by the command's words joined with spaces, or by a function (which a snapshot cannot keep).
   * What has no answer exits with 127, as an unknown command does.
   */
  exec(app: AppId, answers: ExecAnswers): void {
    if (typeof answers === 'function') {
      this.#functions.set(app, answers)
      return
    }
    const exec = Object.fromEntries(
      Object.entries(answers).map(([command, answer]) => [command, complete(answer)]),
    )
    this.#state.scripts.set(app, { ...this.#state.scripts.get(app), exec })
  }

  answer(app: AppId, command: readonly string[], instance: string): ExecAnswer {
    const told = this.#functions.get(app)?.(command, instance)
    const answer = told ?? this.#state.scripts.get(app)?.exec?.[command.join(' ')]
    return answer === undefined
      ? { stderr: `${command[0]}: not found\n`, exitCode: 127 }
      : complete(answer)
  }
}

function complete(answer: string | ExecAnswer): ExecAnswer {
  return typeof answer === 'string' ? { stdout: answer } : answer
}
