import { type Answer, Refused } from '../http/answer.ts'

export { type Answer, Refused }

export interface Problem {
  readonly path: string
  readonly error: string
}

function message(status: number, text: string): Refused {
  return new Refused({ status, json: { message: text } })
}

export function invalid(title: string, problems: readonly Problem[]): Refused {
  const byPath = new Map<string, string[]>()
  for (const { path, error } of problems) byPath.set(path, [...(byPath.get(path) ?? []), error])
  const details = [...byPath].map(([path, errors]) => ({ path, errors }))
  return new Refused({ status: 422, json: { message: title, details } })
}

/** A rule between fields was broken. */
export function notValid(path: string, error: string): Refused {
  return invalid('Object is not valid', [{ path, error }])
}

export function badRequest(text: string): Refused {
  return message(400, text)
}

export function notJson(details: string): Refused {
  return new Refused({ status: 400, json: { message: 'Invalid JSON', details } })
}

/** A number that cannot be understood, a label selector with a fault: 422 without details. */
export function unprocessable(text: string): Refused {
  return message(422, text)
}

export function appNotFound(id: string, version?: string): Refused {
  const which = version === undefined ? '' : ` in version ${version}`
  return message(404, `App '${id}' does not exist${which}`)
}

export function groupNotFound(id: string, version?: string): Refused {
  const which = version === undefined ? '' : ` in version ${version}`
  return message(404, `Group '${id}' does not exist${which}`)
}

/** In a pod's 404 the message is JSON once more. */
export function podNotFound(id: string): Refused {
  return message(404, JSON.stringify({ message: `Pod '${id}' does not exist` }))
}

export function taskNotFound(id: string): Refused {
  return message(404, `Task '${id}' does not exist`)
}

export function deploymentNotFound(id: string): Refused {
  return message(404, `DeploymentPlan ${id} does not exist`)
}

export function notQueued(id: string): Refused {
  return message(404, `Application ${id} not found in tasks queue.`)
}

export function conflict(text: string): Refused {
  return message(409, text)
}

export function tooManyDeployments(most: number): Refused {
  return message(
    403,
    `Max number (${most}) of running deployments is achieved. Wait for existing deployments to complete or cancel one using force=true parameter.`,
  )
}

export function locked(deployments: readonly string[]): Refused {
  return new Refused({
    status: 409,
    json: {
      message:
        "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.",
      deployments: deployments.map((id) => ({ id })),
    },
  })
}

/** Forms of before and since 1.5 mixed: nobody maps this failure, so it is a 500. */
export function notNormal(text: string): Refused {
  return message(500, text)
}

/** A route nobody serves: Marathon answers 500, not 404. */
export function unknownRoute(): Refused {
  return message(500, 'URI not found')
}

export function wrongMethod(): Refused {
  return message(405, 'Method Not Allowed')
}

export function html(status: number, reason: string, path: string): Answer {
  const text = `<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>\n<title>Error ${status} ${reason}</title>\n</head>\n<body><h2>HTTP ERROR ${status}</h2>\n<p>Problem accessing ${escapeHtml(path)}. Reason:\n<pre>    ${reason}</pre></p><hr><a href="http://eclipse.org/jetty">Powered by Jetty:// 9.4.z-SNAPSHOT</a><hr/>\n</body>\n</html>\n`
  return { status, text, type: 'text/html;charset=iso-8859-1' }
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
