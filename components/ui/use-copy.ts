'use client'
import { useEffect, useState } from 'react'

const saidForMs = 4_000

/** Puts a text on the clipboard; where that is closed, `select` marks it for the person to copy. */
export function useCopy(text: string, select: () => void) {
  const [state, setState] = useState<'rest' | 'copied' | 'refused'>('rest')
  useEffect(() => {
    if (state === 'rest') return
    const timer = setTimeout(() => setState('rest'), saidForMs)
    return () => clearTimeout(timer)
  }, [state])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setState('copied')
    } catch {
      // Without TLS or permission.
      select()
      setState('refused')
    }
  }
  const said = { rest: null, copied: 'Copied.', refused: 'Selected. Copy it with your keyboard.' }[state]
  return { copy, copied: state === 'copied', said }
}
