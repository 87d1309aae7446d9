import type { App, Loss, Translation } from 'intermodal'

/** What the simulated engine keeps of an app: the app itself. */
export interface SimulatedApp {
  readonly app: App
}

/** Pure. The world runs apps of the model as they are, so that only what it has no counterpart for is lost. */
export function translate(app: App): Translation<SimulatedApp> {
  const losses: Loss[] = []
  if (app.autoscale) {
    losses.push({
      path: '/autoscale',
      kind: 'approximated',
      detail:
        'the replica count is kept between min and max, but simulated instances have no load to follow',
      remedy: 'scale the app by hand in the test',
    })
  }
  return { native: { app }, losses }
}
