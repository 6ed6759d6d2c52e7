/** Puts the cursor behind the last letter of a field; of one that is not drawn yet, as soon as it is. */
export function focusAtEnd(within: Element | null, selector: string): void {
  const focus = () => {
    const field = within?.querySelector<HTMLTextAreaElement>(selector)
    field?.focus()
    field?.setSelectionRange(field.value.length, field.value.length)
    return field != null
  }
  if (!focus()) requestAnimationFrame(focus)
}
