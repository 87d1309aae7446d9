import { type Clock, type ErrorCode, sleep } from 'intermodal'
import type { Way } from './proxy.ts'
import { bytesOf, type Turn } from './turn.ts'

/** What befalls an answer, and what the caller may be told when it befalls every one. */
export interface Fault {
  readonly name: string
  readonly way: Way
  /** No codes: the call has to succeed all the same. */
  readonly codes: readonly ErrorCode[]
  /** Whether the request reaches the engine. */
  readonly reaches: boolean
  /**
   * Tried on single requests of a call too: what it leaves in the middle of several is another thing each time. `each`: on
   * every one, because what is made of it may be believed in one place and not in another.
   */
  readonly singly?: true | 'each' | undefined
  /** It may also succeed. */
  readonly mayPass?: true | undefined
  /** After so many milliseconds the caller gives up. */
  readonly givenUp?: number | undefined
}

const JSON_TYPE = [['content-type', 'application/json']] as const
const HTML = '<!doctype html><title>Sign in</title><p>Please sign in to the network.'

export const reset: Way = async (turn) => turn.reset()
export const closed: Way = async (turn) => turn.end()
/** The connection stays, and nothing ever comes. */
export const never: Way = async (turn) => turn.hang()

export const lost: Way = async (turn) => {
  await turn.forward()
  turn.reset()
}

const swallowed: Way = async (turn) => {
  await turn.forward()
  turn.hang()
}

/** The answer up to a byte, and then no connection. */
export function cut(at: number | ((length: number) => number), how: 'reset' | 'end'): Way {
  return async (turn) => {
    const bytes = bytesOf(await turn.forward())
    turn.send(bytes.subarray(0, typeof at === 'number' ? at : at(bytes.length)))
    // The bytes first: a reset overtakes what is still on its way.
    await new Promise((resolve) => setImmediate(resolve))
    turn[how]()
  }
}

export function late(clock: Clock, milliseconds: number): Way {
  return async (turn) => {
    await sleep(clock, milliseconds)
    await turn.pass()
  }
}

/** More drops than this prove no more, and cost a turn of the event loop each. */
const MOST_DROPS = 60

/** A piece at a time; with a clock, so slowly that nobody lives to see the end. What has no end comes in drops too. */
function dripping(clock?: Clock): Way {
  return async (turn) => {
    const drip = async (bytes: Buffer) => {
      const piece = clock ? 1 : Math.max(13, Math.ceil(bytes.length / MOST_DROPS))
      for (let at = 0; at < bytes.length && !turn.asked.socket.destroyed; at += piece) {
        turn.send(bytes.subarray(at, at + piece))
        await (clock ? sleep(clock, 1_000) : new Promise((resolve) => setImmediate(resolve)))
      }
    }
    await (turn.isStream ? turn.relay(drip) : drip(bytesOf(await turn.forward())))
  }
}

/** The head at once: what waits for its answer has one, and then hardly anything more. */
function bodyInDrops(clock: Clock): Way {
  return async (turn) => {
    const bytes = bytesOf(await turn.forward())
    const body = bytes.indexOf('\r\n\r\n') + 4
    turn.send(bytes.subarray(0, body))
    for (let at = body; at < bytes.length && !turn.asked.socket.destroyed; at++) {
      await sleep(clock, 5_000)
      turn.send(bytes.subarray(at, at + 1))
    }
  }
}

/** The connection was to be kept, and is not. */
const thenClosed: Way = async (turn) => {
  await turn.pass()
  await new Promise((resolve) => setImmediate(resolve))
  turn.end()
}

/** What befalls a request on a connection that has served before. */
function onceServed(way: Way): Way {
  return async (turn) => (turn.asked.reused ? way(turn) : turn.pass())
}

/** The engine's answer, with another body. */
function body(change: (body: string) => string): Way {
  return async (turn) => {
    const { status, headers, body } = await turn.forward()
    turn.answer(status, headers, change(body.toString('utf8')))
  }
}

export function says(
  status: number,
  headers: readonly (readonly [string, string])[],
  text: string,
): Way {
  return async (turn) => turn.answer(status, headers, text)
}

/** As a proxy or an API server says it; the body is nobody's in particular. */
export function status(code: number, ...headers: readonly (readonly [string, string])[]): Way {
  return says(code, [...JSON_TYPE, ...headers], JSON.stringify({ message: `status ${code}` }))
}

const BROKEN: readonly ErrorCode[] = ['UNAVAILABLE', 'PROTOCOL']

