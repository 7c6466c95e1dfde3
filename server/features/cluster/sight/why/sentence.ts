/** Sentences that are parts of others. */

/** A sentence as it stands after a colon: its first word is small where it is no name. */
export const within = (sentence: string): string =>
  sentence.replace(/^(?:The|There|No|Container|Init)\b/, (word) => word.toLowerCase())
