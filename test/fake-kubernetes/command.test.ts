import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { workshop } from '../cli/cli.ts'

it('is served from the command line, with a kubeconfig that leads there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'intermodal-fake-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'fake.yaml')
  const { cli } = await workshop()
  const stop = new AbortController()
  const { code, stdout } = await cli(`fake kubernetes --port 0 --nodes 5 --kubeconfig ${file}`, {
    interrupt: stop.signal,
    watch: ({ stdout }) => stdout.includes('Go there with'),
  })
  expect(code).toBe(0)
  const [, url] = /^(http:\S+) speaks the API of Kubernetes 1\.34, on 5 nodes/.exec(stdout) ?? []
  const { clusters } = parse(await readFile(file, 'utf8'))
  expect(clusters[0].cluster.server).toBe(url)
})
