import { describe, expect, it } from 'vitest'
import { WHOLE } from '../../adapters/swarm/marks.ts'
import type { SwarmNative } from '../../adapters/swarm/native.ts'
import { missingMaterial, resolveSpec } from '../../adapters/swarm/resolve.ts'
import { unresolve, wholeLabel } from '../../adapters/swarm/unresolve.ts'
import type { Config, Network, Secret } from '../../adapters/swarm/wire.ts'

const date = '2026-11-22T12:00:00Z'
let index = 0

function version(logical: string, keys: string, name = `${logical}-${index}`): Secret {
  index++
  return {
    ID: `id-${name}`,
    Version: { Index: index },
    CreatedAt: date,
    UpdatedAt: date,
    Spec: { Name: name, Labels: { 'intermodal.material': logical, 'intermodal.keys': keys } },
  }
}

const content: Config = {
  ID: 'id-content',
  Version: { Index: 1 },
  CreatedAt: date,
  UpdatedAt: date,
  Spec: { Name: 'shop_web-abc', Labels: { 'intermodal.app': '/shop/web' }, Data: 'b25l' },
}

const network: Network = {
  Id: 'id-network',
  Name: 'intermodal_shop',
  Driver: 'overlay',
  Scope: 'swarm',
  Labels: { 'intermodal.group': '/shop' },
}

const file = (Name: string) => ({ Name, UID: '0', GID: '0', Mode: 0o444 })

const native: SwarmNative = {
  service: {
    Name: 'shop_web',
    Labels: {},
    TaskTemplate: {
      ContainerSpec: {
        Image: 'web:1',
        Secrets: [
          { SecretName: 'db.password', File: file('/run/password') },
          { SecretName: 'db.*', File: file('/run/db/*') },
        ],
        Configs: [{ ConfigName: 'shop_web-abc', File: file('/etc/app.conf') }],
      },
      Networks: [{ Target: 'intermodal_shop', Aliases: ['web'] }],
    },
  },
  configs: [content.Spec],
  networks: [
    { Name: 'intermodal_shop', Driver: 'overlay', Labels: { 'intermodal.group': '/shop' } },
  ],
}

describe('references by logical name', () => {
  it('mean the newest version, and every key where all are asked for', () => {
    const secrets = [
      version('db.password', 'two'),
      version('db.user', 'two'),
      version('db.password', 'two', 'newest'),
    ]
    const spec = resolveSpec(native, { secrets, configs: [content], networks: [network] })
    const { ContainerSpec, Networks } = spec.TaskTemplate
    expect(ContainerSpec?.Secrets?.map((one) => [one.SecretID, one.File?.Name])).toEqual([
      ['id-newest', '/run/password'],
      ['id-newest', '/run/db/password'],
      [secrets[1]?.ID, '/run/db/user'],
    ])
    expect(ContainerSpec?.Configs?.[0]).toMatchObject({ ConfigID: 'id-content' })
    expect(Networks?.[0]?.Target).toBe('id-network')
  })

  it('do not mean keys the newest put no longer had', () => {
    const secrets = [version('db.password', 'two'), version('db.user', 'two')]
    const one = [...secrets, version('db.password', 'one', 'alone')]
    const spec = resolveSpec(native, { secrets: one, configs: [content], networks: [network] })
    expect(spec.TaskTemplate.ContainerSpec?.Secrets?.map(({ SecretName }) => SecretName)).toEqual([
      'alone',
      'alone',
    ])
  })

  it('mean a secret made by hand under just that name', () => {
    const byHand: Secret = { ...version('', ''), ID: 'hand', Spec: { Name: 'db.password' } }
    const around = { secrets: [byHand], configs: [content], networks: [network] }
    expect(missingMaterial(native, around)).toEqual(['secret db.*'])
  })

  it('are named when the cluster has nothing for them', () => {
    expect(missingMaterial(native, { secrets: [], configs: [], networks: [] })).toEqual([
      'secret db.password',
      'secret db.*',
    ])
    const service = {
      ...native.service,
      TaskTemplate: { Networks: [{ Target: 'nowhere' }, { Target: 'host' }] },
    }
    const poor = { service, configs: [], networks: [] }
    expect(missingMaterial(poor, { secrets: [], configs: [], networks: [network] })).toEqual([
      'network nowhere',
    ])
  })

  it('are found again from what the engine keeps', () => {
    const secrets = [version('db.password', 'two'), version('db.user', 'two')]
    const around = { secrets, configs: [content], networks: [network] }
    const spec = resolveSpec(native, around)
    const label = wholeLabel(native)
    const live = { ...spec, Labels: { [WHOLE]: label ?? '' } }
    expect(unresolve('/shop/web', live, around)).toEqual(native)
  })
})
