import type { App, Translation } from 'intermodal'
import type { MarathonNative } from './native.ts'
import type { TranslateOptions } from './options.ts'
import { translate } from './translate.ts'

interface Made {
  readonly version: string | undefined
  readonly replicas: number | undefined
  readonly translation: Translation<MarathonNative>
}

/** Remembers translations as long as their apps live: core asks for the losses of an app before it has it applied. */
export class Translations {
  readonly #made = new WeakMap<App, Made>()

  of(app: App, options: TranslateOptions): Translation<MarathonNative> {
    const { version } = options
    // The live count matters to an app with none of its own.
    const replicas = app.replicas ? undefined : options.replicas
    const known = this.#made.get(app)
    if (known && known.version === version && known.replicas === replicas) return known.translation
    const translation = translate(app, options)
    this.#made.set(app, { version, replicas, translation })
    return translation
  }
}
