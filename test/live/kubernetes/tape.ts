import type { Change } from 'intermodal'

/** Every change of a watch, and a wait for the next that fits. */
export function tape(changes: AsyncIterable<Change>) {
  const seen: Change[] = []
  let wake = () => {}
  const ended = (async () => {
    for await (const change of changes) {
      seen.push(change)
      wake()
    }
  })()
  return {
    seen,
    ended,
    /** Its index. Looks from `from` on; rejects when the watch ends before. */
    async next(from: number, fits: (change: Change) => boolean): Promise<number> {
      for (;;) {
        const index = seen.findIndex((change, at) => at >= from && fits(change))
        if (index >= 0) return index
        const more = new Promise<void>((resolve) => {
          wake = resolve
        })
        await Promise.race([more, ended])
      }
    },
  }
}

export const synced = ({ type }: Change) => type === 'synced'
export const lost = ({ type }: Change) => type === 'lost'
