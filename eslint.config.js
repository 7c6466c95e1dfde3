import js from '@eslint/js'
import svelte from 'eslint-plugin-svelte'
import { defineConfig } from 'eslint/config'
import globals from 'globals'
import tseslint from 'typescript-eslint'

export default defineConfig(
  { ignores: ['dist/', 'dist-*/', 'node_modules/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, extraFileExtensions: ['.svelte'] } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
      ],
      // node:test's own functions return promises that the runner awaits.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'suite', 'describe', 'it'] },
          ],
        },
      ],
    },
  },
  // Read by other systems' Node.js.
  { files: ['manifests/**/*.js'], languageOptions: { sourceType: 'commonjs', globals: globals.node } },
  svelte.configs.recommended,
  {
    files: ['ui/src/**'],
    // The page's own script gives the second.
    languageOptions: { globals: { ...globals.browser, reloadOnce: 'readonly' } },
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [
                '**/server/**/*.ts',
                '!**/server/features/manifests/commands.ts',
                '!**/server/features/manifests/image.ts',
                '!**/server/text/selector.ts',
              ],
              allowTypeImports: true,
              message: 'Only types, from a wire.ts.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  { files: ['**/*.{mjs,cjs}'], languageOptions: { globals: { process: 'readonly', require: 'readonly' } } },
)
