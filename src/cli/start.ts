import { processIo } from './process-io.ts'
import { run } from './run.ts'

/** The program, from the words it was called with to its exit code. */
export async function start(): Promise<number> {
  const code = await run(process.argv.slice(2), processIo())
  // Open standard input must not keep a finished command alive; what was written still has to get out.
  process.stdin.destroy()
  return code
}
