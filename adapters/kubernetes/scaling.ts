import type { App } from 'intermodal'
import type { Context } from './context.ts'
import { ownMeta } from './labels.ts'
import { type Report, step } from './loss.ts'
import { parseQuantity } from './quantity.ts'
import type { KubernetesObject } from './wire.ts'

type Metric = NonNullable<App['autoscale']>['metrics'][number]

interface WireMetric {
  readonly type?: string
  readonly resource?: {
    readonly name?: string
    readonly target?: { readonly type?: string; readonly averageUtilization?: number }
  }
  readonly pods?: {
    readonly metric?: { readonly name?: string }
    readonly target?: { readonly type?: string; readonly averageValue?: string | number }
  }
}

export function writeAutoscaler({ app, name, report }: Context): KubernetesObject[] {
  const { autoscale } = app
  if (!autoscale) return []
  if (autoscale.min === 0) {
    report('approximated', '/autoscale/min', 'Kubernetes keeps at least one instance')
  }
  reportRequests(app, report)
  return [
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: ownMeta(app.id, name, name),
      spec: {
        scaleTargetRef: {
          apiVersion: 'apps/v1',
          kind: app.kind === 'stateful' ? 'StatefulSet' : 'Deployment',
          name,
        },
        minReplicas: Math.max(1, autoscale.min),
        maxReplicas: autoscale.max,
        metrics: autoscale.metrics.map(writeMetric),
      },
    },
  ]
}

function reportRequests({ autoscale, resources }: App, report: Report): void {
  for (const [index, { type }] of (autoscale?.metrics ?? []).entries()) {
    if (type === 'custom') {
      report(
        'approximated',
        `/autoscale/metrics${step(index)}`,
        'the cluster needs a metrics adapter that knows it',
      )
    } else if ((resources.requests?.[type] ?? resources.limits?.[type]) === undefined) {
      report(
        'approximated',
        `/autoscale/metrics${step(index)}/utilization`,
        `is a part of the requested ${type}, and none is requested: it is never reached`,
        `set resources.requests.${type}`,
      )
    }
  }
}

function writeMetric(metric: Metric): object {
  if (metric.type === 'custom') {
    const averageValue = Number.isInteger(metric.average)
      ? String(metric.average)
      : `${Math.round(metric.average * 1000)}m`
    return {
      type: 'Pods',
      pods: { metric: { name: metric.name }, target: { type: 'AverageValue', averageValue } },
    }
  }
  return {
    type: 'Resource',
    resource: {
      name: metric.type,
      target: { type: 'Utilization', averageUtilization: metric.utilization },
    },
  }
}

export function readAutoscaler(found: KubernetesObject | undefined): App['autoscale'] | undefined {
  const spec = found?.spec as
    | { minReplicas?: number; maxReplicas?: number; metrics?: readonly WireMetric[] }
    | undefined
  const metrics = (spec?.metrics ?? []).flatMap((metric) => readMetric(metric) ?? [])
  if (spec?.maxReplicas === undefined || metrics.length === 0) return undefined
  return { min: spec.minReplicas ?? 1, max: spec.maxReplicas, metrics }
}

function readMetric({ resource, pods }: WireMetric): Metric | undefined {
  const utilization = resource?.target?.averageUtilization
  if (utilization !== undefined && (resource?.name === 'cpu' || resource?.name === 'memory')) {
    return { type: resource.name, utilization }
  }
  const average = parseQuantity(pods?.target?.averageValue ?? '')
  const name = pods?.metric?.name
  return average && name ? { type: 'custom', name, average } : undefined
}

export function writeBudget({ app, name, selector, report }: Context): KubernetesObject[] {
  const { disruption, kind } = app
  if (!disruption) return []
  if (kind === 'daemon' || kind === 'job' || kind === 'cron') {
    report(
      'dropped',
      '/disruption',
      kind === 'daemon'
        ? 'draining a node does not end daemons'
        : 'Kubernetes has budgets for apps with replicas only',
      'leave it out',
    )
    return []
  }
  return [
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: ownMeta(app.id, name, name),
      spec: { ...disruption, selector: { matchLabels: selector } },
    },
  ]
}

export function readBudget(found: KubernetesObject | undefined): App['disruption'] | undefined {
  const { minAvailable, maxUnavailable } = (found?.spec ?? {}) as NonNullable<App['disruption']>
  if (minAvailable !== undefined) return { minAvailable }
  return maxUnavailable === undefined ? undefined : { maxUnavailable }
}
