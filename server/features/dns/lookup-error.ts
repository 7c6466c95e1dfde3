/** Why a lookup has no answer. */

/** A question that can't be asked, or that nobody answers; the message says why, in words for the user. */
export class LookupError extends Error {
  override name = 'LookupError'
}
