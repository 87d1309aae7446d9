import type { World } from '../../../../adapters/simulated/world.ts'
import type { NodeObject, TaskRecord } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import type { Time } from '../time.ts'
import type { Container } from './container.ts'
import { Runner, type Surroundings } from './runner.ts'

/** The engines of all nodes: they run the tasks that were placed on them. */
export class Agents {
  readonly #around: Surroundings
  readonly #runners = new Map<string, Runner>()
  readonly #stop: () => void

  constructor(world: World, time: Time, store: Store) {
    this.#around = {
      world,
      time,
      store,
      tell: (container, action, more) => this.#tell(container, action, more),
    }
    this.#stop = store.onTask((task) => this.#onTask(task))
  }

  containers(): readonly Container[] {
    return [...this.#runners.values()].flatMap(({ container }) => container ?? [])
  }

  containerOf(task: TaskRecord): Container | undefined {
    return this.#runners.get(task.ID)?.container
  }

  /** Levers were pulled: processes and checks notice. */
  feel(app: string | undefined): void {
    for (const runner of this.#runners.values())
      if (app === undefined || runner.task.app === app) runner.feel()
  }

  /** As `docker kill` does it, behind the swarm's back. */
  kill(container: Container): void {
    this.#runners.get(container.task.ID)?.kill()
  }

  silence(node: NodeObject, silent: boolean): void {
    for (const runner of this.#runners.values())
      if (runner.task.NodeID === node.ID) runner.silence(silent)
  }

  close(): void {
    this.#stop()
  }

  #onTask(task: TaskRecord): void {
    const { store, time } = this.#around
    if (store.tasks.get(task.ID) !== task) {
      this.#runners.get(task.ID)?.close()
      this.#runners.delete(task.ID)
      return
    }
    if (task.NodeID === undefined || task.Status.State === 'pending' || task.Status.State === 'new')
      return
    let runner = this.#runners.get(task.ID)
    if (!runner) {
      runner = new Runner(this.#around, task)
      this.#runners.set(task.ID, runner)
      if (store.nodes.get(task.NodeID)?.record.state === 'down') runner.silence(true)
    }
    const found = runner
    time.after(0, () => found.look())
  }

  #tell(container: Container, action: string, more: Readonly<Record<string, string>> = {}): void {
    const { id, image, name, labels, task } = container
    this.#around.store.bus.publish({
      Type: 'container',
      Action: action,
      Actor: { ID: id, Attributes: { ...labels, ...more, image, name } },
      scope: 'local',
      node: task.NodeID,
    })
  }
}
