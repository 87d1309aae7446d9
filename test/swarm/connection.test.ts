import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseConnection } from '../../adapters/swarm/connection.ts'
import { resolveDocker } from '../../adapters/swarm/context.ts'

describe('an address', () => {
  it.each([
    [undefined, { at: 'unix:///var/run/docker.sock', socketPath: '/var/run/docker.sock' }],
    ['unix://', { socketPath: '/var/run/docker.sock' }],
    ['unix:///run/user/1000/docker.sock', { socketPath: '/run/user/1000/docker.sock' }],
    ['npipe://', { socketPath: '//./pipe/docker_engine' }],
    [
      'tcp://manager',
      { at: 'tcp://manager:2375', hostname: 'manager', port: 2375, tls: undefined },
    ],
    ['manager:4243', { hostname: 'manager', port: 4243 }],
    ['tcp://[::1]:2375', { at: 'tcp://[::1]:2375', hostname: '::1' }],
    ['https://manager', { port: 2376, tls: { verify: true } }],
  ])('%s is understood', (host, endpoint) => {
    expect(parseConnection({ host })).toMatchObject(endpoint)
  })

  it('with certificates is spoken to with TLS, verified unless turned off by name', () => {
    const host = 'tcp://manager'
    expect(parseConnection({ host, tls: { ca: 'PEM' } })).toMatchObject({
      port: 2376,
      tls: { ca: 'PEM', verify: true },
    })
    expect(parseConnection({ host, tls: { verify: false } }).tls).toEqual({ verify: false })
  })

  it('over ssh keeps user, port and the socket on the other side, and shows no user', () => {
    expect(parseConnection({ host: 'ssh://deploy@manager:2222/run/docker.sock' })).toEqual({
      at: 'ssh://manager:2222',
      ssh: { hostname: 'manager', port: 2222, user: 'deploy', socketPath: '/run/docker.sock' },
    })
    expect(parseConnection({ host: 'ssh://manager' }).ssh?.socketPath).toBe('/var/run/docker.sock')
  })

  it.each(['ftp://manager', 'tcp://', 'ssh://user:hunter2@manager', 'tcp://a b'])(
    '%s is refused with what to give, and without its password',
    (host) => {
      expect(() => parseConnection({ host })).toThrow(
        expect.objectContaining({
          code: 'UNSUPPORTED',
          remedy: expect.stringContaining('unix:///'),
        }),
      )
      expect(() => parseConnection({ host })).not.toThrow(/hunter2/)
    },
  )
})

const id = (name: string) => createHash('sha256').update(name).digest('hex')

function context(name: string, endpoint: unknown, tls: Readonly<Record<string, string>> = {}) {
  const files: Record<string, string> = {
    [`/home/me/.docker/contexts/meta/${id(name)}/meta.json`]: JSON.stringify({
      Name: name,
      Metadata: {},
      Endpoints: { docker: endpoint },
    }),
  }
  for (const [file, text] of Object.entries(tls))
    files[`/home/me/.docker/contexts/tls/${id(name)}/docker/${file}`] = text
  return files
}

function resolve(
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
  more: { readonly host?: string; readonly context?: string } = {},
) {
  return resolveDocker({
    env: { HOME: '/home/me', ...env },
    readFile: async (path) => {
      const text = files[path]
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return text
    },
    exists: async (path) => path in files,
    ...more,
  })
}

