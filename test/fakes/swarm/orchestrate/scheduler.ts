import {
  ASSIGNED,
  isOver,
  type NodeObject,
  RUNNING,
  rank,
  type TaskRecord,
} from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import type { Time } from '../time.ts'
import { fits, parseConstraints } from './constraints.ts'
import { demandOf, hostPorts, type Ledger } from './ledger.ts'

/** Changes are collected for so long before anything is placed. */
const DEBOUNCE = 50

/** Finds a node for each task that has none, and says of those it finds none for what is in the way. */
export class Scheduler {
  readonly #store: Store
  readonly #ledger: Ledger
  readonly #time: Time
  readonly #waiting = new Set<TaskRecord>()
  #due = false

  constructor(store: Store, ledger: Ledger, time: Time) {
    this.#store = store
    this.#ledger = ledger
    this.#time = time
  }

  enqueue(task: TaskRecord): void {
    if (this.#waiting.has(task) && task.DesiredState !== 'shutdown') return
    this.#waiting.add(task)
    this.wake()
  }

  /** Something was given back, or a node changed: who waits is looked at again. */
  wake(): void {
    if (this.#due || this.#waiting.size === 0) return
    this.#due = true
    this.#time.after(DEBOUNCE, () => {
      this.#due = false
      this.#run()
    })
  }

  /** Whether the node still is one where the task may be. */
  mayStay(task: TaskRecord, node: NodeObject): boolean {
    const constraints = parseConstraints(task.Spec.Placement?.Constraints ?? [])
    return constraints.every((constraint) => fits(constraint, node))
  }

  #run(): void {
    for (const task of [...this.#waiting]) {
      const gone = this.#store.tasks.get(task.ID) !== task || isOver(task)
      if (gone || task.DesiredState === 'remove') {
        this.#waiting.delete(task)
        continue
      }
      if (task.DesiredState === 'shutdown') this.#giveUp(task)
      else this.#place(task)
    }
  }

  /** Nobody wants it any more before it had a place: no node has to be asked. */
  #giveUp(task: TaskRecord): void {
    this.#waiting.delete(task)
    const { Err: _, ...status } = task.Status
    const Timestamp = this.#store.stamps.text()
    this.#store.setTask(task, { Status: { ...status, Timestamp, State: 'shutdown' } })
  }

  #place(task: TaskRecord): void {
    const preassigned = task.NodeID !== undefined
    const nodes = preassigned
      ? [...this.#store.nodes.values()].filter(({ ID }) => ID === task.NodeID)
      : [...this.#store.nodes.values()]
    const { fitting, explanation } = this.#filter(task, nodes)
    const [node] = this.#ranked(task, fitting)
    if (!node) {
      const Err = explanation ? `no suitable node (${explanation})` : 'no suitable node'
      if (task.Status.Err === Err) return
      const Timestamp = this.#store.stamps.text()
      this.#store.setTask(task, { Status: { ...task.Status, Timestamp, Err } })
      return
    }
    this.#waiting.delete(task)
    this.#ledger.book(node, task)
    const how = preassigned
      ? 'scheduler confirmed task can run on preassigned node'
      : 'scheduler assigned task to node'
    this.#store.setTask(task, {
      NodeID: node.ID,
      Status: {
        Timestamp: this.#store.stamps.text(),
        State: 'assigned',
        Message: how,
        PortStatus: {},
      },
    })
  }

  /** In the engine's order: each filter judges only what those before it have left. */
  #filter(
    task: TaskRecord,
    nodes: readonly NodeObject[],
  ): { readonly fitting: readonly NodeObject[]; readonly explanation: string } {
    const checks = this.#checks(task)
    const failures = checks.map(() => 0)
    const fitting = nodes.filter((node) => {
      const failed = checks.findIndex(({ passes }) => !passes(node))
      if (failed >= 0) failures[failed] = (failures[failed] ?? 0) + 1
      return failed < 0
    })
    const explained = checks
      .map(({ explain }, index) => ({ explain, count: failures[index] ?? 0 }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count)
      .map(({ explain, count }) => explain(count))
    return { fitting, explanation: explained.join('; ') }
  }

  #checks(task: TaskRecord): readonly {
    readonly passes: (node: NodeObject) => boolean
    readonly explain: (count: number) => string
  }[] {
    const { cpu, memory } = demandOf(task)
    const ports = hostPorts(task)
    const { Constraints = [], MaxReplicas = 0 } = task.Spec.Placement ?? {}
    const constraints = parseConstraints(Constraints)
    return [
      {
        passes: ({ Status, Spec }) => Status.State === 'ready' && Spec.Availability === 'active',
        explain: (count) => `${nodes(count)} not available for new tasks`,
      },
      {
        passes: (node) => {
          const free = this.#ledger.free(node)
          return cpu <= free.cpu && memory <= free.memory
        },
        explain: (count) => `insufficient resources on ${nodes(count)}`,
      },
      {
        passes: (node) => constraints.every((constraint) => fits(constraint, node)),
        explain: (count) => `scheduling constraints not satisfied on ${nodes(count)}`,
      },
      {
        passes: (node) => ports.every((port) => !this.#ledger.isTaken(node, port)),
        explain: (count) => `host-mode port already in use on ${nodes(count)}`,
      },
      {
        passes: (node) => MaxReplicas === 0 || this.#load(task, node).own < MaxReplicas,
        explain: () => 'max replicas per node limit exceed',
      },
    ]
  }

  /** Evenly over the values of each preference, then over nodes: few of the same service first, then few of all. */
  #ranked(task: TaskRecord, nodes: readonly NodeObject[]): readonly NodeObject[] {
    const loads = new Map(nodes.map((node) => [node, this.#load(task, node)]))
    let chosen = nodes
    for (const { Spread } of task.Spec.Placement?.Preferences ?? []) {
      const label = /^node\.labels\.(.+)$/.exec(Spread?.SpreadDescriptor ?? '')?.[1]
      if (label === undefined) continue
      const groups = [...Map.groupBy(chosen, ({ Spec }) => Spec.Labels?.[label] ?? '').values()]
      const total = (group: readonly NodeObject[]) =>
        group.reduce((sum, node) => sum + (loads.get(node)?.own ?? 0), 0)
      chosen = groups.sort((a, b) => total(a) - total(b))[0] ?? []
    }
    return chosen.toSorted((a, b) => {
      const [left, right] = [loads.get(a), loads.get(b)]
      return (left?.own ?? 0) - (right?.own ?? 0) || (left?.all ?? 0) - (right?.all ?? 0)
    })
  }

  #load(
    { ServiceID }: TaskRecord,
    node: NodeObject,
  ): { readonly own: number; readonly all: number } {
    const active = this.#store
      .tasksOn(node.ID)
      .filter(
        (other) =>
          rank(other.Status.State) >= ASSIGNED &&
          rank(other.Status.State) <= RUNNING &&
          rank(other.DesiredState) <= RUNNING + 1,
      )
    const own = active.filter((other) => other.ServiceID === ServiceID).length
    return { own, all: active.length }
  }
}

function nodes(count: number): string {
  return count === 1 ? '1 node' : `${count} nodes`
}
