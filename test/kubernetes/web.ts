import { type AppInput, defineApp, type IntermodalError } from 'intermodal'

export function web(more: Partial<AppInput> = {}) {
  return defineApp({ id: '/web', image: 'nginx:1', ...more } as AppInput)
}

export async function refusal(promise: Promise<unknown>): Promise<IntermodalError> {
  return promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: IntermodalError) => error,
  )
}
