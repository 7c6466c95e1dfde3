/** Svelte's own options, for the build, the type check and the linter alike. */
export default { compilerOptions: { runes: true } }
