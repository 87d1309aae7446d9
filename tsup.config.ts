import { readFileSync } from 'node:fs'
import { defineConfig, type Options } from 'tsup'

interface Conditions {
  readonly '@intermodal/source'?: string
  readonly types?: string
  readonly default?: string
}

/**
 * The build's entries, read from the package's exports so that the two cannot disagree. Throws when an export is not
 * made by this build: its types or its code lie elsewhere than its source says.
 */
export function entriesOf(
  exports: Readonly<Record<string, string | Conditions>>,
): Record<string, string> {
  const entries: Record<string, string> = {}
  for (const [subpath, target] of Object.entries(exports)) {
    if (typeof target === 'string') continue
    const { '@intermodal/source': source, types, default: code } = target
    const name = code?.match(/^\.\/dist\/(.+)\.js$/)?.[1]
    if (!source || !name || types !== `./dist/${name}.d.ts`) {
      throw new Error(
        `exports["${subpath}"] of package.json is not what the build makes: it needs @intermodal/source, types ./dist/NAME.d.ts and default ./dist/NAME.js`,
      )
    }
    entries[name] = source.replace(/^\.\//, '')
  }
  return entries
}

const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))
/** Maps point at the sources, which are in the package too, and need not repeat them. */
const shared: Options = { format: ['esm'], target: 'node22', sourcemap: true }

export default defineConfig([
  {
    ...shared,
    dts: true,
    // One shared chunk holds the error class, so that every entry throws the same one.
    splitting: true,
    entry: entriesOf(manifest.exports),
    // An adapter's `import 'intermodal'` is the source next to it, not what an earlier build left behind.
    esbuildOptions(options) {
      options.conditions = ['@intermodal/source']
      options.sourcesContent = false
    },
  },
  {
    ...shared,
    entry: { 'cli/main': 'src/cli/main.ts' },
    splitting: true,
    // The command line uses the package as anyone does, and so loads an adapter only when it is asked for.
    external: [/^intermodal(\/|$)/],
    banner: { js: '#!/usr/bin/env node' },
    // What it loads in a second step finds package.json where the first does.
    esbuildOptions(options) {
      options.chunkNames = 'cli/[name]-[hash]'
      options.sourcesContent = false
    },
  },
])
