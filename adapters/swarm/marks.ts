/** Labels that only the calls need; those an app is described by are in labels.ts. All begin with `intermodal.`. */

/** On a service: the id of the write that made it so, to recognise a write whose answer was lost. */
export const OP = 'intermodal.op'
/** On a service: the revision before, for `rollback`. */
export const PREVIOUS = 'intermodal.previous'
/** On a service with zero replicas: how many there were. */
export const SUSPENDED = 'intermodal.suspended'
/** On a config: whose history it is part of. */
export const HISTORY = 'intermodal.history'
/** On a secret or config: the logical name it is a version of, `name` or `name.key`. */
export const MATERIAL = 'intermodal.material'
/** On a secret or config: a hash of its content. */
export const CONTENT = 'intermodal.content'
/** On a secret or config: which keys the material has altogether, as a hash. */
export const KEYS = 'intermodal.keys'
/** On a service: which of its references stand for every key of a secret or config, as a list of directories. */
export const WHOLE = 'intermodal.whole'
