import { processIo } from './process-io.ts'
import { run } from './run.ts'

process.exitCode = await run(process.argv.slice(2), processIo())
// Open standard input must not keep a finished command alive; what was written still has to get out.
process.stdin.destroy()
