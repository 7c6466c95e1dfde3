/** The name of this pod's node, as a manifest gives it to the container by the downward API: fieldPath spec.nodeName. */

/** How such variables' names end, in upper case with `_`; nothing is said of it but by custom. */
export const nodeNameVariable = /(^|_)NODE_?NAME$/

/** @returns undefined where no variable has it */
export const nodeNameIn = (env: NodeJS.ProcessEnv): string | undefined =>
  Object.entries(env).find(([name, value]) => nodeNameVariable.test(name) && value !== '')?.[1]
