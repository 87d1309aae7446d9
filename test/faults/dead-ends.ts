import { IntermodalError } from 'intermodal'
import { hold } from '../laws/breach.ts'
import { type DeadEnd, deadEnds } from './addresses.ts'
import { DEADLINE } from './operations.ts'
import type { Scene } from './scene.ts'

/** A read and a write at each address at which there is no engine. Says how many, and what went wrong. */
export async function tryDeadEnds(
  scene: Scene,
): Promise<{ readonly tried: number; readonly problems: readonly string[] }> {
  const ends = await deadEnds()
  const found = await scene.together(
    'dead ends',
    ends.flatMap((end) => [() => tryOne(scene, end, 'status'), () => tryOne(scene, end, 'apply')]),
  )
  await scene.conductor.calm()
  const left = ends
    .filter((end) => end.open() > 0)
    .map((end) => `${end.open()} connections to ${end.name} are left`)
  for (const end of ends) await end[Symbol.asyncDispose]()
  return { tried: found.length, problems: [...found.flat(), ...left] }
}

async function tryOne(
  scene: Scene,
  { name, address, codes }: DeadEnd,
  what: 'status' | 'apply',
): Promise<readonly string[]> {
  await using client = scene.client(address)
  const start = scene.conductor.now()
  const id = scene.id()
  const call = what === 'status' ? client.status(id) : client.apply(scene.app(id))
  const error = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  const took = scene.conductor.now() - start
  try {
    hold(IntermodalError.is(error), () => `it ends with ${error}`)
    const { code, message, cause } = error as IntermodalError
    hold(codes.includes(code), () => `${code}, wanted ${codes.join(' or ')}: ${message} ${cause}`)
    hold(took <= DEADLINE + 1_000, () => `it took ${took} ms`)
    return []
  } catch (problem) {
    return [`${what} at ${name}: ${problem}`]
  }
}
