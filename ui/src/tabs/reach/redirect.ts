/** Where an answer leads to. */

/**
 * @param location as the answer has it, perhaps without a host
 * @param target that answered
 * @returns undefined for what can't be reached for
 */
export function redirectOf(location: string, target: string): string | undefined {
  if (!URL.canParse(location, target)) return undefined
  const { protocol, href } = new URL(location, target)
  return ['http:', 'https:'].includes(protocol) ? href : undefined
}
