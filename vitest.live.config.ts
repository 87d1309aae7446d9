import { defineConfig } from 'vitest/config'

const source = ['@intermodal/source']

const given = process.env.INTERMODAL_TEST_KUBECONFIG || process.env.KUBECONFIG

/**
 * Against real engines: they share the machine, so one engine at a time. `npm run test:live -- swarm` starts only what
 * the files it names need.
 */
export default defineConfig({
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source } },
  test: {
    reporters: ['default', './test/proved.ts', './test/reporter.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Real time on a machine that others load too. What needs it is listed at the end of the run.
    retry: 1,
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
          // On somebody's cluster only what stays in a namespace of its own.
          exclude: given ? ['test/live/kubernetes/own/**'] : [],
          // Namespaces keep them apart, and they mostly wait.
          fileParallelism: true,
          maxWorkers: 3,
          globalSetup: ['test/live/engine/kubernetes/setup.ts'],
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
