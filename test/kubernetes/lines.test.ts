import { describe, expect, it } from 'vitest'
import { splitLines } from '../../adapters/kubernetes/lines.ts'
import { fc } from '../support/property.ts'

async function* chunks(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* parts
}

async function lines(parts: readonly Buffer[], most = 100, tooLong?: () => Error) {
  const found: string[] = []
  for await (const line of splitLines(chunks(parts), most, tooLong)) found.push(line.toString())
  return found
}

describe('lines of a stream', () => {
  it('are whole wherever the chunks were cut, inside a letter too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\n', '')),
        ),
        fc.array(fc.nat(30), { maxLength: 20 }),
        async (texts, cuts) => {
          const whole = Buffer.from(texts.map((text) => `${text}\n`).join(''))
          const at = [...new Set(cuts)].sort((a, b) => a - b)
          const parts = [0, ...at].map((from, index) =>
            whole.subarray(from, at[index] ?? whole.length),
          )
          expect(await lines(parts, 10_000)).toEqual(texts)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('end with what stands without a line end', async () => {
    expect(await lines([Buffer.from('one\ntw'), Buffer.from('o')])).toEqual(['one', 'two'])
  })

  it('are refused when they are too long, in one chunk and in many', async () => {
    const tooLong = () => new Error('too long')
    const long = Buffer.alloc(101, 'x')
    await expect(lines([Buffer.concat([long, Buffer.from('\n')])], 100, tooLong)).rejects.toThrow(
      'too long',
    )
    await expect(lines([long.subarray(0, 60), long.subarray(0, 60)], 100, tooLong)).rejects.toThrow(
      'too long',
    )
  })

  it('come in pieces when they are too long and nobody minds', async () => {
    const parts = Array.from({ length: 5 }, () => Buffer.alloc(60, 'x'))
    const found = await lines(parts, 100)
    expect(found.join('')).toBe('x'.repeat(300))
    expect(found.length).toBeGreaterThan(1)
  })
})
