/** The image of kuard in manifests and commands, and another one in its place. */

// The grammar of https://pkg.go.dev/github.com/distribution/reference; no part of it can match in two ways.
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'
const host = String.raw`(?:${label}(?:\.${label})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?`
const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const tag = String.raw`[\w][\w.-]{0,127}`
const digest = '[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'
const version = `(?::${tag})?(?:@${digest})?$`

/** What the name of an image is, with tag and digest or without; as a regular expression. */
export const imagePattern = `^(?:${host}/)?${component}(?:/${component})*${version}`

/** Of a name, without tag and digest, in distribution/reference; here of all together, which no real one comes near. */
export const maxImageLength = 255

const atItsEnd = new RegExp(version)

// A line of a manifest with nothing or a comment behind it.
const inManifest = new RegExp(`^([ -]*image: )kuard(:${tag})(?=[ \r]*(?: #.*)?$)`, 'gm')
// `--image=kuard:blue`, `kuard=kuard:blue`, `"image":"kuard:blue"`; not the host of an address.
const inCommand = /(?<=[="])kuard(:(?:blue|green|purple|[123]))(?![\w.:/@-])/g

/** An image to be used for kuard's. */
export class Image {
  readonly #name: string
  /** Its own tag and digest, with their signs; empty when it keeps those of the manifests. */
  readonly #version: string

  /**
   * @param text as `imagePattern` has it: `registry.example.com/me/kuard`, which takes on each manifest's own tag, or one with a
   *   tag or a digest
   */
  constructor(text: string) {
    this.#version = atItsEnd.exec(text)?.[0] ?? ''
    this.#name = text.slice(0, text.length - this.#version.length)
  }

  /** @param text a manifest, of which every other line stays as it is */
  inManifest(text: string): string {
    return text.replace(
      inManifest,
      (_line, before: string, tag: string) => `${before}${asYaml(this.#withTag(tag))}`,
    )
  }

  inCommand(command: string): string {
    return command.replace(inCommand, (_image, tag: string) => this.#withTag(tag))
  }

  #withTag(tag: string): string {
    return this.#name + (this.#version || tag)
  }
}

/** Whatever begins with a letter, and has a colon but no space after it, is text to YAML; `12:30` may be a number, `[` a list. */
const asYaml = (image: string): string => (/^[a-z]/i.test(image) ? image : `"${image}"`)
