import { type AppId, type AppStatus, type ErrorCode, IntermodalError, sleep } from 'intermodal'
import { hold } from '../laws/breach.ts'
import { DEADLINE, type Operation, revisionIn } from './operations.ts'
import type { WireProxy } from './proxy.ts'
import type { Line, Scene } from './scene.ts'
import type { Fault } from './ways.ts'

/** What an operation does when nothing befalls it. */
export interface Usual {
  readonly requests: number
  readonly writes: number
}

/** One operation, with one fault on the n-th of its requests, or on all of them. */
export interface CallCase {
  readonly operation: Operation
  readonly fault: Fault
  readonly at: number | 'all'
}

/** Beyond the deadline: as far as time goes at once, for the call and for what comes of it. */
const GRACE = 1_000

/** What comes after so many requests of a call is its waiting. */
const MOST_POSITIONS = 5

export async function usual(scene: Scene, operation: Operation): Promise<Usual> {
  const [id] = await prepared(scene, operation, 1)
  await using line = await scene.line()
  await scene.together(operation.name, [() => operation.run(line.client, id as AppId)])
  await scene.remove([id as AppId])
  return { requests: line.proxy.requests, writes: writes(scene, line.proxy) }
}

/** Each fault on all requests; on each by itself where what was done before makes it another thing. */
export function casesOf(
  operation: Operation,
  faults: readonly Fault[],
  { requests }: Usual,
): readonly CallCase[] {
  const positions = operation.writes ? [...Array(Math.min(requests, MOST_POSITIONS)).keys()] : []
  return faults.flatMap((fault) =>
    ([...(fault.singly ? positions : []), 'all'] as const).map((at) => ({ operation, fault, at })),
  )
}

/** Tries them side by side, and says which law did not hold in which case. */
export async function tryCalls(
  scene: Scene,
  operation: Operation,
  cases: readonly CallCase[],
  usual: Usual,
): Promise<readonly string[]> {
  const ids = await prepared(scene, operation, cases.length)
  const found = await scene.together(
    operation.name,
    cases.map((one, index) => () => tryCall(scene, one, ids[index] as AppId, usual)),
  )
  await scene.remove(ids)
  return found.flat()
}

async function prepared(
  scene: Scene,
  operation: Operation,
  count: number,
): Promise<readonly AppId[]> {
  const ids = Array.from({ length: count }, () => scene.id())
  await scene.make(ids.flatMap((id) => operation.before(id) ?? []))
  return ids
}

async function tryCall(
  scene: Scene,
  one: CallCase,
  id: AppId,
  usual: Usual,
): Promise<readonly string[]> {
  const { operation, fault, at } = one
  const name = `${operation.name}, ${fault.name} at ${at === 'all' ? 'every request' : `request ${at + 1}`}`
  try {
    await using line = await scene.line()
    line.proxy.befall = (_, number) => (at === 'all' || number === at ? fault.way : undefined)
    const ending = await end(scene, operation, line, id)
    keepsItsTime(ending, operation)
    if (at === 'all') tells(ending, fault, outlasted(scene, operation, line.proxy))
    else tellsSomethingKnown(ending)
    writesOnce(scene, one, line.proxy, ending, usual)
    line.proxy.befall = () => undefined
    await answersAgain(scene, line, id, ending)
    await line.client[Symbol.asyncDispose]()
    await scene.conductor.calm()
    hold(line.proxy.open === 0, () => `${line.proxy.open} connections are left`)
    return []
  } catch (error) {
    return [`${name}: ${error instanceof Error ? error.message : error}`]
  }
}

interface Ending {
  readonly result?: unknown
  readonly error?: unknown
  readonly took: number
}

async function end(
  scene: Scene,
  operation: Operation,
  { client }: Line,
  id: AppId,
): Promise<Ending> {
  const start = scene.conductor.now()
  const took = () => scene.conductor.now() - start
  return operation.run(client, id).then(
    (result) => ({ result, took: took() }),
    (error: unknown) => ({ error, took: took() }),
  )
}

function keepsItsTime({ took }: Ending, { deadlines = 1 }: Operation): void {
  const limit = DEADLINE * deadlines
  hold(took <= limit + GRACE, () => `it took ${took} ms, and had ${limit}`)
}

function tellsSomethingKnown({ error }: Ending): void {
  if (error === undefined) return
  hold(IntermodalError.is(error), () => `it throws ${error}`)
  const { message } = error as IntermodalError
  hold(!message.includes('does not know'), () => `${message}: ${(error as Error).cause}`)
}

/** What waits for more than its write has only its deadline to end it, once the write was accepted. */
function outlasted(
  scene: Scene,
  { deadlines = 1 }: Operation,
  proxy: WireProxy,
): readonly ErrorCode[] {
  return deadlines > 1 && writes(scene, proxy) > 0 ? ['TIMEOUT'] : []
}

function tells(ending: Ending, { codes, mayPass }: Fault, besides: readonly ErrorCode[]): void {
  tellsSomethingKnown(ending)
  const { error, result } = ending
  if (mayPass && error === undefined) return
  if (codes.length === 0) {
    hold(error === undefined, () => `it fails with ${error}`)
    return
  }
  hold(error !== undefined, () => `it gives ${JSON.stringify(result)?.slice(0, 200)}`)
  const { code, message } = error as IntermodalError
  const wanted = [...codes, ...besides]
  hold(wanted.includes(code), () => `${code}, wanted ${wanted.join(' or ')}: ${message}`)
}

export function writes({ target }: Scene, { passed }: WireProxy): number {
  return passed.filter((one) => one.status < 300 && target.isWrite(one)).length
}

function writesOnce(
  scene: Scene,
  { fault, at }: CallCase,
  proxy: WireProxy,
  { error }: Ending,
  usual: Usual,
): void {
  const count = writes(scene, proxy)
  hold(count <= usual.writes, () => `${count} writes were accepted, not ${usual.writes}`)
  if (error === undefined)
    hold(count === usual.writes, () => `it succeeds with ${count} writes of ${usual.writes}`)
  if (at === 'all' && !fault.reaches) {
    hold(proxy.passed.length === 0, () => 'something was sent past the fault')
  }
}

/** Once nothing befalls it any more: the same client, with the truth. */
async function answersAgain(
  scene: Scene,
  { client }: Line,
  id: AppId,
  { result, error }: Ending,
): Promise<void> {
  const seen = await patiently(scene, () => client.status(id))
  const real = await scene.direct.observe(id, scene.call())
  const same =
    seen?.revision === real?.revision && seen?.generation.desired === real?.generation.desired
  hold(same, () => `afterwards it says ${brief(seen)}, and the engine ${brief(real)}`)
  const revision = error === undefined ? revisionIn(result) : undefined
  if (revision)
    hold(
      real?.revision === revision.id,
      () => `it says ${revision.id} was accepted, and the engine has ${brief(real)}`,
    )
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
