import assert from 'node:assert/strict'
import { APP_KINDS, defineApp } from 'intermodal'
import { segmentsOf, valueAt } from '../fields/pointer.ts'
import { type FieldSample, plainInput } from '../fields/sample.ts'
import { fieldSamples } from '../fields/table.ts'
import { type Group, needsTarget, type Test } from '../group.ts'
import {
  appOf,
  assertLosses,
  combinations,
  deepFreeze,
  isNamed,
  unexplained,
} from './translation-laws.ts'

const ENGINES = ['marathon', 'kubernetes', 'swarm'] as const

/** One test for each top-level field of the model, so that a failure names it. */
function carriesEach(): Record<string, Test> {
  const byRoot = Map.groupBy(fieldSamples, ({ path }) => segmentsOf(path)[0] ?? '')
  return Object.fromEntries(
    [...byRoot].map(([root, samples]) => [
      `carries every field under "${root}" or names it as lost`,
      async ({ adapter }) => {
        const vanished = samples.filter((sample) => !isCarried(sample, adapter))
        assert.deepEqual(
          vanished.map(({ path, value }) => `${path}: ${JSON.stringify(value)}`),
          [],
        )
      },
    ]),
  )
}

function isCarried(sample: FieldSample, adapter: Parameters<Test>[0]['adapter']): boolean {
  const app = appOf(sample, adapter)
  const { native, losses } = adapter.translate(app)
  if (!adapter.capabilities.kinds.includes(app.kind)) return true
  if (isNamed(sample.path, losses)) return true
  const back = adapter.interpret(native)
  const lost = back.losses.concat(losses)
  const before = valueAt(app, sample.path)
  const after = valueAt(back.app, sample.path)
  try {
    assert.deepEqual(after, before)
    return true
  } catch {
    return isNamed(sample.path, lost)
  }
}

export const translate: Group = {
  name: 'translate',
  offline: true,
  tests: {
    'gives the same for the same app, every time': async ({ adapter }) => {
      for (const sample of fieldSamples) {
        const app = appOf(sample, adapter)
        assert.deepEqual(adapter.translate(app), adapter.translate(app), sample.path)
      }
    },

    'takes a frozen app, and leaves it as it was': async ({ adapter }) => {
      for (const sample of fieldSamples) {
        const app = appOf(sample, adapter)
        const before = structuredClone(app)
        adapter.translate(deepFreeze(app))
        assert.deepEqual(app, before, sample.path)
      }
    },

    'keeps nothing from one translation to the next: what is done to one shows in no other':
      async ({ adapter }) => {
        for (const kind of adapter.capabilities.kinds) {
          const make = () => adapter.translate(defineApp(plainInput(kind))).native
          const untouched = structuredClone(make())
          scribble(make())
          assert.deepEqual(make(), untouched, kind)
        }
      },

    'gives plain data, which can be shown and stored': async ({ adapter }) => {
      for (const sample of fieldSamples) {
        const { native } = adapter.translate(appOf(sample, adapter))
        assert.deepEqual(structuredClone(native), native, sample.path)
      }
    },

    'carries the plainest app of each kind it has without dropping or refusing anything': async ({
      adapter,
    }) => {
      for (const kind of adapter.capabilities.kinds) {
        const { losses } = adapter.translate(defineApp(plainInput(kind)))
        assert.deepEqual(
          losses.filter((loss) => loss.kind !== 'approximated'),
          [],
          kind,
        )
      }
    },

    'refuses each kind of app it does not have': async ({ adapter }) => {
      for (const kind of APP_KINDS.filter((kind) => !adapter.capabilities.kinds.includes(kind))) {
        const { losses } = adapter.translate(defineApp(plainInput(kind)))
        assert.ok(
          losses.some((loss) => loss.kind === 'refused'),
          kind,
        )
      }
    },

    'names each loss by a pointer to something the app sets, in a sentence': async ({
      adapter,
    }) => {
      for (const sample of fieldSamples) {
        const app = appOf(sample, adapter)
        assertLosses(adapter.translate(app).losses, app)
      }
    },

    ...carriesEach(),

    'carries fields in company as it does alone': async ({ adapter }) => {
      for (const kind of adapter.capabilities.kinds) {
        for (const app of combinations(kind, 60)) {
          assert.deepEqual(unexplained(adapter, app), [], JSON.stringify(app))
        }
      }
    },

    'is not bothered by patches for other engines': async ({ adapter }) => {
      const [kind = 'service'] = adapter.capabilities.kinds
      const others = ENGINES.filter((engine) => engine !== adapter.kind)
      const native = Object.fromEntries(others.map((engine) => [engine, { mark: 'conformance' }]))
      const plain = adapter.translate(defineApp(plainInput(kind)))
      const patched = adapter.translate(defineApp({ ...plainInput(kind), native }))
      const serious = patched.losses.filter((loss) => loss.kind !== 'approximated')
      assert.deepEqual(
        serious,
        plain.losses.filter((loss) => loss.kind !== 'approximated'),
      )
    },
  },
}

export const nativePatch: Group = {
  name: 'native patch',
  offline: true,
  obstacle: needsTarget('nativePatch'),
  tests: {
    'merges the patch into what it translates, and shows it again in what it interprets': async ({
      adapter,
      target,
    }) => {
      const [kind = 'service'] = adapter.capabilities.kinds
      const plain = defineApp(plainInput(kind))
      const app = defineApp({
        ...plainInput(kind),
        native: { [adapter.kind]: structuredClone(target.nativePatch) },
      })
      assert.notDeepEqual(adapter.translate(app).native, adapter.translate(plain).native)
      assert.deepEqual(unexplained(adapter, app), [])
    },
  },
}

function scribble(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  for (const inner of Object.values(value)) scribble(inner)
  if (Array.isArray(value)) value.push('scribble')
  else (value as Record<string, unknown>).scribble = true
}
