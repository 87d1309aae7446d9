import type { KubernetesObject } from 'intermodal/kubernetes'

type Json = Readonly<Record<string, unknown>>

/**
 * An object of an old version in the words of the present one, as a server that knows both converts it. Kinds whose
 * words never changed only get another version.
 */
export function converted(object: KubernetesObject, apiVersion: string): KubernetesObject {
  const spec = json(object.spec)
  const written = object.apiVersion ?? ''
  if (object.kind === 'Ingress') return { ...object, apiVersion, spec: ingressSpec(spec) }
  if (object.kind !== 'HorizontalPodAutoscaler' || written === 'autoscaling/v2beta2')
    return { ...object, apiVersion }
  const { targetCPUUtilizationPercentage: cpu, metrics, ...rest } = spec
  const wanted = [
    ...(Array.isArray(metrics) ? metrics.map(betaMetric) : []),
    ...(cpu == null ? [] : [resourceMetric('cpu', utilization(cpu))]),
  ]
  return {
    ...object,
    apiVersion,
    spec: { ...rest, ...(wanted.length > 0 ? { metrics: wanted } : {}) },
  }
}

function ingressSpec({ backend, rules, ...rest }: Json): Json {
  return {
    ...rest,
    ...(backend === undefined ? {} : { defaultBackend: backendOf(backend) }),
    ...(Array.isArray(rules) ? { rules: rules.map(ruleOf) } : {}),
  }
}

function ruleOf(rule: unknown): Json {
  const { http, ...rest } = json(rule)
  const { paths, ...others } = json(http)
  if (http === undefined) return rest
  const converted = (Array.isArray(paths) ? paths : []).map((path) => ({
    pathType: 'ImplementationSpecific',
    ...json(path),
    backend: backendOf(json(path).backend),
  }))
  return { ...rest, http: { ...others, paths: converted } }
}

function backendOf(backend: unknown): unknown {
  const { serviceName, servicePort, ...rest } = json(backend)
  if (serviceName === undefined && servicePort === undefined) return backend
  const port = typeof servicePort === 'number' ? { number: servicePort } : { name: servicePort }
  return {
    ...rest,
    service: { name: serviceName, ...(servicePort === undefined ? {} : { port }) },
  }
}

/** Since v2beta2 what is measured and what is aimed at stand apart. */
function betaMetric(metric: unknown): Json {
  const { type, resource, pods, object, external } = json(metric)
  const rest = json(metric)
  if (resource !== undefined) {
    const { name, ...target } = json(resource)
    return resourceMetric(name, targetOf(target))
  }
  if (pods !== undefined) {
    const { metricName, selector, ...target } = json(pods)
    return { type, pods: { metric: named(metricName, selector), target: targetOf(target) } }
  }
  if (object !== undefined) {
    const { target: describedObject, metricName, selector, ...target } = json(object)
    const metric = named(metricName, selector)
    return { type, object: { describedObject, metric, target: targetOf(target) } }
  }
  if (external !== undefined) {
    const { metricName, metricSelector, ...target } = json(external)
    return {
      type,
      external: { metric: named(metricName, metricSelector), target: targetOf(target) },
    }
  }
  return rest
}

function resourceMetric(name: unknown, target: Json): Json {
  return { type: 'Resource', resource: { name, target } }
}

function named(name: unknown, selector: unknown): Json {
  return { name, ...(selector === undefined ? {} : { selector }) }
}

function utilization(percent: unknown): Json {
  return { type: 'Utilization', averageUtilization: percent }
}

function targetOf(given: Json): Json {
  const {
    targetAverageUtilization: percent,
    targetAverageValue,
    averageValue = targetAverageValue,
    targetValue: value,
    ...rest
  } = given
  if (percent !== undefined) return { ...rest, ...utilization(percent) }
  if (averageValue !== undefined) return { ...rest, type: 'AverageValue', averageValue }
  return { ...rest, type: 'Value', value }
}

function json(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}
