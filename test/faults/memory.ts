import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { hold } from '../laws/breach.ts'
import type { Scene } from './scene.ts'
import { Reader } from './streams.ts'
import { lost } from './ways.ts'

/** Bytes of heap that live on after a full collection. */
function retained(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

const sockets = () =>
  process.getActiveResourcesInfo().filter((name) => name.startsWith('TCPSocket')).length

/**
 * What may be kept for each fault, bytes: the proxy notes every request, the engine of the test its history, 8 KB together. A
 * socket that is kept is ten times as much.
 */
const PER_FAULT = 16_384

/**
 * The same client through many faults: what it keeps does not grow with them, and neither do its connections. Says how
 * many there were.
 */
export async function manyFaults(scene: Scene, rounds: number): Promise<number> {
  const id = scene.id()
  await scene.make([scene.app(id)])
  const reader = await Reader.open(scene, 'many faults', { history: 10 })
  await scene.conductor.until(() => reader.synced, 60_000)
  const { client, proxy } = reader.line
  const streams = reader.open
  const round = async () => {
    const wanted = reader.opened + streams
    proxy.cut()
    const back = () => reader.opened >= wanted && reader.open === streams && reader.view.synced
    hold(await scene.conductor.until(back, 120_000), () => 'it does not come back')
    const before = proxy.requests
    const broken = proxy.befall
    proxy.befall = (turn, number) => (number === before ? lost : broken(turn, number))
    await scene.together('a status', [() => client.status(id)])
    proxy.befall = broken
    reader.types.length = 0
  }
  // Code is compiled and buffers are sized in the first of them.
  for (let count = 0; count < rounds; count++) await round()
  const [heap, open] = [retained(), sockets()]
  for (let count = 0; count < rounds; count++) await round()
  const grown = retained() - heap
  hold(grown < rounds * PER_FAULT, () => `${grown} bytes more after ${rounds} faults`)
  hold(sockets() <= open, () => `${sockets()} connections, and ${open} before`)
  await scene.together('leaving', [() => reader.leave(scene)])
  // Two in each: its connections, and an answer.
  return 4 * rounds
}
