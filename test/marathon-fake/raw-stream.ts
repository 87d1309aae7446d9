import { request } from 'node:http'
import { onTestFinished } from 'vitest'

export interface RawStream {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Everything that came, packet by packet. */
  readonly packets: readonly string[]
  readonly text: () => string
  readonly events: () => readonly {
    readonly type: string
    readonly data: Record<string, unknown>
  }[]
  readonly ended: boolean
  /** Stops reading, as a reader that is busy with something else. */
  readonly pause: () => void
  /** Waits until what was sent says so. */
  readonly until: (seen: () => boolean) => Promise<void>
}

/** Opens an event stream and keeps the bytes as they come. */
export async function openStream(
  url: string,
  query = '',
  accept: string | undefined = 'text/event-stream',
): Promise<RawStream> {
  const packets: string[] = []
  let wake = () => {}
  const state = { ended: false }
  const { promise, resolve, reject } = Promise.withResolvers<import('node:http').IncomingMessage>()
  const sent = request(`${url}/v2/events${query}`, {
    headers: accept === undefined ? {} : { accept },
    agent: false,
  })
  sent.on('response', resolve).on('error', reject).end()
  const answer = await promise
  onTestFinished(() => void sent.destroy())
  answer.setEncoding('utf8')
  answer.on('data', (packet: string) => {
    packets.push(packet)
    wake()
  })
  const end = () => {
    state.ended = true
    wake()
  }
  answer.on('end', end).on('close', end).on('error', end)
  const text = () => packets.join('')
  return {
    status: answer.statusCode,
    headers: answer.headers,
    packets,
    text,
    events: () => parse(text()),
    get ended() {
      return state.ended
    },
    pause: () => void answer.pause(),
    async until(seen) {
      while (!seen()) {
        const next = Promise.withResolvers<void>()
        wake = next.resolve
        await next.promise
      }
    },
  }
}

function parse(text: string): ReturnType<RawStream['events']> {
  return text.split('\r\n\r\n').flatMap((frame) => {
    const [, type, data] = /event: (\w+)\r\ndata: (.*)$/.exec(frame) ?? []
    return type && data ? [{ type, data: JSON.parse(data) }] : []
  })
}
