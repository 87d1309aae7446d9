import { describe, expect, it } from 'vitest'
import { REVISION } from '../../adapters/kubernetes/marks.ts'
import { parseObject } from '../../adapters/kubernetes/parse.ts'

const managedFields = [
  { manager: 'kubectl \\ "edit" ]}', fieldsV1: { 'f:spec': { 'k:{"name":"app"}': { '.': {} } } } },
  { manager: 'kubelet', fieldsV1: {} },
]

function pod(annotations: Readonly<Record<string, string>>, fields: unknown) {
  return {
    metadata: { name: 'ünïcödé-🚢', annotations, managedFields: fields },
    spec: { text: 'as it is: "managedFields":[{' },
  }
}

describe('an object as the server sends it', () => {
  it.each([0, 1])('is read without who wrote which of its fields, indented by %j', (indent) => {
    // What the server does not write is read whole.
    const left = indent === 0 ? [] : managedFields
    const quoting = { last: JSON.stringify(pod({}, managedFields)) }
    const json = Buffer.from(JSON.stringify(pod(quoting, managedFields), null, indent))
    expect(parseObject(json, 'Pod')).toEqual(pod(quoting, left))
    const event = `{"type":"ADDED","object":${json}}`
    expect(parseObject(Buffer.from(event), 'Pod')).toEqual({
      type: 'ADDED',
      object: pod(quoting, left),
    })
  })

  it('is read whole when it is a workload with pods of ours', () => {
    const own = { spec: { template: { metadata: { annotations: { [REVISION]: 'abc' } } } } }
    const object = { ...pod({}, managedFields), ...own }
    const json = Buffer.from(JSON.stringify(object))
    expect(parseObject(json, 'Deployment')).toEqual(object)
    expect(parseObject(json, 'ReplicaSet')).toEqual({ ...object, ...pod({}, []), ...own })
  })

  it('throws for a text that was cut anywhere', () => {
    const whole = Buffer.from(JSON.stringify(pod({}, managedFields)))
    for (let length = 0; length < whole.length; length++)
      expect(() => parseObject(whole.subarray(0, length), 'Pod')).toThrow(SyntaxError)
  })
})
