import { type Adapter, SEAM } from 'intermodal'
import { conformanceOffline } from 'intermodal/testing'
import { describe, test } from 'vitest'
import { CAPABILITIES } from '../../adapters/kubernetes/capabilities.ts'
import { interpret } from '../../adapters/kubernetes/interpret.ts'
import type { KubernetesNative } from '../../adapters/kubernetes/native.ts'
import { translate } from '../../adapters/kubernetes/translate.ts'

const none = async (): Promise<never> => {
  throw new Error('there is no cluster behind the pure half')
}
async function* nothing(): AsyncGenerator<never> {
  yield await none()
}

/** The pure half as an adapter: what can be held to the contract without a cluster. */
const pure: Adapter<KubernetesNative> = {
  seam: SEAM,
  kind: 'kubernetes',
  capabilities: CAPABILITIES,
  translate: (app) => translate(app),
  interpret: (native) => interpret(native),
  apply: none,
  remove: none,
  observe: none,
  read: none,
  list: nothing,
  watch: nothing,
  scale: none,
  restart: none,
  suspend: none,
  resume: none,
  pause: none,
  rollback: none,
  kill: none,
  logs: nothing,
  exec: none,
  nodes: none,
  explain: none,
  rehearse: none,
  putSecret: none,
  putConfig: none,
  [Symbol.asyncDispose]: async () => {},
}

await conformanceOffline(
  { describe, test, skip: test.skip },
  {
    name: 'the pure half of kubernetes',
    connect: async () => pure,
    nativePatch: { pod: { spec: { priorityClassName: 'high' } } },
  },
)
