import { afterAll, describe, expect, test } from 'vitest'
import { casesOf, tryCalls, usual } from './calls.ts'
import { cutReads, cutWrites } from './cuts.ts'
import { tryDeadEnds } from './dead-ends.ts'
import { breakLongCall, LONG_CALLS } from './long-calls.ts'
import { manyFaults } from './memory.ts'
import { operations } from './operations.ts'
import { Scene } from './scene.ts'
import { story } from './story.ts'
import { type Stranger, stranger } from './stranger.ts'
import { cutStreams } from './stream-cuts.ts'
import { streamFaults } from './stream-ways.ts'
import { tryStreams } from './streams.ts'
import type { OpenTarget } from './target.ts'
import { answerFaults } from './ways.ts'

/** So many cases stand on one engine at a time: the more, the longer are its lists. */
const SIDE_BY_SIDE = 60

/**
 * Registers everything that can befall the wire between one adapter and its engine, with the laws that hold all the same:
 * no call outlasts its deadline, nothing is written twice, no rejection is left over, no event is lost or invented by the
 * time a stream says it is synced, and every connection is closed in the end.
 *
 * Each test has an engine of its own, so that none pays for what others have left.
 */
export async function faults(open: () => Promise<OpenTarget>): Promise<void> {
  const { name, capabilities } = await about(open)
  const longCalls = (['logs', 'exec'] as const)
    .filter((one) => capabilities[one])
    .map((one) => LONG_CALLS[one])
  const tally = new Map<string, number>()
  const count = (what: string, cases: number) => tally.set(what, (tally.get(what) ?? 0) + cases)

  const on = async (run: (scene: Scene, elsewhere: Stranger) => Promise<void>): Promise<void> => {
    await using elsewhere = await stranger()
    await using target = await open()
    await using scene = new Scene(target)
    await run(scene, elsewhere)
    expect(elsewhere.heard, 'told to somebody else').toEqual([])
    await scene.conductor.calm()
    expect(scene.strays, 'rejections that nobody took').toEqual([])
  }

  // A guard against what hangs: a busy machine takes its time, and every byte of everything takes long.
  describe(`faults between the adapter and ${name}`, { timeout: 1_800_000 }, () => {
    afterAll(() => {
      const all = [...tally].map(([what, cases]) => `${cases} ${what}`).join(', ')
      const sum = [...tally.values()].reduce((a, b) => a + b, 0)
      process.stdout.write(`faults tried on ${name}: ${sum} (${all})\n`)
    })

    test.each(operations(capabilities))(
      '$name keeps its word, whatever befalls its answers',
      (operation) =>
        on(async (scene, elsewhere) => {
          const before = await usual(scene, operation)
          const cases = casesOf(
            operation,
            answerFaults(scene.target.world.clock, elsewhere.address),
            before,
          )
          const problems: string[] = []
          for (let from = 0; from < cases.length; from += SIDE_BY_SIDE) {
            const some = cases.slice(from, from + SIDE_BY_SIDE)
            problems.push(...(await tryCalls(scene, operation, some, before)))
          }
          count('calls', cases.length)
          expect(problems).toEqual([])
        }),
    )

    test('tells of no event too much or too little, whatever befalls its streams', () =>
      on(async (scene) => {
        const faults = streamFaults(scene.target.world.clock, scene.target)
        count('streams', faults.length)
        expect(await tryStreams(scene, faults, story)).toEqual([])
      }))

    test('does each write once, wherever in a byte its answer is cut off', () =>
      on(async (scene) => {
        const reads = await cutReads(scene)
        const writes = await cutWrites(scene)
        count('bytes of answers', reads.offsets + writes.offsets)
        expect([...reads.problems, ...writes.problems]).toEqual([])
      }))

    test('misses nothing, wherever in an event its stream is cut off', () =>
      on(async (scene) => {
        const { offsets, problems } = await cutStreams(scene)
        count('bytes of events', offsets)
        expect(problems).toEqual([])
      }))

    test.each(longCalls)('$name: gives no more than was said, and ends', (call) =>
      on(async (scene) => {
        const { offsets, problems } = await breakLongCall(scene, call)
        count(`breaks of ${call.name}`, offsets)
        expect(problems).toEqual([])
      }),
    )

    test('tells what is wrong with an address, in time', () =>
      on(async (scene) => {
        const { tried, problems } = await tryDeadEnds(scene)
        count('dead ends', tried)
        expect(problems).toEqual([])
      }))

    test('keeps nothing of what went wrong', () =>
      on(async (scene) => {
        count('faults on one client', await manyFaults(scene, 60))
      }))
  })
}

async function about(open: () => Promise<OpenTarget>) {
  await using target = await open()
  await using adapter = target.connect(target.backend)
  const { name } = target
  return { name, capabilities: adapter.capabilities }
}
