import type { Selector } from '../adapter.ts'
import { formatRef } from '../app/ref.ts'
import { IntermodalError } from '../errors.ts'
import type { ClusterProblem, FleetEntry, FleetList, FleetListOptions } from '../fleet.ts'
import type { Member } from './member.ts'
import { Merge } from './merge.ts'

/** Lists every cluster at once. */
export function listAll(
  members: readonly Member[],
  selector: Selector,
  options: FleetListOptions,
): FleetList {
  const leave = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, leave.signal]) : leave.signal
  const states = options.states && new Set(options.states)
  const problems: ClusterProblem[] = []
  const streams = members.map((member) =>
    listOne(member, selector, { ...options, signal }, states, problems),
  )
  const merged = new Merge(streams, () =>
    leave.abort(new DOMException('nobody reads the list any more', 'AbortError')),
  )
  return {
    problems,
    next: () => merged.next(),
    return: () => merged.return(),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* listOne(
  member: Member,
  selector: Selector,
  { signal, timeout }: FleetListOptions & { readonly signal: AbortSignal },
  states: ReadonlySet<string> | undefined,
  problems: ClusterProblem[],
): AsyncGenerator<FleetEntry, void, void> {
  const entry = (status: FleetEntry['status']): FleetEntry => ({
    cluster: member.name,
    ref: formatRef({ cluster: member.name, app: status.id }),
    status,
  })
  const wanted = ({ status }: FleetEntry) => !states || states.has(status.state)
  const seen = new Set<FleetEntry['status']['id']>()
  try {
    for await (const status of member.client.list(selector, { signal, timeout })) {
      seen.add(status.id)
      member.remember(status)
      const listed = entry(status)
      if (wanted(listed)) yield listed
    }
    member.forgetAllBut(seen, selector)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (!IntermodalError.is(error)) throw error
    const stale = member.lastKnown(selector).filter(({ id }) => !seen.has(id))
    problems.push({ cluster: member.name, error, stale: stale.length })
    yield* stale.map(entry).filter(wanted)
  }
}
