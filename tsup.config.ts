import { defineConfig, type Options } from 'tsup'

const shared: Options = { format: ['esm'], target: 'node22', sourcemap: true }

export default defineConfig([
  {
    ...shared,
    clean: true,
    dts: true,
    // One shared chunk holds the error class, so that every entry throws the same one.
    splitting: true,
    entry: {
      index: 'src/index.ts',
      testing: 'test/conformance/index.ts',
      'adapters/simulated': 'adapters/simulated/index.ts',
      'adapters/swarm': 'adapters/swarm/index.ts',
    },
  },
  {
    ...shared,
    entry: { 'cli/main': 'src/cli/main.ts' },
    splitting: true,
    // The command line uses the package as anyone does, and so loads an adapter only when it is asked for.
    external: [/^intermodal(\/|$)/],
    banner: { js: '#!/usr/bin/env node' },
  },
])
