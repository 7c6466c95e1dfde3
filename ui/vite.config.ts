/** How the UI is built: addresses relative to the page, so that it works under any path that a proxy strips. */
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

/** Of lib and parts: what is loaded when it is wanted. */
const alone = ['plot', 'Plot', 'own-broadcast', 'broadcast', 'stream', 'connection', 'wanted'].join('|')

/** What tabs share that the first one hasn't. */
const notOfTheFirst = [
  'chosen-image',
  'container-end',
  'draft',
  'endpoint-slices',
  'environment',
  'event-words',
  'forwarded',
  'list-of',
  'manifest-commands',
  'milliseconds',
  'rights',
  'secrets',
  'version-colour',
  'waterfall',
  'words',
  'AnsweredBy',
  'ChoiceRow',
  'CommandNotes',
  'EventStrip',
  'EventTable',
  'Field',
  'Grant',
  'ImageChoice',
  'KeyFigures',
  'OrderForm',
  'RestartWords',
  'RowOpener',
  'SightDetails',
  'Sparkline',
  'StateBadge',
  'StateSign',
  'StateWord',
  'TimeBar',
  'Until',
  'ViewerSteps',
  'Words',
].join('|')

export default defineConfig({
  base: './',
  plugins: [svelte()],
  build: {
    emptyOutDir: true,
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // The page's policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What tabs share is two files, and not one for each part: what the first tab has too, and the rest.
    rolldownOptions: {
      checks: { bundlerTimings: false },
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'shared',
              test: new RegExp(String.raw`node_modules/svelte|src/(lib|parts)/(?!${alone}|${notOfTheFirst})`),
            },
            {
              name: 'controls',
              test: new RegExp(`src/(lib|parts)/(${notOfTheFirst})|server/text/selector`),
            },
          ],
        },
      },
    },
  },
  worker: { format: 'es' },
})
