import type { App, Reason } from 'intermodal'
import { type Engine, specOf } from './engine.ts'
import { setState } from './instances.ts'
import type { AppRecord, InstanceRecord } from './model.ts'
import { countFailure } from './rollout.ts'

const RETRY = 10_000
const MAX_RETRY = 300_000

function imagesOf(app: App): readonly string[] {
  const images = [...app.init, app, ...Object.values(app.sidecars)].map(({ image }) => image)
  return [...new Set(images)]
}

/** The node has taken note: it pulls what it does not have, all images at once. */
export function beginPull(engine: Engine, record: AppRecord, instance: InstanceRecord): void {
  const app = specOf(record, instance.revision)
  const node = engine.state.nodes.get(instance.node ?? '')
  const images = imagesOf(app).filter(
    (image) => app.pullPolicy === 'always' || !node?.images.includes(image),
  )
  setState(engine, record, instance, 'preparing')
  if (images.length === 0) {
    instance.pull = undefined
    afterImages(engine, record, instance)
    return
  }
  const usual = engine.duration(record, instance, 'pull')
  const { images: known } = engine.state
  instance.pull = { images, attempts: (instance.pull?.attempts ?? 0) + 1 }
  const slowest = Math.max(...images.map((image) => known.get(image)?.pull ?? usual))
  engine.wake(record, instance, engine.now + slowest)
}

/**
 * The pull is over, or it is time for the next try. A failed pull does not end the instance: the node tries again,
 * later each time, as a kubelet does.
 */
export function afterPull(engine: Engine, record: AppRecord, instance: InstanceRecord): void {
  const { pull } = instance
  if (!pull) {
    afterImages(engine, record, instance)
    return
  }
  if (instance.notBefore !== undefined) {
    instance.notBefore = undefined
    beginPull(engine, record, instance)
    return
  }
  const app = specOf(record, instance.revision)
  const node = engine.state.nodes.get(instance.node ?? '')
  const reason = pullFailure(engine, app, pull.images, instance)
  if (reason) {
    if (pull.attempts === 1) countFailure(record, instance, reason)
    instance.reason = reason
    instance.notBefore = engine.now + Math.min(MAX_RETRY, RETRY * 2 ** (pull.attempts - 1))
    setState(engine, record, instance, 'preparing')
    engine.wake(record, instance, instance.notBefore)
    return
  }
  for (const image of pull.images) if (!node?.images.includes(image)) node?.images.push(image)
  instance.pull = undefined
  if (instance.reason?.code !== 'CrashLoop') instance.reason = undefined
  afterImages(engine, record, instance)
}

function afterImages(engine: Engine, record: AppRecord, instance: InstanceRecord): void {
  setState(engine, record, instance, 'starting')
  engine.wake(record, instance, engine.now + engine.duration(record, instance, 'start'))
}

function pullFailure(
  engine: Engine,
  app: App,
  images: readonly string[],
  instance: InstanceRecord,
): Reason | undefined {
  for (const image of images) {
    const fault = engine.state.images.get(image)?.fault
    const since = instance.reason?.since ?? engine.now
    if (app.pullPolicy === 'never') {
      return {
        code: 'ImageNotFound',
        message: `image ${image} is not on ${instance.node}, and pullPolicy is never`,
        count: 1,
        since,
      }
    }
    if (fault === 'missing') {
      return { code: 'ImageNotFound', message: `image ${image} does not exist`, count: 1, since }
    }
    if (fault === 'denied') {
      return {
        code: 'RegistryAuth',
        message: `the registry refuses to give image ${image}`,
        count: 1,
        since,
      }
    }
    if (fault === 'broken') {
      return {
        code: 'ImagePullFailed',
        message: `image ${image} could not be pulled`,
        count: 1,
        since,
      }
    }
  }
  return undefined
}
