import { IntermodalError } from 'intermodal'

export interface Frame {
  readonly stream: 'stdout' | 'stderr'
  readonly data: Buffer
}

const HEADER = 8
const STDERR = 2
const SYSTEM_ERROR = 3
/** More is no log line: the stream is not what it is taken for. */
const MAX_FRAME = 16 * 2 ** 20

/**
 * The engine's multiplexed stream: 8 bytes of header (which stream, three zeros, length), then so many bytes. Copies
 * each byte at most once, waits for the reader, and says when the engine itself reports an error in it (type 3),
 * which dockerode takes for log text.
 */
export async function* demultiplex(
  source: AsyncIterable<Buffer>,
): AsyncGenerator<Frame, void, void> {
  const reader = new ByteReader(source)
  for (;;) {
    const header = await reader.take(HEADER)
    if (!header && reader.size > 0) throw brokenOff()
    if (!header) return
    const type = header.readUInt8(0)
    const length = header.readUInt32BE(4)
    if (type > SYSTEM_ERROR || header.readUIntBE(1, 3) !== 0 || length > MAX_FRAME)
      throw new IntermodalError('PROTOCOL', 'the stream of the engine is out of step')
    const data = await reader.take(length)
    if (!data) throw brokenOff()
    if (type === SYSTEM_ERROR) {
      throw new IntermodalError('UNAVAILABLE', 'the engine could not read all of the logs', {
        remedy: 'see whether every node of the app is up: `docker node ls`',
      })
    }
    yield { stream: type === STDERR ? 'stderr' : 'stdout', data }
  }
}

/** A connection may end as cleanly in the middle of a frame as between two. */
function brokenOff(): IntermodalError {
  return new IntermodalError('UNAVAILABLE', 'the stream of the engine broke off', {
    remedy: 'see whether the engine or a proxy was restarted, then try again',
  })
}

class ByteReader {
  readonly #source: AsyncIterator<Buffer>
  #chunks: Buffer[] = []
  #size = 0

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** How many bytes have come and were not taken. */
  get size(): number {
    return this.#size
  }

  /** Exactly so many bytes; undefined when the stream ends before. */
  async take(length: number): Promise<Buffer | undefined> {
    while (this.#size < length) {
      const next = await this.#source.next()
      if (next.done) return undefined
      this.#chunks.push(next.value)
      this.#size += next.value.length
    }
    const [first] = this.#chunks
    const whole =
      this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks, this.#size)
    this.#chunks = whole.length > length ? [whole.subarray(length)] : []
    this.#size -= length
    return whole.subarray(0, length)
  }
}
