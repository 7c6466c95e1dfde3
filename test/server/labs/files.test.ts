/** What a lab's file may hold, and what is said where it holds something else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lab } from '../../../server/features/labs/wire.ts'
import { wholeLifetime } from '../../support/at-end.ts'
import { inWords, labOfOne, labsOf, labText, startWithLabs } from '../../support/labs.ts'

const fence = (block: string) => `\`\`\`step\n${block}\n\`\`\``
const mending = 'title: Mend\nkind: fix\nminutes: 5\ngoal: You see it.'

/** Each with what is said of it, line by line, without its name. */
const bad: Readonly<Record<string, readonly [text: string, ...faults: readonly (string | RegExp)[]]>> = {
  'no-front': ['# Hello', '1: it has to begin with its fields between two lines of ---'],
  'front-open': ['---\ntitle: a\n', '1: it has to begin with its fields between two lines of ---'],
  'unknown-field': [
    labText('## One', 'title: a\nminutes: 1\ngoal: b\nauthor: me'),
    '5: the lab has no field author; it has title, kind, chapter, minutes, goal, needs',
  ],
  'unknown-kind': [
    labText('## One', 'title: a\nkind: quiz\nminutes: 1\ngoal: b'),
    /^3: kind has to be one of chapter, across, fix, own/,
  ],
  'no-goal': [labText('## One', 'title: a\nminutes: 1'), '2: the lab needs the field goal'],
  'no-number': [labText('## One', 'title: a\nminutes: soon\ngoal: b'), /^3: minutes must be integer/],
  'no-chapter': [
    labText('## One', 'title: a\nkind: chapter\nminutes: 1\ngoal: b'),
    /^3: a lab of kind chapter needs/,
  ],
  'chapter-99': [
    labText('## One', 'title: a\nkind: chapter\nchapter: 99\nminutes: 1\ngoal: b'),
    /there is no chapter 99/,
  ],
  'broken-front': [labText('## One', 'title: a\nminutes: [1\ngoal: b'), /^4: Flow sequence/],
  'twice-front': [
    labText('## One', 'title: a\ntitle: b\nminutes: 1\ngoal: b'),
    /^3: Map keys must be unique/,
  ],
  'no-map': [labText('## One', '- a'), /^2: the lab must be object/],
  'no-step': [labText('Only text.'), /^it has no step/],
  'two-blocks': [
    labText(`## One\n\n${fence('run: [a]')}\n\n${fence('run: [b]')}`),
    /^13: there is a block of a step after the step’s own/,
  ],
  'block-in-intro': [
    labText(`${fence('run: [a]')}\n\n## One`),
    /^7: there is a block of a step before the first/,
  ],
  'block-in-list': [
    labText(`## One\n\n- here\n\n  \`\`\`step\n  run: [a]\n  \`\`\``),
    /^11: there is a block of a step in a list/,
  ],
  'same-title': [
    labText('## One\n\n## Two\n\n## ONE!'),
    '11: there is a step one before it: titles have to differ',
  ],
  'no-letters': [labText('## ***'), /heading has no letters/],
  'broken-block': [labOfOne('do: [a\nrun: b'), /^13: Flow sequence/],
  'unknown-in-block': [labOfOne('run: [a]\nafter: b'), /^13: a step has no field after; it has do, apply/],
  'unknown-reference': [
    labOfOne('do:\n  - 05-pods/kubectl-run/run\n  - 05-pods/kubectl-runn/run'),
    '14: no concept has 05-pods/kubectl-runn/run; the nearest is 05-pods/kubectl-run/run',
  ],
  'unknown-manifest': [
    labOfOne('apply: [../../etc/passwd]\ndelete: [none.yaml]'),
    '12: there is no manifest ../../etc/passwd',
    '13: there is no manifest none.yaml',
  ],
  'unknown-resource': [
    labOfOne('expect:\n  - { see: pod, named: a }'),
    /^13: pod can't be seen; what can is pods, /,
  ],
  since: [
    labOfOne('expect:\n  - { see: events, since: pod/a }\n  - { see: pods, since: pods/a }'),
    '14: since is of events alone',
  ],
  'unknown-resource-since': [
    labOfOne('expect:\n  - see: events\n    since: pod/a'),
    /^14: pod can't be seen; what can is pods, /,
  ],
  'no-condition': [
    labOfOne('expect:\n  - { watch: pods }'),
    '13: a condition needs the field see or the field get',
  ],
  'field-of-condition': [
    labOfOne('expect:\n  - see: pods\n    name: a'),
    /^14: a condition with see has no field name; it has see, named/,
  ],
  count: [labOfOne('expect:\n  - { see: pods, count: many }'), /^13: count /],
  'pattern-of-see': [
    labOfOne("expect:\n  - { see: pods, with: { status: '~ [' } }"),
    /^13: .*[Rr]egular expression/,
  ],
  'pattern-of-get': [labOfOne("expect:\n  - { get: /a, of: pod/a, matches: '[' }"), /^13: matches /],
  'of-whom': [labOfOne('expect:\n  - { get: /a, of: http://example.com, matches: a }'), /^13: of /],
  'path-of-get': [labOfOne('expect:\n  - { get: http://example.com/, of: pod/a, matches: a }'), /^13: get /],
  'mends-without-hints': [
    labText('## One', mending),
    'a lab that mends something needs hints in one of its steps',
  ],
  'two-hints': [
    labText(`## One\n\n${fence('hints: [a, b]\nsolution: c')}`, mending),
    '11: there have to be three hints, and there are 2',
  ],
  'no-solution': [
    labText(`## One\n\n${fence('hints: [a, b, c]')}`, mending),
    '11: what has hints needs a solution',
  ],
  bomb: [
    labText(
      '## One',
      `title: &a [x,x,x,x,x,x,x,x,x]\ngoal: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nneeds: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nkind: [*c,*c,*c,*c,*c,*c,*c]`,
    ),
    /./,
  ],
}

