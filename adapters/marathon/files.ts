import type { App } from 'intermodal'
import { CONFIG_IS_SECRET } from './env.ts'
import { type Report, step } from './loss.ts'
import { speaks, type TranslateOptions } from './options.ts'
import type { SecretTable } from './secrets.ts'

/** The files that a secret stands for, by their paths. */
export function* secretFiles(
  { files }: App,
  secrets: SecretTable,
  options: TranslateOptions,
  report: Report,
): Generator<{ readonly path: string; readonly secret: string }> {
  for (const [path, file] of Object.entries(files)) {
    const at = `/files${step(path)}`
    if ('content' in file) {
      report(
        'dropped',
        at,
        'Marathon brings no files of its own',
        'make it a config, or put it into the image',
      )
      continue
    }
    if (!speaks(options, '1.5')) {
      report('dropped', at, NO_FILES, 'read it from the environment')
      continue
    }
    if (file.mode !== undefined)
      report('dropped', `${at}/mode`, 'the file belongs to root, mode 0444')
    if ('config' in file) report('approximated', at, CONFIG_IS_SECRET)
    yield { path, secret: secrets.declare(file) }
  }
}

export const NO_FILES = 'Marathon makes files of secrets since 1.5'
