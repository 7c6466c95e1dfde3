/** Every route's four places. */
export const prefixes = ['', '/a', '/b', '/c'] as const
