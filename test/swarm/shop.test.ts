import { readFileSync } from 'node:fs'
import { type AppInput, defineApp } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { translate } from '../../adapters/swarm/translate.ts'

describe('the example shop', () => {
  const file = new URL('../../examples/shop.yaml', import.meta.url)
  const { group, apps } = parse(readFileSync(file, 'utf8')) as {
    group: string
    apps: Record<string, object>
  }

  it.each(Object.entries(apps))('runs on Swarm with strict losses: %s', (name, input) => {
    const app = defineApp({ ...input, id: `${group}/${name}` } as AppInput)
    const { losses } = translate(app)
    expect(losses.filter(({ kind }) => kind !== 'approximated')).toEqual([])
  })
})
