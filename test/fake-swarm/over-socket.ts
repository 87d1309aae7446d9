import http from 'node:http'

/** What is answered there. */
export function over(socketPath: string, where: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ socketPath, path: where, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
    })
    request.on('error', reject)
  })
}
