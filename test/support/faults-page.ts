/** What a reader sees and presses in the Faults tab. */
import type { Locator, Page } from 'playwright-core'

/** A button by its whole name, in the page or in a part of it. */
export const button = (of: Page | Locator, name: string): Locator =>
  of.getByRole('button', { name, exact: true })

/** The words of the badge: `no fault is on`. */
export const badge = (page: Page, words: string): Locator =>
  page.getByRole('status').getByText(words, { exact: true })

/** The line of a fault that is on. */
export const lineOf = (page: Page, words: string | RegExp): Locator =>
  page.getByRole('list', { name: 'The faults that are on' }).getByRole('listitem').filter({ hasText: words })

/** What opens the form of a fault. */
export const summaryOf = (page: Page, name: string): Locator =>
  page.locator('summary').filter({ hasText: name }).first()

/** Opens the form of a fault. */
export async function openForm(page: Page, name: string): Promise<Locator> {
  await summaryOf(page, name).click()
  return page.getByRole('form', { name, exact: true })
}

/** The row of a fault that has ended, in the table of those. */
export const endedRow = (page: Page, words: RegExp): Locator =>
  page
    .getByRole('table', { name: 'The last faults that have ended, newest first' })
    .getByRole('row', { name: words })
