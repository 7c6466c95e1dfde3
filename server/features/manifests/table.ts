/** Reads the tables of manifests/README.md: what to try, chapter by chapter. */
import { posix } from 'node:path'
import type { Chapter, Concept } from './wire.ts'

const section = '## What to try'

/**
 * Every concept, in the order of the tables.
 * @param markdown with a heading `### 5 Pods` over each table; GitHub's Markdown (https://github.github.com/gfm/#tables-extension-)
 */
export function parseChapters(markdown: string): Chapter[] {
  const chapters: Chapter[] = []
  let isInside = false
  for (const line of markdown.split(/\r?\n/)) {
    if (line.startsWith('## ')) isInside = line.trim() === section
    if (!isInside) continue
    const [, number, title = ''] = /^### (\d+) +(.*\S)/.exec(line) ?? []
    if (number !== undefined) chapters.push({ number: Number(number), title, concepts: [] })
    else if (line.startsWith('|')) chapters.at(-1)?.concepts.push(parseRow(line))
  }
  // Every table begins with its header and a line of dashes.
  return chapters.map((chapter) => ({ ...chapter, concepts: chapter.concepts.slice(2) }))
}

function parseRow(line: string): Concept {
  const [name = '', apply = '', run = '', page = '', kubectl = '', tests = ''] = cellsOf(line)
  return {
    name: wordsIn(name) ?? '',
    apply: linksIn(apply),
    run: codeIn(run),
    page: wordsIn(page),
    kubectl: wordsIn(kubectl),
    // As links they are relative to the README's folder.
    tests: linksIn(tests).map((path) => posix.join('manifests', path)),
  }
}

/** A backslash makes a pipe a part of its cell, also in code. */
const cellsOf = (line: string): string[] =>
  line
    .split(/(?<!\\)\|/)
    .slice(1)
    .map((cell) => cell.trim().replaceAll(String.raw`\|`, '|'))

const linksIn = (cell: string): string[] =>
  [...cell.matchAll(/\]\(([^)\s]+)\)/g)].map(([, path = '']) => posix.normalize(path))

const codeIn = (cell: string): string[] =>
  [...cell.matchAll(/(`+)(.+?)\1(?!`)/g)].map(([, , code = '']) => code.trim())

/** The text of a cell: code stays between its backticks, a link is its text, an escaped character itself. */
function wordsIn(cell: string): string | null {
  const words = cell.replace(
    /(`+.+?`+)|\[([^\]]*)\]\([^)]*\)|\\([!-/:-@[-_{-~])/g,
    (_whole, code?: string, text?: string, escaped?: string) => code ?? text ?? escaped ?? '',
  )
  return ['', '-'].includes(words) ? null : words
}
