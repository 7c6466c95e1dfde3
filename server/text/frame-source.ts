/** Who may show a page in a frame, as `--frame-ancestors` names it. */

/**
 * Reads one source of a policy's frame-ancestors (https://www.w3.org/TR/CSP3/#directive-frame-ancestors); its keywords need no quotes.
 * @returns it as a policy has it, or undefined when it is none
 */
export function parseFrameSource(text: string): string | undefined {
  const keyword = /^'?(none|self)'?$/.exec(text)?.[1]
  if (keyword !== undefined) return `'${keyword}'`
  return /^(\*|https?:|(https?:\/\/)?(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:(\d+|\*))?)$/i.test(text)
    ? text
    : undefined
}
