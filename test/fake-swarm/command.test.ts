import { expect, it } from 'vitest'
import { workshop } from '../cli/cli.ts'

it('serves a swarm until Ctrl-C, and tells each request', async () => {
  const { cli } = await workshop()
  const stop = new AbortController()
  const asked = Promise.withResolvers<unknown>()
  const { code } = await cli('fake swarm --port 0 --nodes 5', {
    interrupt: stop.signal,
    watch({ stdout }) {
      const url = /^(http:\S+) speaks the Docker Engine API of a swarm, on 5 nodes/.exec(
        stdout,
      )?.[1]
      if (url && !stdout.includes('/nodes'))
        fetch(`${url}/v1.41/nodes`)
          .then((answer) => answer.json())
          .then(asked.resolve, asked.reject)
      return stdout.includes('200 GET /nodes')
    },
  })
  expect(await asked.promise).toHaveLength(5)
  expect(code).toBe(0)
})

it('refuses more managers than there are nodes', async () => {
  const { cli } = await workshop()
  const { code, stderr } = await cli('fake swarm --port 0 --nodes 2 --managers 3')
  expect([code, stderr]).toEqual([2, expect.stringContaining('the world has 2 nodes')])
})
