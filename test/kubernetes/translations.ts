import { type App, type AppInput, defineApp, type Loss } from 'intermodal'
import { translate } from '../../adapters/kubernetes/translate.ts'
import type { KubernetesObject, PodSpec, PodTemplate } from '../../adapters/kubernetes/wire.ts'

export function app(input: Partial<AppInput> = {}): App {
  return defineApp({ id: '/shop/web', image: 'web:1', ...input })
}

export function objectsOf(input: Partial<AppInput>): readonly KubernetesObject[] {
  return translate(app(input)).native.objects
}

export function named(input: Partial<AppInput>): string[] {
  return objectsOf(input).map(({ kind, metadata }) => `${kind}/${metadata.name}`)
}

export function templateOf(input: Partial<AppInput>): PodTemplate {
  const [workload] = objectsOf(input)
  if (!workload) throw new Error('there is no workload')
  return (workload.spec as { readonly template: PodTemplate }).template
}

export function podOf(input: Partial<AppInput>): PodSpec {
  const { spec } = templateOf(input)
  if (!spec) throw new Error('the template has no pods')
  return spec
}

export function lossesOf(input: Partial<AppInput>): Pick<Loss, 'path' | 'kind'>[] {
  return translate(app(input)).losses.map(({ path, kind }) => ({ path, kind }))
}

export const http = { name: 'http', containerPort: 8080 } as const
