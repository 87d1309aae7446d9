import { describe, expect, it } from 'vitest'
import { Texts } from '../../adapters/kubernetes/texts.ts'

describe('texts that are kept once', () => {
  it('leaves every object as equal as it was, however many texts there are', () => {
    const texts = new Texts()
    for (let index = 0; index < 3_000; index++) {
      const object = {
        metadata: {
          uid: `uid-of-object-${index}`,
          created: `moment number ${index}`,
          count: index,
        },
        status: { list: [{ reason: 'NewReplicaSetAvailable' }, 'in a list itself', null, true] },
      }
      const copy = structuredClone(object)
      expect(texts.share(object)).toBe(object)
      expect(object).toEqual(copy)
    }
  })
})
