import { type AppId, type AppInput, type Client, IntermodalError } from 'intermodal'
import { hold } from '../laws/breach.ts'
import type { Cuts } from './cuts.ts'
import { EVERYTHING, spread } from './extent.ts'
import { DEADLINE } from './operations.ts'
import { type Break, RawProxy } from './raw-proxy.ts'
import type { Scene } from './scene.ts'

/** A call that lasts as long as its reader. */
export interface LongCall {
  readonly name: string
  /** Whether that is the head of its request. */
  readonly strikes: (head: string) => boolean
  /** Collects what it gives, piece by piece, until it ends. */
  readonly run: (
    client: Client,
    id: AppId,
    signal: AbortSignal,
    given: string[],
  ) => Promise<unknown>
  /** Whether it ends by itself. */
  readonly ends: boolean
  /** What the app needs for it. */
  readonly fields: Partial<AppInput>
}

/** Without a long run the answer is cut at so many of its bytes, evenly. */
const MOST = EVERYTHING ? Number.POSITIVE_INFINITY : 30
/** So many stand side by side. */
const AT_ONCE = 60
/** When the caller gives up, milliseconds: after any deadline. */
const PATIENCE = 3 * DEADLINE
const ENOUGH = new Error('enough')

/** Logs that are followed, and a command. */
export const LONG_CALLS = {
  logs: {
    name: 'followed logs',
    strikes: (head) => /^GET \S*\/logs?\?/.test(head),
    ends: false,
    fields: { shell: 'echo one; echo two; exec serve' },
    async run(client, id, signal, given) {
      for await (const { text } of client.logs(id, { follow: true, signal })) given.push(text)
    },
  },
  exec: {
    name: 'exec',
    strikes: (head) => /^upgrade:/im.test(head),
    ends: true,
    // Swarm has a way to what runs on the node that is asked, and to no other.
    fields: { replicas: 20 },
    async run(client, id, signal, given) {
      const session = await client.exec(id, ['echo', 'a few words, which may be cut'], { signal })
      for await (const { data } of session.output) given.push(Buffer.from(data).toString())
      return session.exitCode
    },
  },
} as const satisfies Readonly<Record<string, LongCall>>

interface Ended {
  readonly given: string
  readonly result?: unknown
  readonly error?: unknown
}

/** The answer to a long call broken after each of its bytes, or after some. Says how often, and what went wrong. */
export async function breakLongCall(scene: Scene, call: LongCall): Promise<Cuts> {
  const id = scene.id()
  // One fake is told what is said by a script, the other by the shell of the app.
  scene.target.world.script.logs(id, ['one', 'two'])
  await scene.make([{ ...scene.app(id), ...call.fields } as AppInput])
  const [usual] = await scene.together(call.name, [() => attempt(scene, id, call, undefined)])
  if (!usual) throw new Error(`${call.name} gave nothing`)
  const { ended: whole, bytes } = usual
  hold(
    whole.given !== '',
    () => `${call.name} gives nothing when nothing befalls it: ${whole.error}`,
  )
  const cuts = spread(bytes, MOST).map(
    (after, index): Break => ({ after, what: index % 2 === 0 ? 'reset' : 'end' }),
  )
  const others = spread(bytes, 8).flatMap((after): Break[] => [
    { after, what: 'nothing' },
    { after, what: 'garbage' },
  ])
  const breaks = [...cuts, ...others]
  const problems: string[] = []
  for (let from = 0; from < breaks.length; from += AT_ONCE) {
    const some = breaks.slice(from, from + AT_ONCE)
    const found = await scene.together(
      call.name,
      some.map((one) => () => tryBreak(scene, id, call, one, whole)),
    )
    problems.push(...found.flat())
  }
  return { offsets: breaks.length, problems }
}

async function tryBreak(
  scene: Scene,
  id: AppId,
  call: LongCall,
  how: Break,
  whole: Ended,
): Promise<readonly string[]> {
  try {
    const { ended, head } = await attempt(scene, id, call, how)
    const { given, error, result } = ended
    hold(
      error === undefined || error === ENOUGH || IntermodalError.is(error),
      () => `it ends with ${error}`,
    )
    const { message = '' } = (error ?? {}) as Error
    hold(!message.includes('does not know'), () => message)
    const invented = () => `it gives ${JSON.stringify(given)}`
    hold(how.what === 'garbage' || whole.given.startsWith(given), invented)
    if (!call.ends) hold(error !== undefined, () => 'it ends as if that were all')
    // Between two frames an end means just that: what was there to come is known to nobody.
    if (result !== undefined && how.after !== head)
      hold(
        result === whole.result && given === whole.given,
        () => `it ends with ${result} after ${JSON.stringify(given)}`,
      )
    return []
  } catch (error) {
    return [`${call.name}, ${how.what} after byte ${how.after}: ${error}`]
  }
}

async function attempt(
  scene: Scene,
  id: AppId,
  call: LongCall,
  how: Break | undefined,
): Promise<{ readonly ended: Ended; readonly bytes: number; readonly head: number }> {
  const { clock } = scene.target.world
  await using proxy = await RawProxy.open({
    backend: scene.target.backend,
    strikes: call.strikes,
    stir: scene.conductor.stir,
  })
  proxy.break = how
  await using client = scene.client(proxy.address)
  const caller = new AbortController()
  const cancel = clock.after(PATIENCE, () => caller.abort(ENOUGH))
  const given: string[] = []
  const start = clock.now()
  const ended = await call.run(client, id, caller.signal, given).then(
    (result): Omit<Ended, 'given'> => ({ result }),
    (error: unknown): Omit<Ended, 'given'> => ({ error }),
  )
  cancel()
  const took = clock.now() - start
  hold(took <= PATIENCE + 1_000, () => `it took ${took} ms`)
  await scene.conductor.calm()
  hold(proxy.meant === 0, () => `its connection stays when it has ended with ${ended.error}`)
  await client[Symbol.asyncDispose]()
  await scene.conductor.calm()
  hold(proxy.open === 0, () => `${proxy.open} connections are left`)
  return { ended: { ...ended, given: given.join('') }, bytes: proxy.bytes, head: proxy.head }
}
