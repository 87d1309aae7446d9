import type { ReasonCode } from '../status.ts'

/**
 * What to try, by reason: most likely help first. The order of the table is the order in which reasons explain a
 * standstill: what keeps an instance from ever starting, then what ends it, then what keeps it from being ready,
 * then what merely holds the change.
 */
const TABLE: Readonly<Record<ReasonCode, readonly string[]>> = {
  ImageNotFound: [
    'check the spelling of the image and its tag, and that the build has pushed it',
    'roll back to the revision before: its image is there',
  ],
  RegistryAuth: [
    'set registryAuth to a secret that holds valid credentials of the registry',
    'check that these credentials may pull this repository and have not expired',
  ],
  ImagePullFailed: [
    'check that the nodes reach the registry (name, proxy, certificate, rate limit)',
    'pull the image by hand on the node that reports it',
  ],
  SecretMissing: [
    'create the secret on this cluster under exactly this name and key, then apply again',
    'check the { secret } references in env, files, volumes and registryAuth',
  ],
  ConfigMissing: [
    'create the config on this cluster under exactly this name and key, then apply again',
    'check the { config } references in env, files and volumes',
  ],
  AdmissionDenied: [
    'change what the policy named in the message forbids (image, user, privileges, labels)',
    "ask the cluster's owners for an exception",
  ],
  QuotaExceeded: [
    'lower replicas or resources/requests, of this app or of another one under the same quota',
    'with maxSurge above 0 an update needs room for one more: set maxSurge 0 and maxUnavailable 1',
    "ask the cluster's owners for a larger quota",
  ],
  NoNodes: [
    'look at the nodes: start them, or end their draining',
    "check that placement/pool names a set of nodes that has members, and the app's tolerations",
  ],
  InsufficientCpu: [
    'lower resources/requests/cpu to what the app needs',
    'lower replicas, of this app or of one that reserves more than it uses',
    'add a node, or one large enough for a single instance',
  ],
  InsufficientMemory: [
    'lower resources/requests/memory to what the app needs',
    'lower replicas, of this app or of one that reserves more than it uses',
    'add a node, or one large enough for a single instance',
  ],
  InsufficientDisk: [
    'lower resources/requests/disk or the size of the claims',
    'remove unused images and volumes from the nodes',
    'add a node with more disk',
  ],
  InsufficientGpu: [
    'lower resources/gpus, or suspend another app that holds one',
    'check that the nodes with gpus are ready and announce them',
  ],
  PortConflict: [
    'take another hostPort, or "dynamic"',
    'find the app that holds the port on these nodes',
    'with a fixed hostPort an update needs maxSurge 0 and maxUnavailable 1',
  ],
  ConstraintUnsatisfied: [
    'compare placement/require with the attributes the nodes have',
    'turn the rule into placement/prefer, or raise maxPerNode',
    'give the attribute to a node that fits',
  ],
  VolumeUnavailable: [
    'check that the volume, its driver and its storage class exist on this cluster',
    'check that no other node still holds it: an instance on a lost node keeps it until that is expunged',
  ],
  OomKilled: [
    'raise resources/limits/memory',
    "look for a leak in the app's own figures, and set the heap limit of its runtime below the memory limit",
  ],
  StartFailed: [
    'check entrypoint, args, shell and workingDir against the image: the program was not found or not executable',
    'check that security/user may run it, and that mounted files do not hide it',
  ],
  ExitNonZero: [
    'read the last lines of its log: logs with previous where the engine keeps them',
    'check the configuration and the services it connects to at start',
    'roll back if it began with the newest revision',
  ],
  CrashLoop: [
    'read the last lines of its log: logs with previous where the engine keeps them',
    'roll back if it began with the newest revision',
    'give slow starters a startup probe or a startPeriod, so that they are not killed while starting',
  ],
  StartupTimeout: [
    'raise startPeriod or failureThreshold of the startup probe',
    'read the log of the start, and check what it waits for',
  ],
  LivenessFailed: [
    'check path, port and timeout of the liveness probe against what the app answers',
    'raise its timeout or failureThreshold if the app is merely slow under load',
    'probe only the app itself there, not the services behind it',
  ],
  ReadinessFailed: [
    'call what the readiness probe calls, from inside the instance, and read the answer',
    'check path, port and timeout of the readiness probe',
    'check the services the app needs before it answers',
  ],
  NodeLost: [
    'look at the node: power, network, the agent of the engine',
    'set onUnreachable/replaceAfter so that its instances are replaced without a person',
  ],
  NodeDrained: [
    'wait: the instance is made anew elsewhere',
    'if it finds no place, end the draining or add a node',
  ],
  Evicted: [
    'set resources/requests to what the app really uses: those above it are evicted first',
    'look at memory and disk of the node',
  ],
  Preempted: ['wait for a place, or give the app a higher priority in its native settings'],
  DeadlineExceeded: [
    'raise job/deadline or update/progressDeadline if the work takes that long',
    'look at the other findings: they tell what held it up',
  ],
  PausedOnFailure: [
    'mend what the other findings name and apply again',
    'roll back to the revision before',
    'resume if the failure was not of the new revision',
  ],
  PausedByUser: ['resume to go on, or roll back'],
  LockedByDeployment: [
    'wait for the change in progress, or follow it',
    'make the change with force to go over it',
  ],
  Unknown: ["look at the engine's own objects (native), and at its log on the node"],
}

const RANK = new Map(Object.keys(TABLE).map((code, index) => [code as ReasonCode, index]))

export function remediesFor(code: ReasonCode): readonly string[] {
  return TABLE[code]
}

/** Less is told first. */
export function importanceOf(code: ReasonCode): number {
  return RANK.get(code) ?? TABLE.Unknown.length
}
