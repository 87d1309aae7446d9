import { Writable } from 'node:stream'
import type { AppId, Clock, GroupStep } from 'intermodal'
import { createLogUpdate } from 'log-update'
import type { Io, Sink } from './io.ts'
import type { Paint } from './style.ts'
import {
  advance,
  type Progress,
  progressLine,
  renderProgress,
  startProgress,
} from './view/progress-view.ts'
import { elapsed } from './view/text.ts'

/** Where the steps of rollouts go while somebody waits for them. */
export interface Display {
  step(step: GroupStep): void
  /** A line that stays, above what is redrawn. */
  note(line: string): void
  /** Leaves the last picture standing. */
  close(): void
}

export interface DisplayOptions {
  readonly apps: readonly AppId[]
  /** The cluster's: a simulated one has a time of its own. */
  readonly clock: Clock
  readonly paint: Paint
  /** What times in lines are counted from. @default now */
  readonly began?: number | undefined
}

/** How often a terminal is drawn anew at most, milliseconds. */
export const FRAME = 100

/** Redrawn in place on a terminal; a line for each news otherwise. */
export function openDisplay(io: Io, sink: Sink, options: DisplayOptions): Display {
  return sink.isTTY && io.env.TERM !== 'dumb'
    ? liveDisplay(io, sink, options)
    : lineDisplay(sink, options)
}

function lineDisplay(sink: Sink, options: DisplayOptions): Display {
  const { apps, clock, paint, began = clock.now() } = options
  let progress: Progress = startProgress(apps)
  return {
    step(step) {
      const before = progress.get(step.app)
      progress = advance(progress, step, clock.now())
      const after = progress.get(step.app)
      const time = elapsed(clock.now() - began).padStart(5)
      const line = after && progressLine(before, after, { paint, time })
      if (line !== undefined) sink.write(`${line}\n`)
    },
    note(line) {
      sink.write(`${line}\n`)
    },
    close() {},
  }
}

function liveDisplay(io: Io, sink: Sink, { apps, clock, paint }: DisplayOptions): Display {
  const screen = updater(sink)
  let progress: Progress = startProgress(apps)
  let frame = 0
  let cancel: () => void
  const draw = () =>
    screen(renderProgress(progress, { paint, now: clock.now(), frame, width: sink.columns }))
  const tick = () => {
    frame++
    draw()
    cancel = io.clock.after(FRAME, tick)
  }
  draw()
  cancel = io.clock.after(FRAME, tick)
  return {
    step(step) {
      progress = advance(progress, step, clock.now())
      draw()
    },
    note(line) {
      screen.persist(line)
      draw()
    },
    close() {
      cancel()
      draw()
      screen.done()
    },
  }
}

/** log-update on a sink. The cursor stays: hiding it would need handlers on the process to bring it back. */
export function updater(sink: Sink): ReturnType<typeof createLogUpdate> {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Uint8Array, _encoding, done) {
      sink.write(chunk)
      done()
    },
  })
  return createLogUpdate(Object.assign(stream, { columns: sink.columns, isTTY: true }), {
    showCursor: true,
    defaultHeight: 1000,
  })
}
