import { isObject, type JsonObject } from '../json.ts'
import { apiVersionOf, type Kind, NEW_EVENTS } from '../kinds.ts'
import { type KubeObject, microTime } from '../objects.ts'

/** As it is told: with its kind first, under the version that was asked for. */
export function shownAs(kind: Kind, object: KubeObject): JsonObject {
  const {
    apiVersion: _,
    kind: __,
    ...rest
  } = (kind === NEW_EVENTS ? newEvent(object) : object) as KubeObject & JsonObject
  return { kind: kind.kind, apiVersion: apiVersionOf(kind), ...rest } as unknown as JsonObject
}

/** In a list the kind is said once, of the list. */
export function shownInList(kind: Kind, object: KubeObject): JsonObject {
  const { kind: _, apiVersion: __, ...rest } = shownAs(kind, object)
  return rest
}

function newEvent(object: KubeObject): KubeObject {
  const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, ...rest } = object
  const { reportingComponent, ...others } = rest
  return {
    ...others,
    reportingController: reportingComponent,
    regarding: involvedObject,
    note: message,
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedCount: count,
  } as unknown as KubeObject
}

/** Back to how events are kept. */
export function oldEvent(given: JsonObject): JsonObject {
  const { regarding, note, reportingController, deprecatedSource, deprecatedCount, ...rest } = given
  const { deprecatedFirstTimestamp, deprecatedLastTimestamp, ...others } = rest
  return {
    ...others,
    involvedObject: regarding,
    message: note,
    reportingComponent: reportingController,
    source: isObject(deprecatedSource) ? deprecatedSource : {},
    count: deprecatedCount,
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    eventTime: others.eventTime ?? microTime(0),
  }
}
