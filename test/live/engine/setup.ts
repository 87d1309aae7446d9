import type { TestProject } from 'vitest/node'
import { loadImages, startEngine } from './engine.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The swarm manager the live tests use: `DOCKER_HOST`, or an engine started for them. */
    readonly dockerHost: string
  }
}

/**
 * `DOCKER_HOST` names a manager to test against; without it an engine is installed and started, and ended afterwards.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.DOCKER_HOST
  if (given) {
    await loadImages(given)
    project.provide('dockerHost', given)
    return async () => {}
  }
  const engine = await startEngine()
  project.provide('dockerHost', engine.host)
  return async () => {
    await engine[Symbol.asyncDispose]()
  }
}
