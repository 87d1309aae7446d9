import type { Conversation } from './conversations.ts'
import bodies from './kubectl-bodies.json' with { type: 'json' }
import { deployment } from './specs.ts'

const PROTOBUF = { type: 'application/vnd.kubernetes.protobuf' } as const

/** What kubectl 1.34 was heard to send, and what no client should. */
export const protobuf: Readonly<Record<string, Conversation>> = {
  async protobuf(talk) {
    for (const { path, body } of bodies)
      await talk.ask(
        'POST',
        path.replace('<ns>', talk.namespace),
        Buffer.from(body, 'base64'),
        PROTOBUF,
      )
    const [first] = bodies
    await talk.settle(talk.apps('deployments/web'))
    const whole = Buffer.from(first?.body ?? '', 'base64')
    const web = talk.apps('deployments')
    await talk.ask('POST', web, whole.subarray(4), PROTOBUF)
    await talk.ask('POST', web, deployment('json'), PROTOBUF)
    await talk.ask('POST', web, deployment('odd'), { type: 'application/x-odd' })
    await talk.ask('GET', web, undefined, { accept: 'application/x-odd' })
    await talk.ask('GET', web, undefined, { accept: 'application/yaml;q=0.5, application/json' })
    await talk.ask('GET', web, undefined, { accept: 'application/x-odd, */*' })
    await talk.ask('GET', web, undefined, { accept: 'text/html, application/json;q=0.5' })
  },
}
