/** The headers that every answer has, whatever it answers. */

/** Who answers. */
export interface Answerer {
  /** This host's name; in a pod, the pod's. */
  readonly pod: string
  /** The version's name, such as `1.0.0-blue`. */
  readonly version: string
}

/**
 * Who answers; that a browser takes it for no other type than it says (https://fetch.spec.whatwg.org/#x-content-type-options-header),
 * and that no page of another site may embed it (https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header).
 */
export const sharedHeaders = ({ pod, version }: Answerer): Readonly<Record<string, string>> => ({
  'x-served-by': pod,
  'x-served-version': version,
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
})
