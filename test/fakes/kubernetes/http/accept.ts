import { stringify } from 'yaml'
import { failure } from '../errors.ts'
import type { Answer } from './answer.ts'
import { header, type Request } from './request.ts'

const JSON_TYPE = 'application/json'
const YAML_TYPE = 'application/yaml'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'

/** The form of the answer, by what the client likes best of what there is. Throws the 406 when it likes none of it. */
export function formOf(request: Request): typeof JSON_TYPE | typeof YAML_TYPE {
  const accept = header(request, 'accept')
  const liked = accept
    .split(',')
    .map((clause) => {
      const [type = '', ...parameters] = clause.split(';').map((part) => part.trim())
      const q = parameters.find((one) => one.startsWith('q='))?.slice(2)
      return { type, weight: Number(q ?? 1) }
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
  if (accept.trim() === '') return JSON_TYPE
  for (const { type } of liked) {
    if (type === YAML_TYPE) return YAML_TYPE
    if (type === JSON_TYPE || type === '*/*' || type === 'application/*') return JSON_TYPE
  }
  // This server reads protobuf and does not write it.
  const forms = accept.includes(PROTOBUF)
    ? [JSON_TYPE, YAML_TYPE]
    : [JSON_TYPE, YAML_TYPE, PROTOBUF]
  const streams = forms.filter((one) => one !== YAML_TYPE).map((one) => `${one};stream=watch`)
  throw failure(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${[...forms, ...streams].join(', ')}`,
    {},
  )
}

export function inYaml(answer: Answer): Answer {
  const { json, ...rest } = answer
  if (json === undefined) return answer
  return { ...rest, text: stringify(json), contentType: YAML_TYPE }
}
