import { expect, it } from 'vitest'
import { soak } from './soak.ts'

const SEED = Number(process.env.INTERMODAL_SEED ?? 20260101)

it(`tells the truth of six clusters to the end, and leaves nothing open (seed ${SEED})`, async () => {
  const report = await soak({
    seed: SEED,
    clusters: 6,
    appsEach: 100,
    replicas: 5,
    events: 50_000,
    steps: 100,
    warm: 1,
  })
  expect(report.instances).toBeGreaterThan(2_500)
  expect(report.gaps).toBeGreaterThan(0)
  expect(report.outcomes).toBeGreaterThanOrEqual(600)
})
