import { z } from 'zod'
import { nameSchema, portNumber } from './container.ts'
import { choice, type In, named, type Out, once, someText, text } from './named.ts'

const rawPort = once(() =>
  z.strictObject({
    name: nameSchema().describe('What probes and other apps call it: http'),
    containerPort: portNumber().describe('The port the process listens on'),
    hostPort: z
      .union([portNumber(), z.literal('dynamic')], {
        error: 'needs a port from 1 to 65535, or "dynamic"',
      })
      .optional()
      .describe('The port on the node; "dynamic" lets the engine choose'),
    servicePort: portNumber()
      .optional()
      .describe('The port other apps use; containerPort when absent'),
    protocol: z.enum(['tcp', 'udp', 'sctp']).default('tcp').describe('The transport protocol'),
    exposure: choice({
      internal: 'Other apps only',
      node: 'At the node that runs the instance',
      cluster: 'At every node of the cluster',
      public: 'Through a load balancer or ingress',
    })
      .optional()
      .describe('Who reaches the port. Absent: internal, or node when hostPort is given'),
    host: someText().optional().describe('With public: the host name that is routed here'),
    path: text(/^\//, 'needs a path such as /shop')
      .optional()
      .describe('With public: the path that is routed here'),
  }),
)

export interface PortInput extends In<typeof rawPort> {}
/** A port that the app listens on. */
export interface Port extends Out<typeof rawPort> {}
export const portSchema = once(() => named<Port, PortInput>(rawPort()))
