import { defineApp, type Interpretation, printApp } from 'intermodal'
import type { SimulatedApp } from './translate.ts'

/** Pure, the way back. A world read from a file holds plain data: it becomes an app of the model again. */
export function interpret({ app }: SimulatedApp): Interpretation {
  return { app: defineApp(printApp(app)), losses: [] }
}
