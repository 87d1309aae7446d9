import { type AppId, defineApp, IntermodalError } from 'intermodal'
import { hold } from '../laws/breach.ts'
import { changes } from './endings.ts'
import { EVERYTHING, spread } from './extent.ts'
import type { Line, Scene } from './scene.ts'
import { bytesOf, type Turn } from './turn.ts'
import { cut } from './ways.ts'

/** How many lines share the offsets of one answer. */
const LINES = 12
/** A longer answer is cut at so many of its bytes, evenly. */
const MOST = EVERYTHING ? Number.POSITIVE_INFINITY : 120

/** What the same call says when its n-th request is answered up to a byte, and then the connection is gone. */
export interface Cuts {
  /** At how many bytes. */
  readonly offsets: number
  readonly problems: readonly string[]
}

/** The smallest answer of a status that is more than nothing, or each of them, cut at every byte of it. */
export async function cutReads(scene: Scene): Promise<Cuts> {
  const id = scene.id()
  await scene.make([scene.app(id)])
  const real = await scene.direct.observe(id, scene.call())
  const all: Cuts[] = []
  for (const { number, length } of await answersToRead(scene, id)) {
    const offsets = spread(length, MOST)
    const problems = await eachOffset(scene, offsets, async (line, offset, how) => {
      let first = line.proxy.requests
      line.proxy.befall = (_, at) => {
        if (at !== first + number) return undefined
        first = Number.NaN
        return cut(offset, how)
      }
      const seen = await line.client.status(id)
      hold(seen?.revision === real?.revision, () => `it says ${seen?.revision}`)
    })
    all.push({ offsets: offsets.length, problems })
  }
  return {
    offsets: all.reduce((sum, { offsets }) => sum + offsets, 0),
    problems: all.flatMap(({ problems }) => problems),
  }
}

/** The answers to the writes of a change, cut at every byte: it is made once, and known to be made or not. */
export async function cutWrites(scene: Scene): Promise<Cuts> {
  const ids = Array.from({ length: LINES }, () => scene.id())
  await scene.make(ids.map((id) => ({ ...scene.app(id), replicas: 0 })))
  const { isWrite } = scene.target
  const usual = await answerToWrite(scene, ids[0] as AppId)
  const offsets = spread(usual.length, MOST)
  const problems = await eachOffset(scene, offsets, async (line, offset, how, index) => {
    const id = ids[index] as AppId
    line.proxy.befall = (turn) => (isWrite(turn.asked) ? cut(offset, how) : undefined)
    const before = changes(scene, line.proxy)
    const app = defineApp({ ...scene.app(id), replicas: 0, env: { OFFSET: String(offset) } })
    const revision = await line.client.apply(app, { losses: 'lenient' }).then(
      (rollout) => rollout.revision,
      (error: unknown) => {
        if (IntermodalError.is(error)) return undefined
        throw error
      },
    )
    const count = changes(scene, line.proxy) - before
    hold(count === usual.writes, () => `${count} writes were accepted, not ${usual.writes}`)
    const real = await scene.direct.observe(id, scene.call())
    if (revision) hold(revision.id === real?.revision, () => `it says ${revision.id}`)
  })
  return { offsets: offsets.length, problems }
}

async function eachOffset(
  scene: Scene,
  offsets: readonly number[],
  attempt: (line: Line, offset: number, how: 'reset' | 'end', index: number) => Promise<void>,
): Promise<readonly string[]> {
  const problems: string[] = []
  const runs = Array.from({ length: LINES }, (_, index) => async () => {
    await using line = await scene.line()
    await line.client.status(scene.id())
    for (let at = index; at < offsets.length; at += LINES) {
      const offset = offsets[at] as number
      const how = Math.floor(at / LINES) % 2 === index % 2 ? 'reset' : 'end'
      await attempt(line, offset, how, index).catch((error: unknown) => {
        problems.push(`at byte ${offset}, ${how}: ${error}`)
      })
    }
  })
  await scene.together('cuts', runs, Number.POSITIVE_INFINITY)
  return problems
}

/** Which requests of a status have answers that say something, and how long those are on the wire: the smallest, or all. */
async function answersToRead(
  scene: Scene,
  id: AppId,
): Promise<readonly { readonly number: number; readonly length: number }[]> {
  const lengths: number[] = []
  await using line = await scene.line()
  await scene.together('a first status', [() => line.client.status(id)])
  const first = line.proxy.requests
  line.proxy.befall = (_, at) =>
    measuring((length) => {
      lengths[at - first] = length
    })
  await scene.together('a status', [() => line.client.status(id)])
  const answers = lengths
    .map((length, number) => ({ number, length }))
    .filter(({ length }) => length > 200)
    .sort((a, b) => a.length - b.length)
  return EVERYTHING ? answers : answers.slice(0, 1)
}

/** How long the last answer to a write is, and how many there are. */
async function answerToWrite(
  scene: Scene,
  id: AppId,
): Promise<{ readonly length: number; readonly writes: number }> {
  let length = 0
  await using line = await scene.line()
  const { isWrite } = scene.target
  line.proxy.befall = (turn) =>
    isWrite(turn.asked)
      ? measuring((found) => {
          length = found
        })
      : undefined
  const app = { ...scene.app(id), replicas: 0, env: { OFFSET: 'none' } }
  await scene.together('an apply', [() => line.client.apply(app, { losses: 'lenient' })])
  return { length, writes: changes(scene, line.proxy) }
}

function measuring(note: (length: number) => void) {
  return async (turn: Turn) => {
    const bytes = bytesOf(await turn.forward())
    note(bytes.length)
    turn.send(bytes)
  }
}
