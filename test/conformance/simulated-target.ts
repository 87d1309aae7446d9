import type { Adapter, App, AppInput } from 'intermodal'
import { createWorld, simulated, type World } from 'intermodal/simulated'
import { override } from './saboteurs/override.ts'
import type { Target } from './target.ts'

const WRITES = ['apply', 'scale', 'restart', 'remove'] as const
const LINE = 'ready to serve'

/** The simulated orchestrator by hand-moved time, with every fault and every workload the suite can ask for. */
export function simulatedTarget(
  spoil: (adapter: Adapter) => Adapter = (adapter) => adapter,
): Target {
  const world = createWorld({ seed: 7, nodes: 3, clock: 'manual' })
  world.images.missing('shop/missing:1')
  return {
    name: 'simulated',
    group: '/conformance',
    connect: async () => spoil(behaving(world)),
    time: { advance: (milliseconds) => world.advance(`${milliseconds}ms`) },
    workloads: {
      good: 'shop/good:1',
      next: 'shop/good:2',
      missing: 'shop/missing:1',
      crashing: 'shop/crashing:1',
      healthy: { image: 'shop/healthy:1', ...PROBED },
      unhealthy: { image: 'shop/unhealthy:1', ...PROBED },
      finishing: 'shop/finishing:1',
      failing: 'shop/crashing:1',
      placeless: { image: 'shop/good:1', resources: { requests: { cpu: 64 } } },
      talking: { workload: 'shop/talking:1', line: LINE },
    },
    faults: {
      cut: async () => world.faults.drop('watch')(),
      refuse: async () => asynchronous(world.faults.refuse('*')),
      hang: async () => asynchronous(world.faults.hang('*')),
      async lose() {
        const times = Number.POSITIVE_INFINITY
        const undo = WRITES.map((write) => world.faults.drop(write, { times }))
        return async () => {
          for (const one of undo) one()
        }
      },
    },
    foreign: async (id) => {
      world.addForeign({ id, image: 'theirs/app:1' })
      return async () => {}
    },
    lock: async (id) => asynchronous(world.faults.lock(id)),
    commands: {
      echo: (text) => ['echo', text],
      exit: (code) => ['exit', String(code)],
    },
  }
}

const PROBED: Partial<AppInput> = {
  ports: [{ name: 'http', containerPort: 80 }],
  probes: { readiness: { type: 'http', interval: '1s' } },
}

function asynchronous(undo: () => void): () => Promise<void> {
  return async () => undo()
}

/** In this world an image does what levers make it do: they are pulled when an app that runs it is applied. */
function behaving(world: World): Adapter {
  const adapter = simulated({ world })
  return override(adapter, {
    apply(app, call) {
      behave(world, app)
      return adapter.apply(app, call)
    },
  })
}

function behave(world: World, { id, image }: App): void {
  const levers = world.app(id)
  if (image === 'shop/crashing:1') levers.crashLoop({ exitCode: 3 })
  if (image === 'shop/unhealthy:1') levers.unhealthy()
  if (image === 'shop/talking:1') world.script.logs(id, [LINE])
  world.script.exec(id, ([command, word = '']) =>
    command === 'echo' ? word : command === 'exit' ? { exitCode: Number(word) } : undefined,
  )
}
