import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createWorld } from 'intermodal/simulated'
import { fakeMarathon } from 'intermodal/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { workshop } from '../cli/cli.ts'

describe('intermodal fake marathon', () => {
  it('serves until Ctrl-C, and tells each request', async () => {
    const { cli } = await workshop()
    const stop = new AbortController()
    const asked = Promise.withResolvers<void>()
    const { code, stdout } = await cli('fake marathon --port 0 --nodes 5 --marathon-version 1.9', {
      interrupt: stop.signal,
      watch({ stdout }) {
        const url = /^(http:\S+) speaks Marathon 1\.9, on 5 nodes/.exec(stdout)?.[1]
        if (url && !stdout.includes('/v2/info')) ask(url).then(asked.resolve, asked.reject)
        return stdout.includes('200 GET /v2/info')
      },
    })
    await asked.promise
    expect(code).toBe(0)
    expect(stdout).toContain('200 GET /v2/info')
  })

  it('says what is wrong with how it is called', async () => {
    const { cli } = await workshop()
    const other = await cli('fake marathon --port 0 --marathon-version 2')
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringContaining('there is no Marathon 2'),
    ])
    const taken = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await new Promise((done) => taken.once('listening', done))
    const { port } = taken.address() as { port: number }
    const refused = await cli(`fake marathon --port ${port}`)
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(`port ${port}`)])
    expect((await cli('fake marathon --speed none')).code).toBe(2)
  })
})

describe('the example shop', () => {
  it('comes up on a fake Marathon as it is', async () => {
    const world = createWorld({ nodes: 5, clock: { speed: 200 } })
    await using fake = await fakeMarathon({ world, dcos: true })
    onTestFinished(() => world.close())
    const { cli } = await workshop()
    const on = `marathon+${fake.url}?secrets=dcos`
    const shop = fileURLToPath(new URL('../../examples/shop.yaml', import.meta.url))
    const { code, stderr } = await cli(['apply', '-f', shop, '--on', on])
    expect([code, stderr]).toEqual([0, expect.stringContaining('4 apps rolled out')])
    const apps = await fetch(`${fake.url}/v2/apps?label=tier`).then((answer) => answer.json())
    expect(apps).toMatchObject({ apps: { length: 4 } })
  })
})

async function ask(url: string): Promise<void> {
  const answer = await fetch(`${url}/v2/info`)
  expect(await answer.json()).toMatchObject({ version: '1.9.109' })
}
