import { defineConfig } from 'vitest/config'

/** The package as it is published: built, packed, installed elsewhere. Apart from `npm test`, because it needs a build and the registry. */
export default defineConfig({
  test: {
    reporters: ['default', './test/reporter.ts'],
    include: ['test/package/packed/**/*.test.ts'],
    globalSetup: ['test/package/packed/setup.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
})
