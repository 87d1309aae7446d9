import { containerFields } from './container.ts'
import { policyFields } from './policies.ts'
import { type FieldSample, field, fieldEach } from './sample.ts'
import { trafficFields } from './traffic.ts'
import { volumeFields } from './volumes.ts'

/**
 * Every field of the app model with a value that is not its default: what the suite sets in turn. A test of this
 * package holds it against the schema, so a field that is added to the model and not here is noticed. `native` is
 * not in it: what a patch means is the engine's own.
 */
export const fieldSamples: readonly FieldSample[] = [
  field('/id', '/conformance/deeper/other-app'),
  field('/kind', 'service', {}, ['service']),
  field('/kind', 'stateful', {}, ['stateful']),
  field('/kind', 'daemon', {}, ['daemon']),
  field('/kind', 'job', {}, ['job']),
  field('/kind', 'cron', {}, ['cron']),
  ...containerFields,
  field('/registryAuth/secret', 'registry'),
  field('/registryAuth/key', 'token', { registryAuth: { secret: 'registry' } }),
  field('/tty', true),
  ...trafficFields,
  ...volumeFields,
  ...policyFields,
  ...fieldEach('/dependsOn/~1conformance~1db', ['started', 'healthy', 'completed']),
  field('/labels/tier', 'front'),
  field('/labels/example.com~1team', 'shop'),
  field('/annotations/example.com~1note', 'free text, with = and "quotes"\nand lines'),
]
