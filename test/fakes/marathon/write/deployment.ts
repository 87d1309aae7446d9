import { actionJson, type Deployment, stepJson } from '../deployments.ts'
import type { Marathon } from '../marathon.ts'
import { readinessResults } from './app-info.ts'

export function deploymentJson(marathon: Marathon, deployment: Deployment): object {
  const { id, version, steps, step, affected } = deployment
  const of = (kind: string) => [...affected].flatMap(([path, one]) => (one === kind ? [path] : []))
  return {
    id,
    version,
    affectedApps: of('app'),
    affectedPods: of('pod'),
    steps: steps.map(stepJson),
    currentActions: (steps[step] ?? []).map((action) => ({
      ...actionJson(action),
      readinessCheckResults:
        action.spec.kind === 'app' ? readinessResults(marathon, action.spec) : [],
    })),
    currentStep: step + 1,
    totalSteps: steps.length,
  }
}

/** The answer to an accepted change. */
export function resultJson({ id, version }: Deployment): object {
  return { version, deploymentId: id }
}
