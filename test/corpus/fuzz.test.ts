import { describe, expect, it } from 'vitest'
import { fc } from '../support/property.ts'
import { spoiled, WAYS } from './mutate.ts'
import { FOLDERS, readSource, sourcesIn } from './reading.ts'

const SOURCES = FOLDERS.flatMap((folder) => sourcesIn(folder))
/** Of these there is nothing that can be told of a line. */
const WHOLE = /^is empty$/

describe('a file of the corpus in which one thing is wrong', () => {
  it('is read, or refused with file, line and reason, and never throws', async () => {
    const where = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    await fc.assert(
      fc.asyncProperty(
        fc.nat(SOURCES.length - 1),
        fc.nat(WAYS - 1),
        where,
        async (index, way, at) => {
          const source = SOURCES[index]
          if (!source) throw new Error('there is no such source')
          const { problems } = await readSource({ ...source, text: spoiled(source.text, way, at) })
          for (const { file, line, message } of problems) {
            expect(file).not.toBe('')
            expect(message).not.toMatch(/undefined|\[object|TypeError|is not a function/)
            expect(line ?? message).toSatisfy(
              (told: unknown) => typeof told === 'number' || WHOLE.test(`${told}`),
            )
          }
        },
      ),
      { numRuns: 400, seed: 20, verbose: true },
    )
  })

  it('is refused at the value that is of the wrong kind', async () => {
    const app = { id: '/a', container: { docker: { image: 'a' } }, healthChecks: { path: 1 } }
    const { problems } = await readSource({
      file: 'app.json',
      text: JSON.stringify({ apps: [app] }),
    })
    expect(problems).toMatchObject([
      { path: '/apps/0/healthChecks', message: expect.stringContaining('is malformed') },
    ])
  })
})
