import { inspect } from 'node:util'
import { CommanderError } from 'commander'
import { contextOf } from './command.ts'
import { EXIT, exitCodeOf } from './exit.ts'
import { Interrupted, type Io } from './io.ts'
import { createProgram } from './program.ts'
import { redact } from './redact.ts'
import { describeError, errorData } from './report.ts'

/** One command, from its arguments to its exit code. Never throws, and never ends the process. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.done
  const program = createProgram(io, (ended) => {
    code = ended
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) {
      // commander has printed the help, the version or the complaint already.
      return error.exitCode === 0 ? EXIT.done : EXIT.usage
    }
    return fail(error, args, io)
  }
}

function fail(error: unknown, args: readonly string[], io: Io): number {
  // An abort may reach us through a layer that wraps it; the signal knows.
  const reason: unknown = io.signal.aborted ? io.signal.reason : error
  const code = exitCodeOf(reason)
  if (reason instanceof Interrupted) {
    if (reason.message) io.stderr.write(`${reason.message}\n`)
    return code
  }
  const text = wantsJson(args)
    ? JSON.stringify({ error: errorData(reason) })
    : describeError(reason, contextOf(io, !args.includes('--no-color')).paintError)
  io.stderr.write(`${text}\n`)
  if (io.env.INTERMODAL_DEBUG) io.stderr.write(`${redact(inspect(reason))}\n`)
  return code
}

/** Looked up in the arguments themselves, because the error may have come before they were understood. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  const own = end < 0 ? args : args.slice(0, end)
  return own.some(
    (arg, index) =>
      arg === '-ojson' ||
      arg === '--output=json' ||
      ((arg === '-o' || arg === '--output') && own[index + 1] === 'json'),
  )
}
