import type { AppId, AppStatus, Selector } from 'intermodal'
import type { Context } from './command.ts'
import { FRAME, updater } from './display.ts'
import type { Io } from './io.ts'
import { type Format, isData, print, printItem } from './output.ts'
import type { Session } from './session.ts'
import { sortStatuses, tableOptions } from './statuses.ts'
import { renderStatus } from './view/status-detail.ts'
import { type Placed, renderStatuses, type TableOptions } from './view/status-table.ts'

export interface WatchOptions {
  readonly selector: Selector
  readonly keep: (status: AppStatus) => boolean
  readonly output: Format
}

/** A table that stays true on a terminal; a row for each change without one. Ends with the signal. */
export async function watchStatuses(
  context: Context,
  sessions: readonly Session[],
  { selector, keep, output }: WatchOptions,
): Promise<never> {
  const rows = new Map<string, Placed>()
  const { stdout } = context.io
  const options = tableOptions(context, sessions, output)
  const screen =
    stdout.isTTY && !isData(output)
      ? liveScreen(context.io, () => fitting(rows, options, stdout.rows))
      : undefined
  const show = (placed: Placed, gone: boolean) => {
    const { cluster, status } = placed
    if (isData(output)) printItem(context, output, { cluster, gone, ...status })
    else if (screen) screen.changed()
    else {
      const [, row] = renderStatuses([placed], options).split('\n')
      print(context, gone ? `${row}  (gone)` : (row ?? ''))
    }
  }
  try {
    await Promise.all(
      sessions.map((session) =>
        follow(context, session, selector, (status, gone) => {
          const placed = { cluster: session.client.cluster, status }
          const key = `${placed.cluster}:${status.id}`
          const shown = rows.has(key)
          if (!gone && keep(status)) rows.set(key, placed)
          else if (!rows.delete(key)) return
          show(placed, gone || (shown && !keep(status)))
        }),
      ),
    )
  } finally {
    screen?.close()
  }
  throw context.io.signal.reason
}

/** What fits on the terminal: the rest could not be redrawn in place, and thousands of rows take a second to draw. */
function fitting(rows: ReadonlyMap<string, Placed>, options: TableOptions, height: number): string {
  const all = sortStatuses([...rows.values()])
  // A line each for the headings, for what is said of the rest, and for the cursor.
  const shown = all.length > height - 2 ? all.slice(0, Math.max(1, height - 3)) : all
  const table = renderStatuses(shown, options)
  const rest = all.length - shown.length
  return rest === 0
    ? table
    : `${table}\n… and ${rest} more; narrow it with --group, --label or --state`
}

/** Drawn anew soon after something changed, however much does: drawing at each change would leave no time for the rest. */
function liveScreen({ clock, stdout }: Io, draw: () => string) {
  const screen = updater(stdout)
  let cancel: (() => void) | undefined
  const redraw = () => {
    cancel = undefined
    screen(draw())
  }
  return {
    changed() {
      cancel ??= clock.after(FRAME, redraw)
    },
    /** Leaves the newest picture standing. */
    close() {
      if (!cancel) return
      cancel()
      redraw()
    },
  }
}

export async function watchStatus(
  context: Context,
  session: Session,
  app: AppId,
  output: Format,
): Promise<never> {
  const { stdout } = context.io
  const { client, clock } = session
  const screen = stdout.isTTY && !isData(output) ? updater(stdout) : undefined
  await follow(context, session, { ids: [app] }, (status, gone) => {
    const { paint } = context
    if (isData(output))
      return printItem(context, output, { cluster: client.cluster, gone, ...status })
    const text = gone
      ? `${app} is gone`
      : renderStatus(client.cluster, status, { paint, now: clock.now() })
    if (screen) screen(text)
    else print(context, `${text}\n`)
  })
  throw context.io.signal.reason
}

async function follow(
  { io }: Context,
  { client }: Session,
  selector: Selector,
  see: (status: AppStatus, gone: boolean) => void,
): Promise<void> {
  const types = ['app.added', 'app.changed', 'app.removed', 'cluster.lost'] as const
  for await (const event of client.events({ selector, types, signal: io.signal })) {
    if (event.type === 'app.added' || event.type === 'app.changed') see(event.status, false)
    else if (event.type === 'app.removed') see(event.status, true)
  }
}
