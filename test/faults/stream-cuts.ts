import { defineApp } from 'intermodal'
import { hold } from '../laws/breach.ts'
import type { Cuts } from './cuts.ts'
import { EVERYTHING, spread } from './extent.ts'
import type { Scene } from './scene.ts'
import { cutAfter } from './stream-ways.ts'
import { Reader } from './streams.ts'

/** How many readers share the bytes of one frame. */
const READERS = 40
/** A longer frame is cut at so many of its bytes, evenly. */
const MOST = EVERYTHING ? Number.POSITIVE_INFINITY : 300

/** What the engine writes to its streams about one change, cut after each byte of it. */
export async function cutStreams(scene: Scene): Promise<Cuts> {
  const { conductor } = scene
  const id = scene.id()
  const app = { ...scene.app(id), replicas: 0 }
  await scene.make([app])
  const readers = await Promise.all(
    Array.from({ length: READERS }, (_, index) => Reader.open(scene, `reader ${index}`)),
  )
  await conductor.until(() => readers.every(({ synced }) => synced), 60_000)
  let changes = 0
  const change = async () => {
    const env = { CHANGE: ++changes % 2 === 0 ? 'even' : 'odd!' }
    await scene.direct.apply(defineApp({ ...app, env }), scene.call())
    await scene.rest()
  }
  const usual = readers[0]?.open
  const length = await lengthOfFrame(readers[0] as Reader, change)
  const offsets = spread(length, MOST)
  const problems: string[] = []
  let cut = 0
  for (let from = 0; from < offsets.length; from += READERS) {
    const some = offsets.slice(from, from + READERS)
    for (const [index, offset] of some.entries()) {
      const how = offset % 2 === 0 ? 'reset' : 'end'
      readers[index]?.break({ name: `byte ${offset}`, course: cutAfter(offset, how) })
    }
    const before = readers.map(({ opened }) => opened)
    await change()
    // An engine may take note of a change a moment after it has taken it.
    await conductor.pass(2_000)
    const truth = await scene.truth()
    await conductor.until(() => readers.every((reader) => reader.isWhole(truth)), 120_000)
    for (const [index, offset] of some.entries()) {
      try {
        const { open, opened } = readers[index] as Reader
        readers[index]?.mustBeWhole(truth)
        const anew = opened - (before[index] ?? 0)
        // An event may be shorter than the one that was measured; then it was not cut.
        hold(anew <= open, () => `it opened ${anew} streams anew`)
        if (anew > 0) cut++
        hold(open === usual, () => `it holds ${open} streams, and ${usual} before`)
      } catch (error) {
        problems.push(`cut at byte ${offset} of ${length}: ${error}`)
      }
    }
  }
  await scene.together(
    'leaving',
    readers.map((reader) => () => reader.leave(scene)),
  )
  hold(cut >= offsets.length * 0.9, () => `only ${cut} of ${offsets.length} streams were cut`)
  return { offsets: cut, problems }
}

/** The first piece that comes when something changes. */
async function lengthOfFrame(reader: Reader, change: () => Promise<void>): Promise<number> {
  const lengths: number[] = []
  reader.break({
    name: 'measuring',
    course: () => (turn, bytes) => {
      lengths.push(bytes.length)
      turn.send(bytes)
    },
  })
  await change()
  const [length] = lengths
  if (length === undefined) throw new Error('the engine wrote nothing about a change')
  return length
}
