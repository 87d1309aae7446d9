import { type App, type Client, type Rollout, RolloutError } from 'intermodal'
import type { World } from 'intermodal/simulated'
import { renderFailure } from '../following.ts'
import type { Io } from '../io.ts'
import { renderExplanation } from '../view/explain-view.ts'
import type { Stage } from './stage.ts'

interface Props {
  readonly io: Io
  readonly stage: Stage
  readonly client: Client
  readonly world: World
}

/** An update that cannot come up: asked why while it hangs, then its typed failure. */
export async function playBadUpdate({ io, stage, client, world }: Props, app: App): Promise<void> {
  const { paint } = stage
  const rollout = await client.apply(app)
  const asking = untilStalled(rollout).then(async () => {
    const explanation = await client.explain(app.id)
    const text = renderExplanation(explanation, { paint, now: world.clock.now() })
    stage.say(`\n${paint('dim', '   $ intermodal explain /shop/web')}\n${indent(text)}\n`)
  })
  const [error] = await Promise.all([failureOf(stage.follow(rollout)), asking])
  const { code, outcome, result } = error
  stage.say(`\n${paint('bold', `RolloutError { code: '${code}', outcome: '${outcome}' }`)}`)
  stage.say(renderFailure({ io, paint, paintError: paint }, result))
  if (outcome !== 'rolledBack') throw new Error(`it was to be rolled back, and was ${outcome}`)
}

async function untilStalled(rollout: Rollout): Promise<void> {
  for await (const { type } of rollout) if (type !== 'progress') return
}

async function failureOf(work: Promise<unknown>): Promise<RolloutError> {
  try {
    await work
  } catch (error) {
    if (error instanceof RolloutError) return error
    throw error
  }
  throw new Error('an image nobody has was rolled out')
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '   ')
}
