import { canonicalJson, defineApp, printApp } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { canonical } from '../../adapters/marathon/canonical.ts'
import { interpret } from '../../adapters/marathon/interpret.ts'
import { MEMO } from '../../adapters/marathon/labels.ts'
import { revisionOf } from '../../adapters/marathon/revision.ts'
import { argumentsOf, commandLine } from '../../adapters/marathon/shell.ts'
import { translate } from '../../adapters/marathon/translate.ts'
import { arbitraryApp } from '../conformance/arbitrary-app.ts'
import { fc } from '../support/property.ts'

const app = arbitraryApp(['service', 'stateful', 'job'])
const version = fc.constantFrom('1.3.14', '1.4.13', '1.5.15', '1.10.26')

describe('there and back', () => {
  it('gives the same app again when nothing of it is lost', () => {
    fc.assert(
      fc.property(app, version, (wanted, version) => {
        const { native, losses } = translate(wanted, { version })
        fc.pre(losses.every(({ kind }) => kind === 'approximated'))
        expect(printApp(interpret(native).app)).toEqual(printApp(wanted))
      }),
      { numRuns: 60 },
    )
  })

  it('gives an app that means the same when the memo is lost', () => {
    fc.assert(
      fc.property(app, (wanted) => {
        const { native } = translate(wanted, { version: '1.10.26' })
        const { [MEMO]: _, ...labels } = native.labels ?? {}
        const bare = { ...native, labels }
        const again = translate(interpret(bare).app, { version: '1.10.26' }).native
        expect(canonical(again)).toEqual(canonical(bare))
      }),
      { numRuns: 60 },
    )
  })

  it('means the same in both forms of networks and ports', () => {
    const plain = fc.constantFrom('host', 'bridge', 'container').map((mode) =>
      defineApp({
        id: '/shop/web',
        image: 'shop/web:1',
        network: { mode },
        ports: [
          { name: 'http', containerPort: 8080, servicePort: 80 },
          { name: 'dns', containerPort: 53, protocol: 'udp' },
        ].map((port) =>
          mode === 'host' ? { name: port.name, containerPort: port.containerPort } : port,
        ) as never,
      }),
    )
    fc.assert(
      fc.property(plain, (wanted) => {
        const [old, modern] = ['1.4.13', '1.5.15'].map(
          (version) => translate(wanted, { version }).native,
        )
        expect(canonical(old as never)).toEqual(canonical(modern as never))
        expect(canonicalJson(old)).not.toBe(canonicalJson(modern))
      }),
      { numRuns: 9 },
    )
  })

  it('keeps the revision of an app that is scaled, and of one whose budgets alone change', () => {
    fc.assert(
      fc.property(app, fc.integer({ min: 0, max: 9 }), (wanted, replicas) => {
        fc.pre(wanted.kind !== 'job')
        const one = translate(wanted).native
        const other = translate({
          ...wanted,
          replicas,
          update: { ...wanted.update, maxUnavailable: '40%' },
        }).native
        expect(revisionOf(other)).toBe(revisionOf(one))
      }),
      { numRuns: 40 },
    )
  })

  it('reads back every command line it writes', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), (command) => {
        expect(argumentsOf(commandLine(command))).toEqual(command)
      }),
    )
  })
})
