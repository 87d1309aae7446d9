import { canonicalJson, printApp } from 'intermodal'
import type { KubernetesObject } from 'intermodal/kubernetes'
import { describe, expect, it } from 'vitest'
import { interpret } from '../../adapters/kubernetes/interpret.ts'
import { MEMO } from '../../adapters/kubernetes/marks.ts'
import type { KubernetesNative } from '../../adapters/kubernetes/native.ts'
import { comparable } from '../../adapters/kubernetes/residue.ts'
import { sortOut } from '../../adapters/kubernetes/sort-out.ts'
import { translate } from '../../adapters/kubernetes/translate.ts'
import { fc } from '../support/property.ts'
import { app } from './arbitrary.ts'
import { singleApps } from './corpus.ts'

describe('there and back', () => {
  it('gives the same app again, its losses remembered', () => {
    fc.assert(
      fc.property(app, (wanted) => {
        const { native } = translate(wanted)
        expect(printApp(interpret(native).app)).toEqual(printApp(wanted))
      }),
      { numRuns: 150 },
    )
  })

  it('gives an app that means the same when the memo is lost', () => {
    fc.assert(
      fc.property(app, (wanted) => {
        const bare = withoutMemo(translate(wanted).native)
        const again = translate(interpret(bare).app)
        expect(comparable(again.native.objects, {})).toEqual(comparable(bare.objects, {}))
      }),
      { numRuns: 100 },
    )
  })

  it('is the same each time', () => {
    fc.assert(
      fc.property(app, (wanted) => {
        expect(canonicalJson(translate(wanted))).toBe(canonicalJson(translate(wanted)))
      }),
      { numRuns: 30 },
    )
  })
})

function withoutMemo({ objects }: KubernetesNative): KubernetesNative {
  const [workload, ...rest] = objects
  if (!workload) throw new Error('no workload')
  const { [MEMO]: _, ...annotations } = workload.metadata.annotations ?? {}
  return { objects: [{ ...workload, metadata: { ...workload.metadata, annotations } }, ...rest] }
}

/** Templates of other tools, which the API would refuse as they are. */
const NOT_YET_OBJECTS: readonly RegExp[] = [
  // A name and a list are still placeholders.
  /garden-io\+garden__e2e-projects-templated-k8s-container-modules/,
  /garden-io\+garden__examples-k8s-deploy-shared-manifests/,
  // No name at all, and labels without a value.
  /container-transform__container_transform-tests-k8s_tests/,
  // `generateName` is for objects made once, not for what is applied again.
  /candeploy-deployment-generate-name/,
]

describe('a file of the corpus', () => {
  const files = singleApps().filter(([file]) => !NOT_YET_OBJECTS.some((one) => one.test(file)))

  it('is there in numbers', () => {
    expect(files.length).toBeGreaterThan(150)
  })

  it.each(files.filter((_, index) => index % 2 === 0))(
    '%s means the same after going through the model',
    (_, objects) => {
      const { native } = translate(interpret({ objects }).app)
      const given = withSelector(sortOut(objects).objects, native.objects)
      expect(comparable(native.objects, {})).toEqual(comparable(given, {}))
    },
  )
})

/** A manifest that leaves the selector to others gets the one of translation: no server takes it without. */
function withSelector(
  [workload, ...rest]: readonly KubernetesObject[],
  [built]: readonly KubernetesObject[],
): readonly KubernetesObject[] {
  if (!workload) return []
  const spec = (workload.spec ?? {}) as { readonly selector?: unknown }
  const { selector } = (built?.spec ?? {}) as { readonly selector?: unknown }
  if (spec.selector !== undefined || selector === undefined) return [workload, ...rest]
  return [{ ...workload, spec: { ...spec, selector } }, ...rest]
}
