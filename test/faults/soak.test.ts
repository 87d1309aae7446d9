import { expect, it } from 'vitest'
import { wireSoak } from './soak.ts'
import { everyTarget } from './targets/every.ts'

const SEED = Number(process.env.INTERMODAL_SEED ?? 20260101)

it(`tells the truth of six clusters behind a bad wire, and leaves no connection (seed ${SEED})`, {
  timeout: 240_000,
}, async () => {
  const targets = await everyTarget(SEED)
  const options = { seed: SEED, targets, appsEach: 3, replicas: 4, steps: 30, callsAtOnce: 2 }
  const report = await wireSoak(options)
  for (const target of targets) await target[Symbol.asyncDispose]()
  expect(report.instances).toBeGreaterThanOrEqual(50)
  expect(report.faults).toBeGreaterThan(2)
  expect(report.calls).toBeGreaterThan(40)
  expect(report.rollouts).toBeGreaterThan(20)
})
