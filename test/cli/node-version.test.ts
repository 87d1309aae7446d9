import { expect, it } from 'vitest'
import { manifest } from '../../src/cli/manifest.ts'
import { tooOld } from '../../src/cli/node-version.ts'

it.each([
  ['v20.20.2', 'intermodal needs Node 22.19 or newer; this is v20.20.2'],
  ['v22.18.0', 'intermodal needs Node 22.19 or newer; this is v22.18.0'],
  ['v22.19.0', undefined],
  ['v23.0.0', undefined],
  ['v24.21.0', undefined],
])('tells somebody on Node %s what is needed, and nobody else', (running, complaint) => {
  expect(tooOld(running, '>=22.19')).toBe(complaint)
})

it('reads the range that package.json declares', () => {
  expect(tooOld('v0.10.0', manifest().engines.node)).toMatch(/needs Node \d+\.\d+ or newer/)
})
