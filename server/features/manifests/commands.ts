/** The commands of a concept that are the same everywhere but for where its files are: in a folder, or at an address. */

const files = (names: readonly string[]): string => names.map((name) => `-f ${name}`).join(' ')

/** @param names of the files, or their addresses, as words of a shell */
export const applyCommand = (names: readonly string[]): string => `kubectl apply ${files(names)}`

/** Also where some of it is gone already. @param names as for applyCommand */
export const deleteCommand = (names: readonly string[]): string =>
  `kubectl delete --ignore-not-found ${files(names)}`
