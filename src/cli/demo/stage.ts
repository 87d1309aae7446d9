import { setTimeout as rest } from 'node:timers/promises'
import type {
  AppId,
  Client,
  Event,
  GroupResult,
  GroupRollout,
  GroupStep,
  Rollout,
  RolloutResult,
} from 'intermodal'
import type { World } from 'intermodal/simulated'
import { type Display, openDisplay } from '../display.ts'
import { show } from '../following.ts'
import type { Io } from '../io.ts'
import { type Paint, painter } from '../style.ts'
import { renderEvent } from '../view/event-view.ts'
import { renderStatuses } from '../view/status-table.ts'
import { elapsed } from '../view/text.ts'

/** How much virtual time passes at once, and how many real milliseconds a person gets to see it: ten times life. */
const TICK = '250ms'
const PAUSE = 25

/** Where the demo plays: a virtual cluster whose time this moves, and the terminal on which people see it. */
export interface Stage {
  readonly paint: Paint
  /** A heading, and the command a person would type for it. */
  act(title: string, command: string): void
  /** A text below what was said, or above what is followed just now. */
  say(text: string): void
  /** Lets time pass until the promise has settled. */
  play<T>(work: Promise<T>): Promise<T>
  /** Lets so many ticks pass, for what nobody waits for. */
  idle(ticks: number): Promise<void>
  /** Lets time pass until it is so. Throws when it is not within ten virtual minutes. */
  until(condition: () => boolean): Promise<void>
  /** Plays a rollout to its end and shows its steps. Throws its `RolloutError`. */
  follow(rollout: Rollout): Promise<RolloutResult>
  followGroup(group: GroupRollout): Promise<GroupResult>
  /** The table of `ps`. */
  table(): Promise<void>
  /** Which events are told from now on. */
  listen(wanted: (event: Event) => boolean): void
  close(): Promise<void>
}

export function openStage(io: Io, world: World, client: Client): Stage {
  const { stdout } = io
  const { clock } = world
  const paint = painter(io, stdout.isTTY)
  const began = clock.now()
  const leave = new AbortController()
  let display: Display | undefined
  let wanted: (event: Event) => boolean = () => false

  const say = (text: string) => (display ? display.note(text) : stdout.write(`${text}\n`))
  const listening = (async () => {
    for await (const event of client.events({ signal: leave.signal })) {
      if (!wanted(event)) continue
      const time = elapsed(event.time - began).padStart(5)
      say(`${paint('dim', `${time} ◂`)} ${renderEvent(event, paint)}`)
    }
  })()
  listening.catch(() => {}) // `close` waits for it and tells what went wrong.

  const tick = async () => {
    io.signal.throwIfAborted()
    await world.advance(TICK)
    // Who reads a file has time enough; only eyes need a pause.
    if (stdout.isTTY) await rest(PAUSE)
  }
  const play = async <T>(work: Promise<T>): Promise<T> => {
    let settled = false
    const settle = () => {
      settled = true
    }
    work.then(settle, settle)
    while (!settled) await tick()
    return work
  }
  const showing = async <T>(
    apps: readonly AppId[],
    work: Promise<T>,
    steps: (display: Display) => ReturnType<typeof show>,
  ): Promise<T> => {
    const opened = openDisplay(io, stdout, { apps, clock, paint, began })
    display = opened
    const shown = steps(opened)
    try {
      return await play(work)
    } finally {
      await shown.done
      opened.close()
      display = undefined
    }
  }
  return {
    paint,
    say,
    play,
    act(title, command) {
      const heading = paint(['bold', 'blue'], `━━ ${title}`)
      stdout.write(`\n${heading}  ${paint('dim', `$ intermodal ${command}`)}\n`)
    },
    async idle(ticks) {
      for (let count = 0; count < ticks; count++) await tick()
    },
    async until(condition) {
      const limit = clock.now() + 600_000
      while (!condition()) {
        if (clock.now() > limit) throw new Error('the cluster did not come to rest')
        await tick()
      }
    },
    follow(rollout) {
      const { app } = rollout
      return showing([app], rollout.done(), (opened) => {
        opened.step({ type: 'applied', app, rollout })
        return show(rollout, (step) => opened.step({ type: 'step', app, step }))
      })
    },
    followGroup(group) {
      return showing(group.apps, group.done(), (opened) =>
        show(group, (step: GroupStep) => opened.step(step)),
      )
    },
    async table() {
      const statuses = await Array.fromAsync(client.list())
      const rows = statuses.map((status) => ({ cluster: client.cluster, status }))
      const width = stdout.isTTY ? stdout.columns : undefined
      say(renderStatuses(rows, { paint, now: () => clock.now(), width }))
    },
    listen(next) {
      wanted = next
    },
    async close() {
      leave.abort()
      await listening.catch((error: unknown) => {
        if (error !== leave.signal.reason) throw error
      })
    },
  }
}