const files = Object.fromEntries(Object.entries(bad).map(([id, [text]]) => [`${id}.md`, text]))
const kuard = await startWithLabs(wholeLifetime(), files)
const { faults } = await labsOf(kuard)

for (const [id, [, ...expected]] of Object.entries(bad))
  test(`a file with faults is said to have them, with line and reason: ${id}`, async () => {
    const said = faults
      .filter(({ file }) => file === `${id}.md`)
      .map((fault) => inWords({ ...fault, file: '' }).replace(/^: ?/, ''))
    assert.equal(said.length, expected.length, said.join('\n'))
    for (const [index, one] of expected.entries())
      if (typeof one === 'string') assert.equal(said[index], one)
      else assert.match(said[index] ?? '', one)
    assert.equal((await kuard.get(`/labs/${id}`)).status, 404)
  })

test('all faults of a file are said at once', async (context) => {
  const own = await startWithLabs(context, {
    'many.md': labText(
      `## One\n\n${fence('runs: [a]')}\n\n## One\n\n${fence('do: [x]')}`,
      'title: a\nminutes: 1\ncolour: red',
    ),
  })
  assert.deepEqual(
    (await labsOf(own)).faults.map(({ line }) => line),
    [2, 4, 10, 13],
  )
})

test('lines are counted alike where they end as on Windows, and after a byte order mark', async (context) => {
  const text = `\uFEFF${labOfOne('do: [x/y/z]').replaceAll('\n', '\r\n')}`
  const own = await startWithLabs(context, { 'windows.md': text })
  assert.deepEqual(
    (await labsOf(own)).faults.map(({ line }) => line),
    [12],
  )
})

test('nothing of a text is active: no tag, no script, no picture, no link but to the web or within the page', async (context) => {
  const hostile = [
    '<script>alert(1)</script> <img src=x onerror=alert(1)> <a href="javascript:alert(1)">a</a>',
    '![picture](https://example.com/track.png)',
    '[one](javascript:alert(1)) [two](JaVaScRiPt:alert(1)) [three](data:text/html,x) [four](vbscript:x) [five](file:///etc/passwd)',
    '[six](java&#10;script:alert(1)) [seven](&#1;javascript:alert(1)) [eight](<javascript:alert(1)>)',
    '<javascript:alert(1)> <data:text/html,x> [nine][ref]',
    '[ok](https://example.com/a?b=1) [there](-/cluster) [here](#top) [root](/x:y)',
    '',
    '[ref]: javascript:alert(1)',
    '',
    '```html"onmouseover=alert(1)\n</code></pre><script>alert(1)</script>\n```',
  ].join('\n')
  const own = await startWithLabs(context, {
    'hostile.md': labText(
      `${hostile}\n\n## <b>One</b>\n\n${hostile}\n\n${fence(`hints: ['<b onclick="x">h</b>']`)}\n\n${hostile}`,
    ),
  })
  const lab = (await own.get('/labs/hostile')).json(Lab)
  const [step] = lab.steps
  assert.equal(step?.title, '<b>One</b>')
  for (const html of [lab.intro, step.before, step.after, ...step.hints]) {
    const tags = Array.from(
      html.matchAll(/<(\/?)([a-z0-9]+)((?:[^>"]|"[^"]*")*)>/gi),
      ([, , name = '', attributes = '']) => [name, attributes.trim()] as const,
    )
    assert.deepEqual(
      tags.filter(([name]) => !['p', 'a', 'pre', 'code'].includes(name)),
      [],
    )
    const attributes = tags.flatMap(([name, text]) => (name === 'a' ? [] : text === '' ? [] : [text]))
    assert.ok(
      attributes.every((one) => one.startsWith('class="language-')),
      attributes.join(),
    )
    const targets = Array.from(html.matchAll(/<a href="([^"]*)"([^>]*)>/g), ([, href = '', rest = '']) => [
      href,
      rest.trim(),
    ])
    const leads = targets.map(([href = '']) => new URL(href.replaceAll('&amp;', '&'), own.url).protocol)
    assert.ok(
      leads.every((protocol) => /^https?:$/.test(protocol)),
      JSON.stringify(targets),
    )
  }
  const beside = 'target="_blank" rel="noopener noreferrer"'
  assert.match(
    lab.intro,
    new RegExp(
      `<a href="https://example.com/a\\?b=1" ${beside}>ok</a> <a href="-/cluster" ${beside}>there</a>`,
    ),
  )
})

test('titles in other scripts have ids too', async (context) => {
  const own = await startWithLabs(context, {
    'words.md': labText('## Éin Größenwahn: `kubectl get`!\n\n## 你好\n\n## 2. Step'),
  })
  const lab = (await own.get('/labs/words')).json(Lab)
  assert.deepEqual(
    lab.steps.map(({ id }) => id),
    ['ein-großenwahn-kubectl-get', '你好', '2-step'],
  )
})
