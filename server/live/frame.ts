/** Events as they are written. */

/** An event in the stream's format (WHATWG HTML, section 9.2.5). JSON has no line breaks, so one data line will do. */
export const frameOf = (event: string, state: unknown): Buffer =>
  Buffer.from(`event: ${event}\ndata: ${JSON.stringify(state)}\n\n`)
