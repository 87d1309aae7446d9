import { type AppId, type AppKind, IntermodalError } from 'intermodal'

export function notFound(app: AppId): IntermodalError {
  return new IntermodalError('APP_NOT_FOUND', `there is no app ${app}`, {
    app,
    remedy: 'apply it first',
  })
}

export function materialMissing(app: AppId, problems: readonly string[]): IntermodalError {
  return new IntermodalError('APP_INVALID', `${app}: ${problems.join('; ')}`, {
    app,
    remedy: 'put the secret or config first, or mend the reference',
  })
}

export function foreign(app: AppId, owner: string): IntermodalError {
  return new IntermodalError('CONFLICT', `${app} belongs to ${owner}`, {
    app,
    remedy: 'leave it to them, or go on with { force: true } (--force)',
  })
}

export function changedMeanwhile(app: AppId): IntermodalError {
  return new IntermodalError('CONFLICT', `${app} was changed by someone else in the meantime`, {
    app,
    remedy: 'look at what it is now, then apply again',
  })
}

export function beingRemoved(app: AppId): IntermodalError {
  return new IntermodalError('LOCKED', `${app} is being removed`, {
    app,
    remedy: 'wait until it is gone',
  })
}

export function locked(app: AppId): IntermodalError {
  return new IntermodalError('LOCKED', `a deployment holds ${app}`, {
    app,
    remedy: 'wait until it has ended, or go over it with { force: true } (--force)',
  })
}

export function noRollout(app: AppId): IntermodalError {
  return new IntermodalError('CONFLICT', `${app} has no rollout in progress to pause`, {
    app,
    remedy: 'pause while a change is rolling out',
  })
}

export function noRevision(app: AppId, revision: string | undefined): IntermodalError {
  const what = revision === undefined ? 'no earlier revision' : `no revision ${revision}`
  return new IntermodalError('CONFLICT', `${app} has ${what} to go back to`, {
    app,
    remedy: 'apply the app you want instead',
  })
}

export function noCount(app: AppId, kind: string): IntermodalError {
  return new IntermodalError('UNSUPPORTED', `${app} is a ${kind}, which has no replica count`, {
    app,
    remedy: 'only a service or a stateful app can be scaled',
  })
}

export function otherKind(app: AppId, before: AppKind, after: AppKind): IntermodalError {
  return new IntermodalError('UNSUPPORTED', `${app} is a ${before} and cannot become a ${after}`, {
    app,
    remedy: 'remove it first, or apply with replace',
  })
}
