import fc from 'fast-check'

/**
 * Properties try the same cases in every run, so that a change is judged by itself. `INTERMODAL_SEED=random` looks for
 * cases nobody has tried yet, a number repeats what was found.
 */
const seed = process.env.INTERMODAL_SEED ?? '20161122'
if (seed !== 'random') fc.configureGlobal({ seed: Number(seed) })

export { default as fc } from 'fast-check'
