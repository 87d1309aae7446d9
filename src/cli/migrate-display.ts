import type { AppId, MigrationStep } from 'intermodal'
import { updater } from './display.ts'
import type { Io, Sink } from './io.ts'
import type { Paint } from './style.ts'
import { migrationLine, renderMigration } from './view/migration-view.ts'

export interface MigrationDisplay {
  step(step: MigrationStep): void
  /** Leaves the last picture standing. */
  close(): void
}

/** Redrawn in place on a terminal; a line for each news otherwise. */
export function openMigrationDisplay(
  io: Io,
  sink: Sink,
  { apps, paint, began }: { apps: readonly AppId[]; paint: Paint; began: number },
): MigrationDisplay {
  if (!sink.isTTY || io.env.TERM === 'dumb') {
    return {
      // How many are ready from moment to moment is for whoever watches.
      step: (step) =>
        step.type === 'progress' || sink.write(`${migrationLine(step, paint, began)}\n`),
      close() {},
    }
  }
  const screen = updater(sink)
  const steps = new Map<AppId, MigrationStep | undefined>(apps.map((app) => [app, undefined]))
  const draw = () => screen(renderMigration(steps, { paint, width: sink.columns }))
  draw()
  return {
    step(step) {
      steps.set(step.app, step)
      draw()
    },
    close: () => screen.done(),
  }
}
