import { defineConfig } from 'vitest/config'

const source = ['@intermodal/source']

/**
 * Against real engines: one test file at a time, they share the machine. `npm run test:live -- swarm` starts only what
 * the files it names need.
 */
export default defineConfig({
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source } },
  test: {
    reporters: ['default', './test/reporter.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'swarm',
          include: ['test/live/swarm/**/*.test.ts'],
          globalSetup: ['test/live/engine/setup.ts'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'kubernetes',
          include: ['test/live/kubernetes/**/*.test.ts'],
          globalSetup: ['test/live/engine/kubernetes/setup.ts'],
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
