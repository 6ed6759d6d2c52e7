'use client'
import { useKeys } from '../ui/use-keys'

/** Each slice of the page's tables is a link to its rows, marked with `data-slice`. */
const links = () => [...document.querySelectorAll<HTMLAnchorElement>('a[data-slice]')]

function move(by: 1 | -1): void {
  const all = links()
  const at = all.indexOf(document.activeElement as HTMLAnchorElement)
  const chosen = all.findIndex(link => link.getAttribute('aria-current') === 'true')
  const from = at >= 0 ? at : chosen >= 0 ? chosen : by === 1 ? -1 : all.length
  all[Math.min(all.length - 1, Math.max(0, from + by))]?.focus()
}

/** `J` and `K` go from slice to slice; `↵` then opens its rows, as of any link. */
export function SliceKeys() {
  useKeys('Models', [
    { chord: 'j', label: 'next slice', repeat: true, run: () => move(1) },
    { chord: 'k', label: 'slice before', repeat: true, run: () => move(-1) },
  ])
  return null
}
