import { type AppId, type AppInput, defineApp } from 'intermodal'
import type { Scene } from './scene.ts'

/** What happens behind everybody's back: apps come, change, grow and go. */
export async function story(scene: Scene): Promise<void> {
  const { direct } = scene
  const [one, two, three, four] = [scene.id(), scene.id(), scene.id(), scene.id()] as const
  const app = (id: AppId, fields: Partial<AppInput> = {}): AppInput =>
    ({ ...scene.app(id), ...fields }) as AppInput
  await scene.make([app(one), app(two), app(three)])
  await direct.apply(defineApp(app(one, { image: 'faults/app:2' })), scene.call())
  await direct.scale?.(two, 3, scene.call())
  await direct.remove(three, scene.call())
  await direct.apply(defineApp(app(four)), scene.call())
  await scene.rest()
}
