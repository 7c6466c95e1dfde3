/** Copying, also where the page came over plain HTTP from another host, where browsers have no clipboard to offer. */

/** @throws Error when the browser doesn't let it */
export async function copyText(text: string): Promise<void> {
  if (isSecureContext) {
    await navigator.clipboard.writeText(text)
    return
  }
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'unseen'
  const { activeElement } = document
  document.body.append(area)
  area.select()
  // Deprecated, and the only way there is.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const copied = document.execCommand('copy')
  area.remove()
  if (activeElement instanceof HTMLElement) activeElement.focus()
  if (!copied) throw new Error('the browser did not let this page copy')
}
