/** What happens to every pod and says nothing of one that does not come up: most of all events. */
const ORDINARY = [
  'Scheduled',
  'Pulling',
  'Pulled',
  'Created',
  'Started',
  'SuccessfulCreate',
  'SuccessfulDelete',
  'ScalingReplicaSet',
  'Completed',
  'SawCompletedJob',
  'RegisteredNode',
]

/** A field selector that leaves them with the server. It knows no "or", so what is wanted cannot be named. */
export const WANTED_EVENTS = ORDINARY.map((reason) => `reason!=${reason}`).join(',')
