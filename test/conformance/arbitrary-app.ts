import fc from 'fast-check'
import { APP_KINDS, type App, type AppKind, defineApp } from 'intermodal'
import { samplesOf, together } from './fields/together.ts'

/** Apps of the whole model for property tests of this package: fields of the table in all combinations. */
export function arbitraryApp(kinds: readonly AppKind[] = APP_KINDS): fc.Arbitrary<App> {
  return fc
    .constantFrom(...kinds)
    .chain((kind) =>
      fc
        .array(fc.constantFrom(...samplesOf(kind)), { maxLength: 12 })
        .map((samples) => defineApp(together(kind, samples))),
    )
}
