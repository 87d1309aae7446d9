import {
  type App,
  type AppId,
  type AppInput,
  type AppStatus,
  defineApp,
  type Revision,
} from 'intermodal'
import {
  createWorld,
  type SimulatedAdapter,
  simulated,
  type World,
  type WorldOptions,
} from 'intermodal/simulated'

export interface Setup {
  readonly world: World
  readonly adapter: SimulatedAdapter
  /** Applies and does not wait. */
  apply(app: Partial<AppInput>, force?: boolean): Promise<Revision>
  /** Applies and lets time pass until nothing changes any more. */
  deploy(app: Partial<AppInput>): Promise<AppStatus>
  status(id?: AppId): AppStatus
}

export const WEB: AppId = '/shop/web'

export const call = {
  signal: new AbortController().signal,
  deadline: Number.POSITIVE_INFINITY,
  force: false,
}

/** `/shop/web`, unless it says otherwise. */
export function web(app: Partial<AppInput> = {}): App {
  return defineApp({ id: WEB, image: 'shop/web:1', ...app })
}

/** A world whose time the test moves, with exact durations: assign 0.1 s, pull 2 s, start 0.5 s, stop 0.5 s. */
export function setup(options: WorldOptions = {}): Setup {
  const world = createWorld({
    clock: 'manual',
    ...options,
    timings: { jitter: 0, ...options.timings },
  })
  const adapter = simulated({ world })
  const status = (id: AppId = WEB) => {
    const found = world.apps().find((app) => app.id === id)
    if (!found) throw new Error(`there is no ${id}`)
    return found
  }
  const apply = (app: Partial<AppInput>, force = false) =>
    adapter.apply(web(app), { ...call, force })
  return {
    world,
    adapter,
    apply,
    status,
    async deploy(app) {
      const { app: id } = await apply(app)
      await world.settle()
      return status(id)
    },
  }
}

export const codes = ({ reasons }: AppStatus) => reasons.map(({ code }) => code)