/** Everything that can befall the answer to a call. The address is somebody else's. */
export function answerFaults(clock: Clock, stranger: string): readonly Fault[] {
  return [...connectionFaults(clock), ...contentFaults(), ...statusFaults(stranger)]
}

function connectionFaults(clock: Clock): readonly Fault[] {
  const inBody = cut((length) => length - 3, 'reset')
  const reached = { reaches: true, codes: BROKEN } as const
  const unsent = { reaches: false, codes: ['UNAVAILABLE'] } as const
  const passes = { reaches: true, codes: [] } as const
  const silent = { reaches: true, codes: ['TIMEOUT'] } as const
  return [
    { name: 'an answer that takes its time', way: late(clock, 700), ...passes },
    { name: 'an answer after the deadline', way: late(clock, 25_000), ...silent },
    { name: 'a connection that is reset', way: reset, ...unsent, singly: true },
    { name: 'a connection that is closed without a word', way: closed, ...unsent },
    { name: 'a request that is taken and never answered', way: never, ...silent, reaches: false },
    { name: 'a request that is done and never answered', way: swallowed, ...silent, singly: true },
    { name: 'a body in drops without an end', way: bodyInDrops(clock), ...silent },
    {
      name: 'a caller who gives up on a request that is never answered',
      way: never,
      ...silent,
      reaches: false,
      singly: true,
      givenUp: 1_000,
    },
    {
      name: 'a caller who gives up in the middle of an answer',
      way: bodyInDrops(clock),
      ...silent,
      givenUp: 1_000,
    },
    { name: 'an answer lost to a reset', way: lost, ...reached, singly: true },
    { name: 'an answer that ends in its head', way: cut(20, 'end'), ...reached },
    { name: 'an answer that ends in its body', way: cut((all) => all - 3, 'end'), ...reached },
    { name: 'an answer reset in its body', way: inBody, ...reached, singly: true },
    { name: 'an answer in drops', way: dripping(), ...passes },
    { name: 'an answer in drops without an end', way: dripping(clock), ...silent },
    {
      name: 'a connection that is closed after each answer',
      way: thenClosed,
      ...reached,
      mayPass: true,
    },
    {
      name: 'a kept connection that is reset by its next request',
      way: onceServed(reset),
      ...reached,
      mayPass: true,
    },
    {
      name: 'a kept connection that is closed by its next request',
      way: onceServed(closed),
      ...reached,
      mayPass: true,
    },
  ]
}

function contentFaults(): readonly Fault[] {
  const half = body((text) => text.slice(0, Math.floor(text.length / 2)))
  const told = (type: string, text: string): Omit<Fault, 'name'> => ({
    way: says(200, [['content-type', type]], text),
    codes: ['PROTOCOL'],
    reaches: false,
  })
  const json = 'application/json'
  return [
    { name: 'truncated JSON', way: half, codes: ['PROTOCOL'], reaches: true, singly: 'each' },
    { name: 'an empty answer', ...told(json, ''), singly: true },
    { name: 'garbage', ...told(json, '{"apps": [\u0000\u0001 nonsense') },
    { name: 'the page of a hotel', ...told('text/html', HTML), singly: true },
    ...['null', '17', '"text"', '[]', '{}'].map((text) => ({
      name: `JSON of another shape, ${text}`,
      ...told(json, text),
    })),
  ]
}

function statusFaults(stranger: string): readonly Fault[] {
  const unsent = { reaches: false, codes: BROKEN } as const
  const redirect = (code: number, location: (turn: Turn) => string): Way => {
    return async (turn) => turn.answer(code, [['location', location(turn)]], '')
  }
  const later = ['retry-after', '3'] as const
  return [
    ...[500, 502, 504].map((code) => ({ name: `${code}`, way: status(code), ...unsent })),
    { name: '503', way: status(503), ...unsent, singly: true },
    { name: '502 with a page', way: says(502, [['content-type', 'text/html']], HTML), ...unsent },
    { name: '503 with Retry-After', way: status(503, later), ...unsent },
    { name: '429', way: status(429, later), reaches: false, codes: ['THROTTLED'], singly: true },
    { name: 'a redirect in a circle', way: redirect(302, ({ asked }) => asked.path), ...unsent },
    {
      name: 'a redirect to somebody else',
      way: redirect(307, () => `${stranger}/login`),
      ...unsent,
      singly: true,
    },
    { name: 'a redirect to nowhere', way: redirect(301, () => ''), ...unsent },
  ]
}
