import fc from 'fast-check'

/**
 * Properties try the same cases in every run, so that a change is judged by itself. `INTERMODAL_SEED=$RANDOM` looks for
 * cases nobody has tried yet.
 */
fc.configureGlobal({ seed: Number(process.env.INTERMODAL_SEED ?? 20260101) })

export { default as fc } from 'fast-check'
