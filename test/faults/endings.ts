import { type ErrorCode, IntermodalError } from 'intermodal'
import { hold } from '../laws/breach.ts'
import { DEADLINE, type Operation } from './operations.ts'
import type { Passed, WireProxy } from './proxy.ts'
import type { Scene } from './scene.ts'
import type { Fault } from './ways.ts'

/** What an operation does when nothing befalls it. */
export interface Usual {
  /** Which of its requests, counted from 0, are tried alone. */
  readonly positions: readonly number[]
  readonly requests: number
  readonly writes: number
  /** With those that were refused. */
  readonly sent: number
  /** Without those that may be left for another time. */
  readonly least: number
}

/** One operation, with one fault on the n-th of its requests, or on all of them. */
export interface CallCase {
  readonly operation: Operation
  readonly fault: Fault
  readonly at: number | 'all'
}

/** How a call ended. */
export interface Ending {
  readonly result?: unknown
  readonly error?: unknown
  readonly took: number
  /** Whether the caller gave up before. */
  readonly givenUp: boolean
}

export const GIVEN_UP = new Error('the caller gave up')

/** Beyond the deadline: as far as time goes at once, for the call and for what comes of it. */
const GRACE = 1_000

export function keepsItsTime(
  { took }: Ending,
  { deadlines = 1 }: Operation,
  { givenUp }: Fault,
): void {
  const limit = givenUp ?? DEADLINE * deadlines
  hold(took <= limit + GRACE, () => `it took ${took} ms, and had ${limit}`)
}

export function givesTheReason({ error, result }: Ending): void {
  const what = () => `the caller gave up, and is told ${error ?? JSON.stringify(result)}`
  hold(error === GIVEN_UP, what)
}

/** What is not another answer when it is another time. */
const PASSING: ReadonlySet<string> = new Set(['observed', 'at', 'time', 'since', 'resourceVersion'])

/** What was answered, whenever that was. */
export function gist(result: unknown): string {
  return (
    JSON.stringify(result, (key, value: unknown) => (PASSING.has(key) ? undefined : value)) ?? ''
  )
}

export function tellsTheTruth({ error, result }: Ending, answer: string): void {
  if (error === undefined)
    hold(gist(result) === answer, () => `it gives ${gist(result)}, not ${answer}`.slice(0, 400))
}

export function tellsSomethingKnown({ error }: Ending): void {
  if (error === undefined) return
  hold(IntermodalError.is(error), () => `it throws ${error}`)
  const { message } = error as IntermodalError
  hold(!message.includes('does not know'), () => `${message}: ${(error as Error).cause}`)
}

/** What waits for more than its write has only its deadline to end it, once the write was accepted. */
export function outlasted(
  scene: Scene,
  { deadlines = 1 }: Operation,
  proxy: WireProxy,
): readonly ErrorCode[] {
  return deadlines > 1 && writes(scene, proxy) > 0 ? ['TIMEOUT'] : []
}

export function tells(
  ending: Ending,
  { codes, mayPass }: Fault,
  besides: readonly ErrorCode[],
): void {
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

function accepted({ target }: Scene, { passed }: WireProxy): readonly Passed[] {
  return passed.filter((one) => one.status < 300 && target.isWrite(one))
}

export function writes(scene: Scene, proxy: WireProxy): number {
  return accepted(scene, proxy).length
}

/** Refused ones too: an engine that knows the version it was sent before does not make a blind repetition right. */
export function writesSent({ target }: Scene, { passed }: WireProxy): number {
  return passed.filter((one) => target.isWrite(one) && !target.isUpkeep?.(one)).length
}

/** Accepted writes that may not be left for another time. */
export function changes(scene: Scene, proxy: WireProxy): number {
  return accepted(scene, proxy).filter((one) => !scene.target.isUpkeep?.(one)).length
}

export function writesOnce(
  scene: Scene,
  { fault, at }: CallCase,
  proxy: WireProxy,
  { error }: Ending,
  usual: Usual,
): void {
  const sent = writesSent(scene, proxy)
  hold(sent <= usual.sent, () => `${sent} writes reached the engine, not ${usual.sent}`)
  const count = writes(scene, proxy)
  hold(count <= usual.writes, () => `${count} writes were accepted, not ${usual.writes}`)
  if (error === undefined)
    hold(count >= usual.least, () => `it succeeds with ${count} writes of ${usual.least}`)
  if (at === 'all' && !fault.reaches) {
    hold(proxy.passed.length === 0, () => 'something was sent past the fault')
  }
}
