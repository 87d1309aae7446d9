import type { Context } from './command.ts'
import type { Format } from './output.ts'
import type { Session } from './session.ts'
import type { Placed, TableOptions } from './view/status-table.ts'

/** By cluster, then by id. */
export function sortStatuses(rows: readonly Placed[]): Placed[] {
  const key = ({ cluster, status }: Placed) => `${cluster}:${status.id}`
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

/** Each cluster's rows are told by its own time; a terminal's are cut to its width. */
export function tableOptions(
  context: Context,
  sessions: readonly Session[],
  output: Format,
): TableOptions {
  const { stdout } = context.io
  const clocks = new Map(sessions.map(({ client, clock }) => [client.cluster, clock]))
  return {
    paint: context.paint,
    now: (cluster: string) => (clocks.get(cluster) ?? context.io.clock).now(),
    wide: output === 'wide',
    clusters: sessions.length > 1,
    width: stdout.isTTY && output !== 'wide' ? stdout.columns : undefined,
  }
}
