import assert from 'node:assert/strict'
import { type Adapter, type App, type AppKind, defineApp, LOSS_KINDS, type Loss } from 'intermodal'
import { covers, differences, isPointer, valueAt } from '../fields/pointer.ts'
import { type FieldSample, sampleInput } from '../fields/sample.ts'
import { samplesOf, together } from '../fields/together.ts'

/** The kind to try a field with: one the engine has, where there is one. */
export function kindFor(sample: FieldSample, adapter: Adapter): AppKind | undefined {
  return (
    sample.kinds.find((kind) => adapter.capabilities.kinds.includes(kind)) ?? sample.kinds.at(0)
  )
}

export function appOf(sample: FieldSample, adapter: Adapter): App {
  return defineApp(sampleInput(sample, kindFor(sample, adapter) ?? 'service'))
}

/** Where the way there and back is not the app again, and no loss says so. */
export function unexplained(adapter: Adapter, app: App): string[] {
  const { native, losses } = adapter.translate(app)
  if (!adapter.capabilities.kinds.includes(app.kind)) return []
  const back = adapter.interpret(native)
  const known = [...losses, ...back.losses]
  return differences(app, back.app).filter((path) => !isNamed(path, known))
}

export function isNamed(path: string, losses: readonly Loss[]): boolean {
  return losses.some((loss) => covers(loss.path, path))
}

/**
 * A loss has to be of use to the person who reads it: where, what, and in words. `source` is what it points into; the
 * losses of an interpretation may use paths that only the engine knows.
 */
export function assertLosses(losses: readonly Loss[], source?: App): void {
  for (const loss of losses) {
    const about = JSON.stringify(loss)
    assert.ok(isPointer(loss.path), `not a JSON pointer: ${about}`)
    assert.notEqual(loss.path, '', `says nothing about where: ${about}`)
    if (source) {
      assert.notEqual(valueAt(source, loss.path), undefined, `names what is not set: ${about}`)
    }
    assert.ok(LOSS_KINDS.includes(loss.kind), about)
    assertSentence(loss.detail, about)
    if (loss.remedy !== undefined) assertSentence(loss.remedy, about)
  }
}

export function assertSentence(text: string, about: string): void {
  assert.equal(typeof text, 'string', about)
  assert.equal(text, text.trim(), `blanks around: ${about}`)
  assert.ok(/\S\s+\S/.test(text) && !text.includes('\n'), `not a sentence in one line: ${about}`)
}

/** Several fields at once, from a seed: what goes wrong only in company. */
export function combinations(kind: AppKind, count: number): App[] {
  const usable = samplesOf(kind)
  const random = mulberry32(count)
  const draw = () => usable[Math.floor(random() * usable.length)] as FieldSample
  return Array.from({ length: count }, () =>
    defineApp(together(kind, Array.from({ length: 6 }, draw))),
  )
}

/** The smallest generator that is good enough; public domain, by Tommy Ettinger. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
