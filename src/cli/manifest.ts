import { readFileSync } from 'node:fs'

/** What the command line says about itself, of the package's own package.json. */
export function manifest(): {
  readonly version: string
  readonly engines: { readonly node: string }
} {
  // Both src/cli and dist/cli are two folders below the package.
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
}
