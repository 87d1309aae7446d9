import pLimit from 'p-limit'
import type { AppId } from '../app/schema.ts'
import type { Move } from './moves.ts'

/** So many apps are worked on at a time. */
const AT_ONCE = 4

/** Works on each after those it needs, given in that order. The first failure ends the others, and is thrown when all have ended. */
export async function inOrder(
  moves: readonly Move[],
  signal: AbortSignal,
  work: (move: Move, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  return ordered(moves, ({ needs }) => needs, signal, work)
}

/** The other way round: each after those that need it. */
export async function againstOrder(
  moves: readonly Move[],
  signal: AbortSignal,
  work: (move: Move, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const dependents = (id: AppId) =>
    moves.filter(({ needs }) => needs.includes(id)).map((move) => move.id)
  return ordered([...moves].reverse(), ({ id }) => dependents(id), signal, work)
}

async function ordered(
  moves: readonly Move[],
  before: (move: Move) => readonly AppId[],
  signal: AbortSignal,
  work: (move: Move, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const broken = new AbortController()
  const inner = AbortSignal.any([signal, broken.signal])
  const limit = pLimit(AT_ONCE)
  const works = new Map<AppId, Promise<void>>()
  for (const move of moves) {
    const one = async () => {
      await Promise.all(before(move).map((id) => works.get(id)))
      await limit(async () => {
        inner.throwIfAborted()
        await work(move, inner)
      })
    }
    works.set(
      move.id,
      one().catch((error: unknown) => {
        broken.abort(error)
        throw error
      }),
    )
  }
  await Promise.allSettled(works.values())
  signal.throwIfAborted()
  broken.signal.throwIfAborted()
}
