import { systemClock } from 'intermodal'
import { Interrupted, type Io, type Sink } from './io.ts'
import { run } from './run.ts'

const interrupt = new AbortController()

function sink(stream: NodeJS.WriteStream): Sink {
  // `intermodal ps | head -1` closes the pipe: no one is left to tell anything.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    interrupt.abort(new Interrupted('', 141))
  })
  return {
    write(data) {
      if (!stream.destroyed) stream.write(data)
    },
    get isTTY() {
      return stream.isTTY === true
    },
    get columns() {
      return stream.columns ?? 80
    },
  }
}

let signals = 0
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    // The second one means it.
    if (++signals > 1) process.exit(code)
    interrupt.abort(new Interrupted('', code))
  })
}

const io: Io = {
  stdout: sink(process.stdout),
  stderr: sink(process.stderr),
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  clock: systemClock,
  signal: interrupt.signal,
}

const code = await run(process.argv.slice(2), io)
process.exitCode = code
// Open standard input must not keep a finished command alive; what was written still has to get out.
process.stdin.destroy()
