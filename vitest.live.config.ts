import { defineConfig } from 'vitest/config'

const source = ['@intermodal/source']

/** Against real engines: one at a time, they share the machine. */
export default defineConfig({
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source } },
  test: {
    reporters: ['default', './test/reporter.ts'],
    include: ['test/live/**/*.test.ts'],
    globalSetup: ['test/live/engine/setup.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
