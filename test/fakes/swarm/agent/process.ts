import type { World } from '../../../../adapters/simulated/world.ts'
import type { TaskRecord } from '../store/objects.ts'
import type { Time } from '../time.ts'
import type { Container } from './container.ts'
import { effectsOn, lasting, spend } from './levers.ts'
import { interpret } from './shell.ts'

/** Nothing ends before somebody has seen it run. */
const LIFE = 50

export interface Exit {
  readonly code: number
  readonly oom: boolean
}

export interface ProcessHandlers {
  readonly write: (stream: 'stdout' | 'stderr', text: string) => void
  readonly exit: (exit: Exit) => void
}

/**
 * The process of a container: the commands of the shell do what they say; anything else runs for ever, or as a job for
 * a while, and ends with success when it is asked to. Levers of the world come before both.
 */
export class Process {
  readonly #world: World
  readonly #time: Time
  readonly #task: TaskRecord
  readonly #handlers: ProcessHandlers
  readonly #startedAt: number
  /** Commands that are nobody's init take no notice of a signal to end. */
  readonly #deaf: boolean
  readonly #stops: (() => void)[] = []
  #stopEnd: () => void = () => {}
  #over = false
  #stopping = false

  constructor(world: World, time: Time, container: Container, handlers: ProcessHandlers) {
    const { task } = container
    this.#world = world
    this.#time = time
    this.#task = task
    this.#handlers = handlers
    this.#startedAt = time.now
    const { Command = [], Args = [] } = task.Spec.ContainerSpec ?? {}
    const words = [...Command, ...Args]
    const run = words.length > 0 ? interpret(words, container.environment) : undefined
    this.#deaf = run !== undefined
    for (const line of world.engine.state.scripts.get(task.app)?.logs ?? [])
      handlers.write('stdout', line)
    for (const { after, stream, text } of run?.lines ?? []) {
      if (after === 0) handlers.write(stream, text)
      else this.#stops.push(time.after(after, () => handlers.write(stream, text)))
    }
    const end = run ? run.end : this.#ownEnd()
    if (end)
      this.#stops.push(
        time.after(Math.max(end.after, LIFE), () => this.#exit({ code: end.code, oom: false })),
      )
    this.feel()
  }

  /** A job of which nobody knows what it does is done after a while. */
  #ownEnd(): { readonly after: number; readonly code: number } | undefined {
    if (this.#task.JobIteration === undefined) return undefined
    return { after: lasting(this.#world, this.#task, 'run'), code: 0 }
  }

  /** Levers were pulled or taken back. */
  feel(): void {
    this.#stopEnd()
    if (this.#over || this.#stopping) return
    const lever = effectsOn(this.#world, this.#task).findLast(({ type }) => type === 'exit')
    if (lever?.type !== 'exit') return
    const at = Math.max(this.#time.now, this.#startedAt + lever.after)
    this.#stopEnd = this.#time.after(at - this.#time.now, () => {
      spend(lever)
      this.#exit({ code: lever.code, oom: lever.oom })
    })
  }

  /** Asks it to end, and kills it when it has not after so long. */
  terminate(grace: number): void {
    if (this.#over || this.#stopping) return
    this.#stopping = true
    this.#stopEnd()
    const wanted = lasting(this.#world, this.#task, 'stop')
    const obeys = !this.#deaf && wanted <= grace
    this.#stops.push(
      this.#time.after(obeys ? wanted : grace, () =>
        this.#exit({ code: obeys ? 0 : 137, oom: false }),
      ),
    )
  }

  kill(): void {
    this.#exit({ code: 137, oom: false })
  }

  /** As nobody sees what it does any more. */
  abandon(): void {
    this.#over = true
    this.#stopEnd()
    for (const stop of this.#stops) stop()
  }

  #exit(exit: Exit): void {
    if (this.#over) return
    this.abandon()
    this.#handlers.exit(exit)
  }
}
