import { describe, expect, it } from 'vitest'
import { demultiplex } from '../../adapters/swarm/demux.ts'
import { fc } from '../support/property.ts'

function frame(type: number, text: string): Buffer {
  const data = Buffer.from(text)
  const header = Buffer.alloc(8)
  header.writeUInt8(type, 0)
  header.writeUInt32BE(data.length, 4)
  return Buffer.concat([header, data])
}

async function* inPieces(whole: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const ends = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].sort((a, b) => a - b)
  let from = 0
  for (const end of [...ends, whole.length]) {
    yield whole.subarray(from, end)
    from = end
  }
}

describe('a multiplexed stream', () => {
  it('gives the same frames however it is cut', async () => {
    const texts = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ maxLength: 40 })))
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(2000)), async (frames, cuts) => {
        const whole = Buffer.concat(frames.map(([type, text]) => frame(type, text)))
        const seen = await Array.fromAsync(demultiplex(inPieces(whole, cuts)))
        expect(seen.map(({ stream, data }) => [stream, data.toString()])).toEqual(
          frames.map(([type, text]) => [type === 2 ? 'stderr' : 'stdout', text]),
        )
      }),
    )
  })

  it('gives six thousand frames of one chunk', async () => {
    const whole = Buffer.concat(Array.from({ length: 6000 }, () => frame(1, 'x')))
    expect(await Array.fromAsync(demultiplex(inPieces(whole, [])))).toHaveLength(6000)
  })

  it.each([1, 8, 10])(
    'gives what was whole and says so where it is cut after byte %i of a frame',
    async (bytes) => {
      const whole = Buffer.concat([frame(1, 'whole'), frame(1, 'half').subarray(0, bytes)])
      const frames = demultiplex(inPieces(whole, []))
      expect((await frames.next()).value?.data.toString()).toBe('whole')
      await expect(frames.next()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    },
  )

  it("throws when the engine reports an error in it, and does not take it for the app's", async () => {
    const whole = Buffer.concat([frame(1, 'line'), frame(3, 'Error grabbing logs')])
    await expect(Array.fromAsync(demultiplex(inPieces(whole, [])))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
  })

  it('throws when it is no multiplexed stream', async () => {
    const read = Array.fromAsync(demultiplex(inPieces(Buffer.from('plain text of a terminal'), [])))
    await expect(read).rejects.toMatchObject({ code: 'PROTOCOL' })
  })
})
