import { type Clock, sleep } from 'intermodal'
import type { Way } from './proxy.ts'
import { chunk, type Turn, unchunk } from './turn.ts'
import { closed, never, reset, says, status } from './ways.ts'

/** What becomes of the bytes of a stream from the moment it is broken; called with each piece as the engine wrote it. */
export type Course = (turn: Turn, bytes: Buffer) => Promise<void> | void

/** What befalls a stream until it is healed. */
export interface StreamFault {
  readonly name: string
  /** What becomes of a stream that is open. Absent: it is cut. */
  readonly course?: (() => Course) | undefined
  /** What becomes of one that is opened. Absent: it goes on as the open one does, or passes. */
  readonly opening?: Way | undefined
  /** Whether calls meet the same. */
  readonly everything?: true | undefined
}

/** So much of what comes next, and then no connection; whatever is opened anew passes. */
export function cutAfter(
  count: number,
  how: 'reset' | 'end',
  fits: (text: string) => boolean = () => true,
): () => Course {
  return () => {
    let begun = false
    let left = count
    return async (turn, bytes) => {
      begun ||= fits(bytes.toString('utf8'))
      if (!begun) return turn.send(bytes)
      const part = bytes.subarray(0, left)
      left -= part.length
      turn.send(part)
      if (left > 0) return
      // The bytes first: a reset overtakes what is still on its way.
      await new Promise((resolve) => setImmediate(resolve))
      turn[how]()
    }
  }
}

/** The frames of what an engine writes, however it is cut into pieces; changed by `change`, one after the other. */
function framewise(end: string, change: (frame: string) => readonly string[]): () => Course {
  return () => {
    let rest = ''
    return (turn, bytes) => {
      const frames = (rest + unchunk(bytes).toString('utf8')).split(end)
      rest = frames.pop() ?? ''
      const text = frames
        .flatMap((frame) => change(frame))
        .map((frame) => frame + end)
        .join('')
      if (text !== '') turn.send(chunk(Buffer.from(text)))
    }
  }
}

/** Everything that can befall a stream. */
export function streamFaults(
  clock: Clock,
  { frameEnd, unordered }: { readonly frameEnd: string; readonly unordered: boolean },
): readonly StreamFault[] {
  const openings: readonly (readonly [name: string, way: Way])[] = [
    ['is reset', reset],
    ['is closed without a word', closed],
    ['is never answered', never],
    ['is answered with the page of a hotel', says(200, [['content-type', 'text/html']], '<p>Hi')],
    ['is answered with 500', status(500)],
    ['is answered with 502', status(502)],
    ['is answered with 503', status(503)],
    ['is answered with 429', status(429, ['retry-after', '2'])],
    [
      'is sent around in a circle',
      async (turn) => turn.answer(302, [['location', turn.asked.path]], ''),
    ],
    ['is sent to somewhere else', says(307, [['location', 'http://127.0.0.1:9/']], '')],
  ]
  let held: string | undefined
  return [
    ...openings.map(([name, opening]) => ({ name: `a stream that ${name}`, opening })),
    ...openings.map(([name, opening]) => ({
      name: `everything ${name}`,
      opening,
      everything: true as const,
    })),
    { name: 'a stream that is cut between two frames', course: cutAfter(0, 'reset') },
    { name: 'a stream on which nothing comes any more', course: () => () => {} },
    {
      name: 'a stream that stops in the middle of a frame',
      course() {
        let left = 40
        return (turn, bytes) => {
          turn.send(bytes.subarray(0, left))
          left = Math.max(0, left - bytes.length)
        }
      },
    },
    {
      name: 'a stream that comes late',
      course: () => async (turn, bytes) => {
        await sleep(clock, 900)
        turn.send(bytes)
      },
    },
    {
      name: 'a stream in drops',
      course: () => async (turn, bytes) => {
        for (let at = 0; at < bytes.length; at += 7) {
          turn.send(bytes.subarray(at, at + 7))
          await new Promise((resolve) => setImmediate(resolve))
        }
      },
    },
    { name: 'events told twice', course: framewise(frameEnd, (frame) => [frame, frame]) },
    ...(unordered
      ? [
          {
            name: 'events in another order',
            course: framewise(frameEnd, (frame) => {
              const before = held
              held = before === undefined ? frame : undefined
              return before === undefined ? [] : [frame, before]
            }),
          },
        ]
      : []),
    { name: 'garbage between events', course: framewise(frameEnd, (frame) => ['\u0001{]', frame]) },
    {
      name: 'truncated events',
      course: framewise(frameEnd, (frame) => [frame.slice(0, frame.length / 2)]),
    },
    {
      name: 'a piece that breaks the framing',
      course: () => (turn) => turn.send(Buffer.from('zz\r\n')),
    },
  ]
}
