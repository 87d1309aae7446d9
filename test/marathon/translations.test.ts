import { type AppInput, defineApp } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { Translations } from '../../adapters/marathon/translations.ts'

const web = {
  id: '/shop/web',
  image: 'shop/web:1',
  ports: [{ name: 'http', containerPort: 80 }],
  update: { maxUnavailable: 1 },
} satisfies AppInput
const app = defineApp(web)
const counted = defineApp({ ...web, replicas: 4 })

describe('translations of one app', () => {
  it('are made once', () => {
    const translations = new Translations()
    const first = translations.of(counted, { version: '1.10.26' })
    expect(translations.of(counted, { version: '1.10.26', replicas: 2 })).toBe(first)
  })

  it('are made anew for another version of the server', () => {
    const translations = new Translations()
    const today = translations.of(counted, { version: '1.10.26' })
    const before = translations.of(counted, { version: '1.4.0' })
    expect(before).not.toEqual(today)
  })

  it('are made anew for another live count, where the app has none of its own', () => {
    const translations = new Translations()
    const counts = [undefined, 0, 2, 4].map(
      (replicas) => translations.of(app, { replicas }).native as { instances?: number },
    )
    expect(counts.map(({ instances }) => instances)).toEqual([undefined, 0, 2, 4])
  })
})
