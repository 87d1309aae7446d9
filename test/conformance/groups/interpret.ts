import assert from 'node:assert/strict'
import { isApp } from 'intermodal'
import { valueAt } from '../fields/pointer.ts'
import { fieldSamples } from '../fields/table.ts'
import type { Group } from '../group.ts'
import { appOf, assertLosses, deepFreeze, unexplained } from './translation-laws.ts'

export const interpret: Group = {
  name: 'interpret',
  offline: true,
  tests: {
    'gives back the app it translated, but for what is named as lost': async ({ adapter }) => {
      for (const sample of fieldSamples) {
        const app = appOf(sample, adapter)
        assert.deepEqual(unexplained(adapter, app), [], `${sample.path}: ${sample.value}`)
      }
    },

    'gives a valid app, and losses a person can read': async ({ adapter }) => {
      for (const sample of fieldSamples) {
        const { native } = adapter.translate(appOf(sample, adapter))
        const { app, losses } = adapter.interpret(native)
        assert.ok(isApp(app), `${sample.path}: not what defineApp() gives`)
        assertLosses(losses)
      }
    },

    'takes frozen objects, and says the same of them every time': async ({ adapter }) => {
      for (const sample of fieldSamples) {
        const { native } = adapter.translate(appOf(sample, adapter))
        const first = adapter.interpret(deepFreeze(native))
        assert.deepEqual(adapter.interpret(structuredClone(native)), first, sample.path)
      }
    },
  },
}

export const liveObjects: Group = {
  name: 'interpret live objects',
  tests: {
    'says of live objects what was applied, with the live count in it': async (context) => {
      const { adapter, target } = context
      const app = context.app('web', target.workloads.good, {
        replicas: 2,
        env: { LOG_LEVEL: 'debug' },
        labels: { tier: 'front' },
        annotations: { note: 'free text' },
      })
      await context.running(app)
      const native = await context.pace.settle(adapter.read(app.id, context.call()), 'read')
      assert.notEqual(native, undefined)
      const { app: live, filledIn = [] } = adapter.interpret(native)
      const { id, kind, image, replicas, env, labels, annotations } = live
      assert.deepEqual(
        { id, kind, image, replicas, env, labels, annotations },
        {
          id: app.id,
          kind: app.kind,
          image: app.image,
          replicas: 2,
          env: app.env,
          labels: app.labels,
          annotations: app.annotations,
        },
      )
      for (const path of filledIn) assert.notEqual(valueAt(live, path), undefined, path)
    },
  },
}
