/** The headers that every answer has, whatever it answers. */

/**
 * Who answers; that a browser takes it for no other type than it says (https://fetch.spec.whatwg.org/#x-content-type-options-header),
 * and that no page of another site may embed it (https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header).
 * @param pod this host's name
 */
export const sharedHeaders = (pod: string): Readonly<Record<string, string>> => ({
  'x-served-by': pod,
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
})
