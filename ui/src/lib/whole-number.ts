/** Whole numbers as people type them. */

/** @returns undefined for anything else than digits, and for what is too large to be exact */
export function wholeNumber(text: string): number | undefined {
  const number = /^\d+$/.test(text.trim()) ? Number(text) : NaN
  return Number.isSafeInteger(number) ? number : undefined
}
