/** The time as kuard's own lines have it. */

let last = { second: 0, text: '' }

/**
 * Local date and time to the second, `2026/11/21 01:46:20`; made once for each second.
 * @param time in milliseconds since 1970
 */
export function localTime(time: number): string {
  const second = Math.floor(time / 1000)
  if (second !== last.second) {
    const at = new Date(second * 1000)
    const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(twoDigits).join('/')
    const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(':')
    last = { second, text: `${date} ${clock}` }
  }
  return last.text
}

const twoDigits = (part: number): string => String(part).padStart(2, '0')
