/** Text of strangers in a terminal or a log. */

const controls = /[\p{Cc}\u2028\u2029]/u
const everyControl = new RegExp(controls, 'gu')

/** The text with its control characters escaped as in JSON, so that it can neither break a line nor steer a terminal. */
export const printable = (text: string): string =>
  controls.test(text)
    ? text.replace(everyControl, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : text