describe('where the docker command would go', () => {
  const current = { '/home/me/.docker/config.json': '{"currentContext":"prod","auths":{}}' }
  const prod = context(
    'prod',
    { Host: 'tcp://prod:2376' },
    { 'ca.pem': 'CA', 'cert.pem': 'CERT', 'key.pem': 'KEY' },
  )

  it('is the usual socket when nothing is said', async () => {
    expect(await resolve({})).toEqual({ host: 'unix:///var/run/docker.sock' })
  })

  it("is the socket of Docker Desktop where that is the user's", async () => {
    const files = { '/home/me/.docker/run/docker.sock': '' }
    expect(await resolve({}, files)).toEqual({ host: 'unix:///home/me/.docker/run/docker.sock' })
  })

  it('is the current context, with its certificates', async () => {
    expect(await resolve({}, { ...current, ...prod })).toEqual({
      host: 'tcp://prod:2376',
      tls: { ca: 'CA', cert: 'CERT', key: 'KEY', verify: true },
    })
  })

  it('is DOCKER_CONTEXT before the current context', async () => {
    const files = { ...current, ...prod, ...context('test', { Host: 'ssh://me@test' }) }
    expect(await resolve({ DOCKER_CONTEXT: 'test' }, files)).toMatchObject({
      host: 'ssh://me@test',
    })
  })

  it('is DOCKER_HOST before any context that was not asked for', async () => {
    const env = { DOCKER_HOST: 'tcp://other:2375', DOCKER_CONTEXT: 'prod' }
    expect(await resolve(env, { ...current, ...prod })).toMatchObject({ host: 'tcp://other:2375' })
  })

  it('is a context asked for before DOCKER_HOST', async () => {
    const env = { DOCKER_HOST: 'tcp://other:2375' }
    expect(await resolve(env, prod, { context: 'prod' })).toMatchObject({ host: 'tcp://prod:2376' })
    expect(await resolve(env, prod, { context: 'default' })).toMatchObject({
      host: 'tcp://other:2375',
    })
  })

  it('is the host asked for before everything', async () => {
    const env = { DOCKER_HOST: 'tcp://other:2375', DOCKER_CONTEXT: 'prod' }
    expect(await resolve(env, prod, { host: 'unix:///mine' })).toMatchObject({
      host: 'unix:///mine',
    })
  })

  it('takes any value of DOCKER_TLS_VERIFY for yes, as docker does', async () => {
    const env = {
      DOCKER_HOST: 'tcp://prod:2376',
      DOCKER_TLS_VERIFY: '0',
      DOCKER_CERT_PATH: '/certs',
    }
    expect(await resolve(env, { '/certs/ca.pem': 'CA' })).toEqual({
      host: 'tcp://prod:2376',
      tls: { ca: 'CA', cert: undefined, key: undefined, verify: true },
    })
  })

  it('uses TLS without checking when only DOCKER_TLS says so', async () => {
    const env = { DOCKER_HOST: 'tcp://prod:2376', DOCKER_TLS: '1' }
    expect(await resolve(env)).toMatchObject({ tls: { verify: false } })
  })

  it('looks in DOCKER_CONFIG', async () => {
    const env = { DOCKER_CONFIG: '/etc/docker-client' }
    const moved = Object.fromEntries(
      Object.entries({ ...current, ...prod }).map(([path, text]) => [
        path.replace('/home/me/.docker', '/etc/docker-client'),
        text,
      ]),
    )
    expect(await resolve(env, moved)).toMatchObject({ host: 'tcp://prod:2376' })
  })

  it.each([
    ['a context that does not exist', { DOCKER_CONTEXT: 'nope' }, {}, /no Docker context "nope"/],
    [
      'a context for something else',
      { DOCKER_CONTEXT: 'k' },
      context('k', {}),
      /no Docker endpoint/,
    ],
    [
      'certificates that are missing',
      { DOCKER_HOST: 'tcp://a', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' },
      {},
      /holds none of ca\.pem/,
    ],
  ])('refuses %s', async (_, env, files, message) => {
    await expect(resolve(env, files)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(message),
    })
  })

  it('refuses a broken config.json without quoting it', async () => {
    const files = { '/home/me/.docker/config.json': '{"auths":{"r":{"auth":"aHVudGVyMg=="' }
    await expect(resolve({}, files)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(resolve({}, files)).rejects.not.toThrow(/aHVudGVyMg/)
  })

  it('refuses a host and a context at once', async () => {
    await expect(resolve({}, prod, { host: 'tcp://a', context: 'prod' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    })
  })
})
