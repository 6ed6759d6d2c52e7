'use client'
import { Check, Copy } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from './button'
import styles from './snippet.module.css'

export interface SnippetProps {
  /** What it is for: “With curl”. */
  label: string
  code: string
}

/** Code to take away, over several lines. */
export function Snippet({ label, code }: SnippetProps) {
  const text = useRef<HTMLPreElement>(null)
  const [state, setState] = useState<'rest' | 'copied' | 'refused'>('rest')
  useEffect(() => {
    if (state === 'rest') return
    const timer = setTimeout(() => setState('rest'), 4000)
    return () => clearTimeout(timer)
  }, [state])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code)
      setState('copied')
    } catch {
      // The clipboard is closed without TLS or permission: the text is selected for the person to copy.
      if (text.current) getSelection()?.selectAllChildren(text.current)
      setState('refused')
    }
  }
  return (
    <section className={styles.frame} aria-label={label}>
      <div className={styles.top}>
        <span className={styles.label}>{label}</span>
        <span className={styles.said} role="status">
          {state === 'refused'
            ? 'Selected. Copy it with your keyboard.'
            : state === 'copied'
              ? 'Copied.'
              : ''}
        </span>
        <Button size="small" icon={state === 'copied' ? <Check /> : <Copy />} onClick={copy}>
          Copy
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable from the keyboard. */}
      <pre ref={text} className={styles.code} tabIndex={0}>
        {code}
      </pre>
    </section>
  )
}
