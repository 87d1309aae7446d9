/**
 * The bytes of a line, without its end, wherever the chunks were cut. Of a line longer than that many bytes throws what
 * `tooLong` gives, or without it delivers pieces.
 */
export async function* splitLines(
  source: AsyncIterable<Buffer>,
  most: number,
  tooLong?: () => Error,
): AsyncGenerator<Buffer, void, void> {
  let begun: Buffer[] = []
  let size = 0
  for await (const chunk of source) {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const rest = chunk.subarray(start, end)
      start = end + 1
      if (tooLong && size + rest.length > most) throw tooLong()
      yield begun.length === 0 ? rest : Buffer.concat([...begun, rest])
      begun = []
      size = 0
    }
    if (start === chunk.length) continue
    const rest = chunk.subarray(start)
    size += rest.length
    begun.push(rest)
    if (size <= most) continue
    if (tooLong) throw tooLong()
    yield Buffer.concat(begun)
    begun = []
    size = 0
  }
  // What stands without a line end was cut off, or is the last line of a log: the reader knows which.
  if (size > 0) yield Buffer.concat(begun)
}
