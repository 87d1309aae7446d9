import { systemClock } from 'intermodal'
import { Interrupted, type Io, type Sink } from './io.ts'

/** This process's own streams, environment, folder and time. Ctrl-C, and a reader that went away, abort its signal. */
export function processIo(): Io {
  const interrupt = new AbortController()
  catchSignals(interrupt)
  return {
    stdout: sink(process.stdout, interrupt),
    stderr: sink(process.stderr, interrupt),
    stdin: process.stdin,
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    signal: interrupt.signal,
  }
}

function sink(stream: NodeJS.WriteStream, interrupt: AbortController): Sink {
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
    get rows() {
      return stream.rows ?? 24
    },
  }
}

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const

function catchSignals(interrupt: AbortController): void {
  let times = 0
  for (const [signal, code] of SIGNALS) {
    process.on(signal, () => {
      // The second one means it.
      if (++times > 1) process.exit(code)
      interrupt.abort(new Interrupted('', code))
    })
  }
}
