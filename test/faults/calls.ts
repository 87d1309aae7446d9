import { type AppId, type AppStatus, IntermodalError, sleep } from 'intermodal'
import { hold } from '../laws/breach.ts'
import {
  type CallCase,
  changes,
  type Ending,
  GIVEN_UP,
  gist,
  givesTheReason,
  keepsItsTime,
  outlasted,
  tells,
  tellsSomethingKnown,
  tellsTheTruth,
  type Usual,
  writes,
  writesOnce,
  writesSent,
} from './endings.ts'
import { EVERYTHING, spread } from './extent.ts'
import { DEADLINE, type Operation, revisionIn } from './operations.ts'

import type { Line, Scene } from './scene.ts'
import type { Fault } from './ways.ts'

/** Of the requests of a call that only reads, so many are tried alone. */
const MOST_POSITIONS = 3

export async function usual(scene: Scene, operation: Operation): Promise<Usual> {
  const [first, second] = await prepared(scene, operation, 2)
  // What the first of all apps needs is there with the second.
  await using other = await scene.line()
  await scene.together(operation.name, [() => run(scene, operation, other, first as Place)])
  await using line = await scene.line()
  const asked: boolean[] = []
  line.proxy.befall = (turn, number) => {
    asked[number] = scene.target.isWrite(turn.asked)
    return undefined
  }
  await scene.together(operation.name, [() => run(scene, operation, line, second as Place)])
  return {
    positions: positionsOf(asked),
    requests: asked.length,
    writes: writes(scene, line.proxy),
    sent: writesSent(scene, line.proxy),
    least: changes(scene, line.proxy),
  }
}

/** The first, and each write with its neighbours; where there is none, some, evenly, with the last. */
function positionsOf(asked: readonly boolean[]): readonly number[] {
  const writes = asked.flatMap((write, at) => (write ? [at - 1, at, at + 1] : []))
  if (writes.length === 0) return spread(asked.length, MOST_POSITIONS)
  const within = [0, ...writes].filter((at) => at >= 0 && at < asked.length)
  return [...new Set(within)]
}

/** Each fault on all requests; on some by themselves where what was done before makes it another thing. */
export function casesOf(
  operation: Operation,
  faults: readonly Fault[],
  usual: Usual,
): readonly CallCase[] {
  const few = operation.singly ? usual.positions : []
  // Beyond that a call that writes only waits.
  const each = operation.singly && !operation.writes ? [...Array(usual.requests).keys()] : few
  const chosen = operation.kin && !EVERYTHING ? faults.filter(({ singly }) => singly) : faults
  return chosen.flatMap((fault) =>
    ([...(fault.singly === 'each' ? each : fault.singly ? few : []), 'all'] as const).map((at) => ({
      operation,
      fault,
      at,
    })),
  )
}

/** Tries them side by side, and says which law did not hold in which case. */
export async function tryCalls(
  scene: Scene,
  operation: Operation,
  cases: readonly CallCase[],
  usual: Usual,
): Promise<readonly string[]> {
  const places = await prepared(scene, operation, cases.length)
  const answers = operation.writes ? undefined : await answersOf(scene, operation, places)
  const tried = await scene.together(
    operation.name,
    cases.map((one, index) => () => {
      const place = places[index] as Place
      return tryCall(scene, one, place, usual, answers?.get(place))
    }),
  )
  const truth = new Map((await scene.truth()).map((status) => [status.id, status]))
  const found = await scene.together(
    'afterwards',
    tried.map((one) => () => afterwards(scene, one, truth)),
  )
  return found.flat()
}

/** Where a case takes place, and what was found there. */
interface Place {
  readonly id: AppId
  readonly found: string
}

/** What only reads leaves everything as it is: all of them look at the same few apps. */
const SHARED = 3

async function prepared(
  scene: Scene,
  operation: Operation,
  count: number,
): Promise<readonly Place[]> {
  const { absent, ready, writes } = operation
  const ids = Array.from({ length: writes ? count : Math.min(count, SHARED) }, () => scene.id())
  if (!absent) await scene.make(ids.map((id) => scene.app(id)))
  const places: Place[] = []
  for (const id of ids) {
    const found = await ready?.(scene.direct, scene.app(id), scene.call())
    places.push({ id, found: typeof found === 'string' ? found : '' })
  }
  await scene.rest()
  return Array.from({ length: count }, (_, index) => places[index % places.length] as Place)
}

function run(
  scene: Scene,
  operation: Operation,
  { client }: Line,
  { id, found }: Place,
  signal?: AbortSignal,
): Promise<unknown> {
  return operation.run({ client, id, found, signal, app: (image) => scene.app(id, image) })
}

/** A case after its call, with the client as it was left. */
interface Tried {
  readonly name: string
  readonly line: Line
  readonly id: AppId
  readonly ending: Ending
  /** What the client says as soon as nothing befalls it any more. */
  readonly seen?: AppStatus | undefined
  readonly problem?: string | undefined
}

