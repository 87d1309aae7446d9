import { type Client, connect, type Event, IntermodalError } from 'intermodal'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock, settle } from '../support/manual-clock.ts'
import { ScriptedAdapter } from '../support/scripted-adapter.ts'
import { status } from '../support/statuses.ts'

let adapter: ScriptedAdapter
let clock: ManualClock

beforeEach(() => {
  adapter = new ScriptedAdapter()
  clock = new ManualClock()
})

const open = (history = 100_000) => connect(adapter, { name: 'test', clock, history, idle: '2h' })

/** The first events, up to the one that is looked for; then the reader leaves. */
async function readTo(
  client: Client,
  enough: (event: Event) => boolean,
  since?: string,
): Promise<Event[]> {
  const events: Event[] = []
  for await (const event of client.events({ since })) {
    events.push(event)
    if (enough(event)) break
  }
  return events
}

const isSynced = ({ type }: Event) => type === 'stream.synced'
const names = (events: readonly Event[]) =>
  events.map((event) => ('app' in event ? `${event.type} ${event.app}` : event.type))

describe('the place a reader goes on from', () => {
  it('begins anew when he left in the middle of the first picture', async () => {
    adapter.app(status('/a'), status('/b'))
    await using client = open()
    const first = await readTo(client, ({ type }) => type === 'app.added')
    const second = await readTo(client, isSynced, first.at(-1)?.cursor)
    expect(second[0]?.type).toBe('stream.gap')
    expect(names(second).slice(-4)).toEqual([
      'cluster.connected',
      'app.added /a',
      'app.added /b',
      'stream.synced',
    ])
    const third = await readTo(client, isSynced, second.at(-1)?.cursor)
    expect(names(third)).not.toContain('app.added /a')
  })

  it('begins anew when he left after being told that his cursor is forgotten', async () => {
    adapter.app(status('/a'))
    await using client = open()
    const [gap] = await readTo(client, ({ type }) => type === 'stream.gap', 'long.ago')
    const second = await readTo(client, isSynced, gap?.cursor)
    expect(names(second)).toContain('app.added /a')
  })

  it('begins anew when he left before there was any picture', async () => {
    adapter.onCall = async () => {
      throw new IntermodalError('UNAVAILABLE', 'nobody at home')
    }
    await using client = open()
    const [lost] = await readTo(client, ({ type }) => type === 'cluster.lost')
    adapter.onCall = async () => {}
    adapter.app(status('/a'))
    const second = await readTo(client, isSynced, lost?.cursor)
    expect(names(second)).toContain('app.added /a')
  })

  it('stays where it was while a slow reader is told the rest in one piece', async () => {
    adapter.app(status('/a'), status('/b'))
    await using client = open()
    const events = client.events()
    for (let event = await events.next(); !isSynced(event.value); event = await events.next());
    // More than the buffer holds, so that the last changes of both apps wait to be told in one piece.
    for (let round = 1; round <= 3000; round++) {
      const generation = { desired: round, observed: round }
      adapter.app(status('/a', { generation }), status('/b', { generation }))
    }
    await settle()
    let before = ''
    let inTheMiddle = ''
    for await (const event of events) {
      if (event.type === 'stream.gap') inTheMiddle = event.cursor
      else if (inTheMiddle) break
      else before = event.cursor
    }
    expect(inTheMiddle).toBe(before)
    const rest = await readTo(client, isSynced, inTheMiddle)
    const last = rest.findLast((event) => event.type === 'app.changed' && event.app === '/b')
    expect(last).toMatchObject({ status: { generation: { desired: 3000 } } })
  })
})

describe('a reader who comes back', () => {
  it('is told that the cluster was lost while nobody was reading', async () => {
    adapter.app(status('/a'))
    await using client = open()
    await readTo(client, isSynced)
    adapter.onCall = async () => {
      throw new IntermodalError('UNAVAILABLE', 'nobody at home')
    }
    const events = await readTo(client, ({ type }) => type === 'cluster.lost')
    expect(names(events)).toEqual(['cluster.lost'])
  })
})
