import { type AppInput, defineApp } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { translate } from '../../adapters/marathon/translate.ts'
import type { AppDefinition } from '../../adapters/marathon/wire.ts'

const probe = { type: 'http', path: '/', interval: '5s' } as const

function written(fields: Partial<AppInput>, version: string): AppDefinition {
  const app = defineApp({ id: '/shop/web', image: 'shop/web:1', ...fields } as AppInput)
  return translate(app, { version }).native as AppDefinition
}

describe('a health check', () => {
  // What an absent portIndex means has changed over the versions (marathon #3140).
  it.each(['1.3.14', '1.4.13', '1.5.15', '1.10.26'])(
    'of Marathon %s always says which port it asks',
    (version) => {
      const ports: AppInput['ports'] = [
        { name: 'admin', containerPort: 9000 },
        { name: 'http', containerPort: 8080 },
      ]
      for (const [port, expected] of [
        ['http', { portIndex: 1 }],
        [8080, { portIndex: 1 }],
        ['admin', { portIndex: 0 }],
        [7000, { port: 7000 }],
      ] as const) {
        const { healthChecks = [] } = written(
          { ports, probes: { liveness: { ...probe, port } } },
          version,
        )
        expect(healthChecks).toEqual([expect.objectContaining(expected)])
      }
    },
  )

  it.each(['1.4.13', '1.5.15', '1.10.26'])(
    'of Marathon %s has every port of its app written out, with the numbers that are chosen later',
    (version) => {
      const { container } = written({ ports: [{ name: 'http', containerPort: 8080 }] }, version)
      const mappings = container?.portMappings ?? container?.docker?.portMappings
      expect(mappings).toEqual([
        { containerPort: 8080, hostPort: 0, servicePort: 0, protocol: 'tcp', name: 'http' },
      ])
    },
  )
})