/** What a call that only reads is told in each place when nothing befalls it. */
async function answersOf(
  scene: Scene,
  operation: Operation,
  places: readonly Place[],
): Promise<ReadonlyMap<Place, string>> {
  await using line = await scene.line()
  const ask = async (place: Place) =>
    [place, gist(await run(scene, operation, line, place))] as const
  return new Map(
    await scene.together(
      operation.name,
      [...new Set(places)].map((place) => () => ask(place)),
    ),
  )
}

async function tryCall(
  scene: Scene,
  one: CallCase,
  place: Place,
  usual: Usual,
  answer: string | undefined,
): Promise<Tried> {
  const { operation, fault, at } = one
  const { id } = place
  const name = `${operation.name}, ${fault.name} at ${at === 'all' ? 'every request' : `request ${at + 1}`}`
  const line = await scene.line()
  line.proxy.befall = (_, number) => (at === 'all' || number === at ? fault.way : undefined)
  const ending = await end(scene, one, line, place)
  const tried = { name, line, id, ending }
  try {
    keepsItsTime(ending, operation, fault)
    if (ending.givenUp) givesTheReason(ending)
    else if (at === 'all') tells(ending, fault, outlasted(scene, operation, line.proxy))
    else tellsSomethingKnown(ending)
    if (answer !== undefined) tellsTheTruth(ending, answer)
    writesOnce(scene, one, line.proxy, ending, usual)
    // Time passes when all is calm: what the end of a call closes has been closed by then. What a failure of one of several
    // requests leaves behind has the time of the call.
    const rest = ending.givenUp ? 0 : DEADLINE - ending.took
    await sleep(scene.target.world.clock, Math.max(rest, 0) + 1)
    const { waiting } = line.proxy
    hold(waiting === 0, () => `it is over, and ${waiting} of its requests still wait`)
    line.proxy.befall = () => undefined
    return { ...tried, seen: await patiently(scene, () => line.client.status(id)) }
  } catch (error) {
    line.proxy.befall = () => undefined
    return { ...tried, problem: messageOf(error) }
  }
}

async function afterwards(
  scene: Scene,
  { name, line, id, ending, seen, problem }: Tried,
  truth: ReadonlyMap<AppId, AppStatus>,
): Promise<readonly string[]> {
  const problems = problem === undefined ? [] : [problem]
  try {
    if (problem === undefined) await answersAgain(scene, line, id, ending, seen, truth.get(id))
    await line.client[Symbol.asyncDispose]()
    await scene.conductor.calm()
    hold(line.proxy.open === 0, () => `${line.proxy.open} connections are left`)
  } catch (error) {
    problems.push(messageOf(error))
  }
  await line[Symbol.asyncDispose]()
  return problems.map((problem) => `${name}: ${problem}`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function end(
  scene: Scene,
  { operation, fault: { givenUp } }: CallCase,
  line: Line,
  place: Place,
): Promise<Ending> {
  const { clock } = scene.target.world
  const caller = new AbortController()
  const cancel =
    givenUp === undefined ? () => {} : clock.after(givenUp, () => caller.abort(GIVEN_UP))
  const start = clock.now()
  const took = () => clock.now() - start
  const ending = await run(scene, operation, line, place, caller.signal).then(
    (result) => ({ result, took: took(), givenUp: caller.signal.aborted }),
    (error: unknown) => ({ error, took: took(), givenUp: caller.signal.aborted }),
  )
  cancel()
  return ending
}

/** Once nothing befalls it any more: the same client, with the truth. */
async function answersAgain(
  scene: Scene,
  { client }: Line,
  id: AppId,
  { result, error }: Ending,
  early: AppStatus | undefined,
  listed: AppStatus | undefined,
): Promise<void> {
  // What was still going on when it was asked is looked at once more, by both at the same time.
  const settled = alike(early, listed)
  const seen = settled ? early : await patiently(scene, () => client.status(id))
  const real = settled ? listed : await scene.direct.observe(id, scene.call())
  const differ = () => `afterwards it says ${brief(seen)}, and the engine ${brief(real)}`
  hold(alike(seen, real), differ)
  const revision = error === undefined ? revisionIn(result) : undefined
  if (revision)
    hold(
      real?.revision === revision.id,
      () => `it says ${revision.id} was accepted, and the engine has ${brief(real)}`,
    )
}

function alike(one: AppStatus | undefined, other: AppStatus | undefined): boolean {
  return one?.revision === other?.revision && one?.generation.desired === other?.generation.desired
}

async function patiently<T>(scene: Scene, ask: () => Promise<T>): Promise<T> {
  const { clock } = scene.target.world
  for (const end = clock.now() + 120_000; ; await sleep(clock, 5_000)) {
    try {
      return await ask()
    } catch (error) {
      if (!IntermodalError.is(error) || !error.retryable || clock.now() > end) throw error
    }
  }
}

function brief(status: AppStatus | undefined): string {
  return status ? `${status.state} ${status.revision} (${status.generation.desired})` : 'nothing'
}
