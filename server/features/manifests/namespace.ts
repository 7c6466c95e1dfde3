/** The namespace that a manifest names, and another one in its place. */

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
export const namespacePattern = '^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$'
export const maxNamespaceLength = 63

// A line with nothing or a comment behind it; what belongs to no namespace has it at the end of its name, to have one for each.
const inManifest = /^([ -]*(?:namespace: |name: [a-z][\w.-]*:))default(?=[ \r]*(?: #.*)?$)/gm

/** A namespace to be used for `default`. */
export class Namespace {
  readonly #name: string

  /** @param name as `namespacePattern` has it */
  constructor(name: string) {
    this.#name = name
  }

  /** @param text a manifest, of which every other line stays as it is */
  inManifest(text: string): string {
    return text.replace(inManifest, (_line, before: string) => before + this.#after(before))
  }

  /** Alone it may be a number to YAML, or true. */
  #after(before: string): string {
    return before.endsWith(' ') ? `"${this.#name}"` : this.#name
  }
}
