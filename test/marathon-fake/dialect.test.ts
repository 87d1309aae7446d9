import { fakeMarathon } from 'intermodal/testing'
import { describe, expect, it } from 'vitest'
import { at, start } from './setup.ts'

const BRIDGE = {
  id: '/web',
  container: {
    type: 'DOCKER',
    docker: {
      image: 'shop/web:1',
      network: 'BRIDGE',
      portMappings: [{ containerPort: 80, hostPort: 0, servicePort: 9000 }],
    },
  },
}
const MODERN = {
  id: '/web',
  networks: [{ mode: 'container/bridge' }],
  container: {
    type: 'DOCKER',
    docker: { image: 'shop/web:1' },
    portMappings: [{ containerPort: 80, hostPort: 0, servicePort: 9000 }],
  },
}

describe('networks and ports', () => {
  it('are told in the new form from 1.5 on, in whichever they were written', async () => {
    for (const body of [BRIDGE, MODERN]) {
      const { send } = await start({ version: '1.5' })
      const { json } = await send('POST', '/v2/apps', body)
      expect(json).toMatchObject(MODERN)
      expect(at(json, 'container.docker.network')).toBeUndefined()
    }
  })

  it('are told in the old form before, and the new one is not known', async () => {
    const { send } = await start({ version: '1.4' })
    const old = await send('POST', '/v2/apps', BRIDGE)
    expect(old.json).toMatchObject({ ...BRIDGE, ports: [9000], ipAddress: null })
    expect(at(old, 'networks')).toBeUndefined()
    const ignored = await send('POST', '/v2/apps', { ...MODERN, id: '/other' })
    expect(at(ignored, 'container.docker.network')).toBe('HOST')
  })

  it('with an address of their own go both ways', async () => {
    const body = {
      id: '/ip',
      cmd: 'sleep 1000',
      ipAddress: {
        networkName: 'dcos',
        discovery: { ports: [{ number: 80, name: 'http', protocol: 'tcp' }] },
      },
    }
    const modern = await (await start({ version: '1.9' })).send('POST', '/v2/apps', body)
    expect(modern.json).toMatchObject({
      networks: [{ mode: 'container', name: 'dcos' }],
      container: { type: 'MESOS', portMappings: [{ containerPort: 80, name: 'http' }] },
    })
    const old = await (await start({ version: '1.4' })).send('POST', '/v2/apps', body)
    expect(at(old, 'ipAddress')).toMatchObject(body.ipAddress)
  })

  it.each<[what: string, fields: object, status: number, error: string]>([
    ['networks and docker.network', { networks: [{ mode: 'host' }] }, 422, 'must be empty'],
    [
      'two lists of mappings',
      { container: { ...BRIDGE.container, portMappings: [] } },
      500,
      'cannot specify both portMappings and docker.portMappings',
    ],
    [
      'docker network NONE',
      { container: { ...BRIDGE.container, docker: { image: 'a', network: 'NONE' } } },
      500,
      'unsupported docker network type NONE',
    ],
    ['uris and fetch', { uris: ['http://a/b'], fetch: [{ uri: 'http://a/c' }] }, 422, 'fetch'],
  ])('are refused as %s', async (_, fields, status, error) => {
    const { send } = await start()
    const answer = await send('POST', '/v2/apps', { ...BRIDGE, ...fields })
    expect(answer.status).toBe(status)
    expect(answer.text).toContain(error)
  })
})

describe('what a version knows', () => {
  const app = { id: '/web', cmd: 'sleep 1000' }

  it.each([
    ['1.4', /^web\.[0-9a-f-]{36}$/],
    ['1.7', /^web\.[0-9a-f-]{36}$/],
    ['1.8', /^web\.instance-[0-9a-f-]{36}\._app\.1$/],
  ] as const)('%s names tasks in its own way', async (version, name) => {
    const { world, send, get } = await start({ version })
    await send('POST', '/v2/apps', app)
    await world.settle()
    expect(at(await get('/v2/apps/web'), 'app.tasks.0.id')).toMatch(name)
  })

  it.each([
    ['1.7', 3600],
    ['1.8', 300],
  ] as const)('%s delays launches by at most %d s', async (version, seconds) => {
    const { send } = await start({ version })
    expect(at(await send('POST', '/v2/apps', app), 'maxLaunchDelaySeconds')).toBe(seconds)
  })

  it.each([
    ['1.8', undefined],
    ['1.9', '*'],
  ] as const)('%s has the role %s', async (version, role) => {
    const { send } = await start({ version })
    expect(at(await send('POST', '/v2/apps', app), 'role')).toBe(role)
  })

  it('is refused where there is no such version', async () => {
    const wanted = fakeMarathon({ version: '1.12' as '1.11' })
    await expect(wanted).rejects.toThrow('there is no Marathon 1.12 here')
  })
})
